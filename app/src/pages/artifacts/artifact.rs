//! One artifact: what it runs, where it is used, its builds and its tags.

use handover::{
    artifacts, builds,
    model::{ArtifactId, ArtifactRecord, ArtifactStatus, BuildRecord, Permission},
    repositories,
    store::Paging,
};
use leptos::prelude::*;

use super::{
    StateChip,
    builds::Builds,
    change::{Change, Menu, refusal},
    may,
    tags::Tags,
    uses::{Use, Uses},
};
use crate::{
    components::{
        curl::{ApiCall, call},
        header::Go,
        person::person,
        reasons::Reasons,
        spec::spec_facts,
        time::When,
    },
    context,
    pages::{
        id,
        layout::{Crumbs, Layout, Part},
    },
};

/// Builds that are shown; the newest come first.
const BUILDS: u64 = 20;

#[component]
pub fn ArtifactPage() -> impl IntoView {
    let id = id::<ArtifactId>("id", "artifact");
    context::page(async move {
        let (house, caller) = context::door()?;
        let artifact = artifacts::get(&house, &caller, &id?).await?;
        let uses = Use::of(&house, &caller, &artifact.id).await?;
        let builds =
            builds::list(&house, &caller, &artifact.id, Paging::first(BUILDS)).await?.items;
        // Not everybody who may see an artifact may see its repository.
        let repository =
            repositories::get(&house, &caller, &artifact.artifact_repository_id).await.ok();
        let draft = artifact.status == ArtifactStatus::Draft;
        let updates = may(&artifact.permissions, Permission::Update);
        let of = |change| refusal(&artifact, change).filter(|_| draft);
        let (lock, edit) = (of(Change::Lock), of(Change::Edit));
        let reasons = vec![("Lock", lock.clone()), ("Edit", edit.clone())];
        let built = artifact.spec.containers().any(|(_, container)| container.is_built());
        let live = live(&builds);
        let name = artifact.name.clone();
        let base = format!("/artifacts/{}", artifact.id);
        let mut crumbs = vec![("/artifacts".to_owned(), "Artifacts".to_owned())];
        crumbs.extend(
            repository.as_ref().map(|one| (format!("/repositories/{}", one.id), one.name.clone())),
        );
        let example = call("GET", &format!("/artifacts/{}/", artifact.id), None);
        Ok(view! {
            <Layout title=name.clone() part=Part::Artifacts live>
                <Crumbs links=crumbs here=name.clone()/>
                <div class="head">
                    <h1>{name}</h1>
                    <StateChip status=artifact.status version=artifact.version/>
                    <div class="actions">
                        <a class="btn" href=format!("/workloads/new?artifact={}", artifact.id)>"New workload from it"</a>
                        {draft.then(|| view! {
                            <Go href=format!("{base}/lock") label="Lock" class="btn" why=lock/>
                            <a class="btn" href=format!("{base}/code")>"Code"</a>
                            <Go href=format!("{base}/edit") label="Edit" class="btn solid" dialog=false why=edit/>
                        })}
                        {(!draft).then(|| view! { <a class="btn solid" href=format!("{base}/clone") data-dialog="">"Clone into a draft"</a> })}
                        <Menu artifact=artifact.clone()/>
                    </div>
                    <Reasons of=reasons/>
                </div>
                <p class="quiet anywhere">{artifact.description.clone()}</p>
                <div class="cols">
                    <div class="stack">
                        <section class="card">
                            <header><h2>"What it runs"</h2></header>
                            {spec_facts(&artifact.spec)}
                            <div class="pad">
                                <details><summary>"As JSON"</summary><pre class="code" tabindex="0" role="region" aria-label="Specification as JSON">{json(&artifact)}</pre></details>
                                <ApiCall text=example/>
                            </div>
                        </section>
                        <Uses uses/>
                        {(built || !builds.is_empty()).then(|| view! { <Builds artifact=artifact.clone() builds/> })}
                    </div>
                    <div class="stack">
                        <Info artifact=artifact.clone() repository=repository.map(|one| one.name)/>
                        <Tags of="artifact" id=artifact.id.to_string() tags=artifact.tags.clone() writes=updates/>
                    </div>
                </div>
            </Layout>
        })
    })
}

/// Builds move by themselves; all else changes as fast as people do.
fn live(builds: &[BuildRecord]) -> &'static str {
    let under_way = builds.iter().any(|build| !build.status.is_over());
    if under_way { "/live/pulse?every=2" } else { "/live/pulse?every=15" }
}

#[component]
fn Info(artifact: ArtifactRecord, repository: Option<String>) -> impl IntoView {
    let versions = format!("/repositories/{}", artifact.artifact_repository_id);
    let repository = match repository {
        Some(name) => view! { <a href=versions>{name}</a> }.into_any(),
        None => view! { "not shared with you" }.into_any(),
    };
    view! {
        <section class="card">
            <header><h2>"Info"</h2></header>
            <dl class="facts">
                <dt>"Type"</dt><dd>{artifact.kind.word()}</dd>
                <dt>"Repository"</dt><dd>{repository}</dd>
                <dt>"Owner"</dt><dd>{person(&artifact.creator)}</dd>
                <dt>"Created"</dt><dd><When at=artifact.created_at/></dd>
                <dt>"Modified"</dt><dd><When at=artifact.updated_at/></dd>
                <dt>"Artifact ID"</dt><dd class="mono">{artifact.id.to_string()}</dd>
            </dl>
        </section>
    }
}

fn json(artifact: &ArtifactRecord) -> String {
    serde_json::to_string_pretty(&artifact.spec).unwrap_or_default()
}
