//! Promoting a draft to production in place.

use handover::{
    model::{ArtifactStatus, WorkloadId, WorkloadRecord},
    promote::{self, PromotePreview},
    workloads,
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{Answer, Ask, Effects};
use crate::{
    actions::Promote,
    components::{curl::call, diff::Diff, format::plural, spec::lines, time::Left},
    context,
    pages::id,
};

#[component]
pub fn PromotePage() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    context::page(async move {
        let (house, caller) = context::door()?;
        let id = id?;
        let workload = workloads::get(&house, &caller, &id).await?;
        let preview = promote::preview(&house, &caller, &id).await?;
        let (version, refusal) = (preview.version, preview.refusal.clone());
        let example = call("POST", &format!("/workloads/{id}/promote/"), None);
        let artifact = workload.artifact.name.clone();
        let counted = workload.request_stats.as_ref().map_or(0, |stats| stats.total_requests);
        let wiped = match counted {
            0 => "Its statistics start over.".to_owned(),
            n => format!(
                "Its statistics start over: {} counted so far are wiped.",
                plural(n, "request")
            ),
        };
        let importance = workload.importance.word();
        // What is locked already is told only that.
        let is_draft = workload.artifact.status == ArtifactStatus::Draft;
        Ok(view! {
            <Ask workload=workload.clone() title="Promote">
                <form method="post" action=Promote::url()>
                    <input type="hidden" name="id" value=id.to_string()/>
                    {is_draft.then(|| view! {
                        <Edited workload=workload.clone() preview/>
                        <Effects title="What it does, at once">
                            <li>"Its artifact "<b>{artifact}</b>" is locked as "<b>{format!("v{version}")}</b>" and can't be edited any more. "<b>"This can't be undone."</b></li>
                            <li>"The deadline of drafts goes: it serves until somebody stops it."
                                {workload.expires_at.map(|until| view! { " It has "<Left until/>" left now." })}</li>
                            <li>{wiped}</li>
                            <li>"From then on it takes locked versions only, and its logs and statistics are kept for longer."</li>
                        </Effects>
                        <Effects title="What stays">
                            <li>"Nothing that runs is restarted, and no request notices."</li>
                            <li>"Its ID, its endpoint, who may use it, its settings and its tags."</li>
                            <li>{format!("Its importance, which is {importance}. ")}<a href=format!("/workloads/{id}/settings")>"Change it"</a>" before or after, as you like."</li>
                        </Effects>
                    })}
                    <Answer workload refusal button=format!("Promote as v{version}") class="solid" example/>
                </form>
            </Ask>
        })
    })
}

/// What is locked is the stored draft. When that is not what runs, a person must know.
#[component]
fn Edited(workload: WorkloadRecord, preview: PromotePreview) -> impl IntoView {
    let roll = format!("/workloads/{}/replace?artifact={}", workload.id, workload.artifact_id);
    preview.running.map(|running| {
        view! {
            <div class="banner warn">
                <p>"The draft was edited after this workload started. What is locked is the stored draft, and the next start or replacement will run it. To promote exactly what is tried out, "
                    <a href=roll>"roll the draft out first"</a>" or undo the edit."</p>
            </div>
            <section class="card differs">
                <header><h2>"Running and stored differ"</h2></header>
                <Diff old_name="Runs now" old=lines(&running, None) new_name="Stored, will be locked" new=lines(&preview.stored, None)/>
            </section>
        }
    })
}
