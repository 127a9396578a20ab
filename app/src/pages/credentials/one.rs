//! One credential: what is known of it, where it is used, and its end.

use handover::{
    credentials::{self, Used},
    model::{CredentialId, CredentialKind},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::words;
use crate::{
    actions::DeleteCredential,
    components::{
        curl::{ApiCall, call},
        format::plural,
        person::person,
        time::When,
    },
    context,
    pages::{
        id,
        layout::{Crumbs, Layout, Part},
    },
};

#[component]
pub fn CredentialPage() -> impl IntoView {
    let id = id::<CredentialId>("id", "credential");
    context::page(async move {
        let (house, caller) = context::door()?;
        let used = credentials::used(&house, &caller, &id?).await?;
        let record = used.record.clone();
        let home = format!("/credentials/{}", record.credential_id);
        let fields = used.fields.iter().map(|name| {
            view! { <li>{words::field(name)}" "<code class="quiet">{name.clone()}</code></li> }
        });
        let fields = fields.collect_view();
        let by = person(&used.creator);
        let example = call("GET", &format!("{home}/"), None);
        let uses = match record.credential_type {
            CredentialKind::Registry => registry().into_any(),
            _ => view! { {uses(&used)}{in_an_artifact(&used)} }.into_any(),
        };
        Ok(view! {
            <Layout title=record.name.clone() part=Part::Account>
                <Crumbs links=vec![("/credentials".into(), "Credentials".into())] here=record.name.clone()/>
                <div class="head"><h1>{record.name.clone()}</h1>
                    <div class="actions">
                        <a class="btn" href=format!("{home}/edit")>"Edit"</a>
                        <a class="btn danger" href=format!("{home}/delete") data-dialog="">"Delete"</a>
                    </div>
                </div>
                <div class="cols">
                    <div class="stack">{uses}</div>
                    <section class="card"><header><h2>"Facts"</h2></header>
                        <dl class="facts">
                            <dt>"Type"</dt><dd>{words::kind(record.credential_type)}</dd>
                            <dt>"Description"</dt><dd>{if record.description.is_empty() { "none".to_owned() } else { record.description.clone() }}</dd>
                            <dt>"Values"</dt><dd><ul class="plain-list">{fields}</ul><span class="small quiet">"sealed; not shown to anybody"</span></dd>
                            <dt>"Added"</dt><dd><When at=record.creation_date/>{format!(" by {by}")}</dd>
                            <dt>"Credential ID"</dt><dd class="mono">{record.credential_id.to_string()}</dd>
                        </dl>
                    </section>
                </div>
                <div class="foot"><ApiCall text=example/></div>
            </Layout>
        })
    })
}

/// What it is for, where no artifact names it.
fn registry() -> impl IntoView {
    view! {
        <section class="card" id="uses"><header><h2>"Where it is used"</h2></header>
            <ul class="effects pad">
                <li>"When an image of its registry is pulled, and when a build pulls or pushes one. No artifact names it, and no container is given it."</li>
                <li>"For workloads and builds of the person who added it; for everybody in the organisation when that is an administrator."</li>
                <li>"Of several, the one that names the longest part of an image's path."</li>
            </ul>
        </section>
    }
}

fn in_an_artifact(used: &Used) -> impl IntoView + use<> {
    let variable = serde_json::json!({
        "source": "dr-credential", "name": "SECRET",
        "drCredentialId": used.record.credential_id, "key": used.fields.first(),
    });
    view! {
        <section class="card"><header><h2>"Use it in an artifact"</h2></header>
            <div class="pad"><p class="small quiet">"As one of the environment variables of a container. The container is given the value; the artifact holds only this."</p>
            <pre class="code">{serde_json::to_string_pretty(&variable).unwrap_or_default()}</pre></div>
        </section>
    }
}

/// Where it is used, with names as far as the person may see them.
fn uses(used: &Used) -> impl IntoView + use<> {
    let nowhere = used.workloads.is_empty() && used.artifacts.is_empty() && used.unseen == 0;
    let workloads = used.workloads.iter().map(|(id, name)| {
        view! { <li><a href=format!("/workloads/{id}")>{name.clone()}</a><span class="quiet">" · workload, gets it when it starts"</span></li> }
    });
    let artifacts = used.artifacts.iter().map(|(id, name)| {
        view! { <li><a href=format!("/artifacts/{id}")>{name.clone()}</a><span class="quiet">" · artifact, names it"</span></li> }
    });
    let unseen = (used.unseen > 0).then(|| {
        view! { <li class="quiet">{format!("{} that you may not see", plural(used.unseen as u64, "other use"))}</li> }
    });
    let (workloads, artifacts) = (workloads.collect_view(), artifacts.collect_view());
    view! {
        <section class="card" id="uses">
            <header><h2>"Where it is used"</h2></header>
            {nowhere.then(|| view! { <p class="pad quiet">"Nowhere."</p> })}
            <ul class="effects pad">{workloads}{artifacts}{unseen}</ul>
        </section>
    }
}

/// Asks before it goes; says what stands against it.
#[component]
pub fn DeleteCredentialPage() -> impl IntoView {
    let id = id::<CredentialId>("id", "credential");
    context::page(async move {
        let (house, caller) = context::door()?;
        let used = credentials::used(&house, &caller, &id?).await?;
        let record = used.record.clone();
        let home = format!("/credentials/{}", record.credential_id);
        let example = call("DELETE", &format!("{home}/"), None);
        let free = used.workloads.is_empty();
        let naming = used.artifacts.len();
        let why = (!free).then(|| {
            let names = used.workloads.iter().map(|(_, name)| name.as_str());
            let names = names.collect::<Vec<_>>().join(", ");
            view! { <div class="banner warn"><p>{format!("Not now: {names} would not start again without it. Replace what they run, or delete them, first.")}</p></div> }
        });
        Ok(view! {
            <Layout title=format!("Delete {}", record.name) part=Part::Account width="narrow">
                <Crumbs links=vec![("/credentials".into(), "Credentials".into()), (home.clone(), record.name.clone())] here="Delete"/>
                <div class="head"><h1>{format!("Delete {}?", record.name)}</h1></div>
                {why}
                <form method="post" action=DeleteCredential::url() class="card form-card" data-inline="">
                    <input type="hidden" name="id" value=record.credential_id.to_string()/>
                    <ul class="effects">
                        <li>"Its values are gone for good."</li>
                        <li>{match naming { 0 => "No artifact that you may see names it.".to_owned(), n => format!("It is named in {}; a workload can't be put on that any more.", plural(n as u64, "artifact")) }}</li>
                    </ul>
                    <div class="foot">
                        {free.then(|| view! { <button type="submit" class="solid danger">"Delete the credential"</button> })}
                        <a class="btn" href=home data-close="">"Back"</a>
                        <ApiCall text=example/>
                    </div>
                </form>
            </Layout>
        })
    })
}
