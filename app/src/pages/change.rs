//! Pages that ask before something lasting is done: promote, stop, delete. Each names the effects first.

use handover::{
    model::{Action, WorkloadId, WorkloadRecord},
    promote::{self, PromotePreview},
    workloads,
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    id,
    layout::{Crumbs, Layout, Part},
};
use crate::{
    actions::{DeleteWorkload, Promote, StopWorkload, asks_for_name},
    components::{
        chip::version_label,
        curl::{ApiCall, call},
        field::Field,
        format::roughly,
    },
    context,
};

/// The frame of a question about a workload.
#[component]
fn Ask(workload: WorkloadRecord, title: &'static str, children: Children) -> impl IntoView {
    view! {
        <Layout title=format!("{title} · {}", workload.name) part=Part::Workloads width="middle">
            <Crumbs links=vec![
                ("/workloads".into(), "Workloads".into()),
                (format!("/workloads/{}", workload.id), workload.name.clone()),
            ] here=title/>
            <div class="head"><h1>{format!("{title} {}", workload.name)}</h1></div>
            {children()}
        </Layout>
    }
}

/// The button, what it does as an API call, and the way out. When it can't be done now, the reason instead.
#[component]
fn Answer(
    workload: WorkloadRecord,
    refusal: Option<String>,
    #[prop(into)] button: String,
    class: &'static str,
    example: String,
) -> impl IntoView {
    let ok = refusal.is_none();
    view! {
        {refusal.map(|why| view! { <div class="banner warn gap"><p>"Not now: "{why}"."</p></div> })}
        <div class="foot">
            {ok.then(|| view! { <button type="submit" class=class>{button}</button> })}
            <a class="btn" href=format!("/workloads/{}", workload.id)>"Back"</a>
            <ApiCall text=example/>
        </div>
    }
}

fn refused(workload: &WorkloadRecord, action: Action) -> Option<String> {
    let allowed = workload.allowed.iter().find(|allowed| allowed.action == action)?;
    (!allowed.allowed).then(|| allowed.reason.clone().unwrap_or_default())
}

#[component]
pub fn PromotePage() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    context::page(async move {
        let (house, caller) = context::door()?;
        let id = id?;
        let workload = workloads::get(&house, &caller, &id).await?;
        let PromotePreview { version, edited_since_start, refusal } =
            promote::preview(&house, &caller, &id).await?;
        let left = workload
            .expires_at
            .map(|at| format!(" ({} of it are left)", roughly(at.since(house.now()))));
        let example = call("POST", &format!("/workloads/{id}/promote/"), None);
        let artifact = workload.artifact.name.clone();
        Ok(view! {
            <Ask workload=workload.clone() title="Promote">
                <form method="post" action=Promote::url()>
                    <input type="hidden" name="id" value=id.to_string()/>
                    {edited_since_start.then(|| view! {
                        <div class="banner warn"><p>"The draft was edited after this workload started. What is locked is the stored draft, and the next start or replacement will run it. To promote exactly what runs now, "
                            <a href=format!("/workloads/{id}/replace/check?artifact={}", workload.artifact_id)>"roll the draft out first"</a>" or undo the edit."</p></div>
                    })}
                    <section class="card"><header><h2>"What it does, at once"</h2></header>
                        <div class="pad"><ul class="effects">
                            <li>"Its artifact "<b>{artifact}</b>" is locked as "<b>{format!("v{version}")}</b>" and can't be edited any more. This can't be undone."</li>
                            <li>"The deadline of drafts goes"{left}": it serves until somebody stops it."</li>
                            <li>"Its statistics start over."</li>
                            <li>"From then on it takes locked versions only."</li>
                            <li>"Its ID, its endpoint and who may use it stay. Nothing that runs is restarted; no request notices."</li>
                        </ul></div>
                    </section>
                    <Answer workload refusal button=format!("Promote as v{version}") class="solid" example/>
                </form>
            </Ask>
        })
    })
}

#[component]
pub fn StopPage() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    context::page(async move {
        let (house, caller) = context::door()?;
        let id = id?;
        let workload = workloads::get(&house, &caller, &id).await?;
        let refusal = refused(&workload, Action::Stop);
        let example = call("POST", &format!("/workloads/{id}/stop/"), None);
        Ok(view! {
            <Ask workload=workload.clone() title="Stop">
                <form method="post" action=StopWorkload::url()>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <section class="card"><header><h2>"What it does"</h2></header>
                        <div class="pad"><ul class="effects">
                            <li>"Its endpoint no longer answers: callers get an error until it is started again."</li>
                            <li>"Requests that are open finish first, then its replicas stop."</li>
                            <li>"A replacement that is going on ends."</li>
                            <li>"Everything else is kept: settings, history, statistics and logs."</li>
                        </ul></div>
                    </section>
                    <Answer workload refusal button="Stop it" class="solid danger" example/>
                </form>
            </Ask>
        })
    })
}

#[component]
pub fn DeletePage() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    context::page(async move {
        let (house, caller) = context::door()?;
        let id = id?;
        let workload = workloads::get(&house, &caller, &id).await?;
        let refusal = refused(&workload, Action::Delete);
        let example = call("DELETE", &format!("/workloads/{id}/"), None);
        let typed = asks_for_name(workload.importance);
        let label = version_label(&workload);
        Ok(view! {
            <Ask workload=workload.clone() title="Delete">
                <form method="post" action=DeleteWorkload::url()>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <section class="card"><header><h2>"What it does, for good"</h2></header>
                        <div class="pad"><ul class="effects">
                            <li>"Its endpoint is gone: "<code class="anywhere">{workload.endpoint.clone()}</code></li>
                            <li>{format!("{label} finishes the requests that are open, then its replicas stop.")}</li>
                            <li>"The workload, its history and its statistics can't be brought back."</li>
                            <li>"Its artifact "<a href=format!("/artifacts/{}", workload.artifact_id)>{workload.artifact.name.clone()}</a>" stays."</li>
                        </ul></div>
                    </section>
                    {typed.then(|| view! { <div class="card form-card name-again"><Field label="Type its name to delete it" name="typed" value="" required=true hint="It is of high importance, so a slip would hurt."/></div> })}
                    <Answer workload refusal button="Delete for good" class="solid danger" example/>
                </form>
            </Ask>
        })
    })
}
