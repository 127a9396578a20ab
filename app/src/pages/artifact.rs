//! Artifacts: what workloads run. A draft is edited in place; a locked version never changes.

use handover::{
    artifacts,
    model::{ArtifactId, ArtifactRecord, ArtifactStatus, RepositoryId, Spec, WorkloadRecord},
    store::{ArtifactFilter, Paging, WorkloadFilter},
    workloads::{self, WithStats},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    forms::variable_lines,
    id,
    layout::{Crumbs, Layout, Part},
    offset, query,
};
use crate::{
    actions::{
        ArtifactForm, CloneArtifact, DeleteArtifact, EditArtifact, EditArtifactSpec, LockArtifact,
        SpecForm,
    },
    components::{
        chip::version_words,
        curl::{ApiCall, call},
        field::{Area, Field},
        format::{Zone, ago, day_time},
        notice::Refused,
        pager::{PER_PAGE, Place, escaped, pager},
        spec::spec_facts,
    },
    context,
    refusal::Refusal,
};

/// Workloads named on an artifact's page.
const USES: u64 = 50;

#[component]
pub fn Artifacts() -> impl IntoView {
    let status: Option<ArtifactStatus> = query("status").and_then(|word| word.parse().ok());
    let search = query("search").unwrap_or_default();
    let repository: Option<RepositoryId> = query("repository").and_then(|text| text.parse().ok());
    let offset = offset();
    context::page(async move {
        let (house, caller) = context::door()?;
        let filter = ArtifactFilter {
            status: status.into_iter().collect(),
            search: Some(search.clone()).filter(|text| !text.is_empty()),
            repository_id: repository.clone(),
            ..ArtifactFilter::default()
        };
        let page =
            artifacts::list(&house, &caller, &filter, Paging { offset, limit: PER_PAGE }).await?;
        let place = Place { offset, shown: page.items.len() as u64, total: page.total };
        let link = |status: Option<ArtifactStatus>, offset: u64| {
            let word = status.map_or("", ArtifactStatus::word);
            let repository = repository.as_ref().map(ToString::to_string).unwrap_or_default();
            format!(
                "/artifacts?status={word}&search={}&repository={repository}&offset={offset}",
                escaped(&search)
            )
        };
        let tab = |of: Option<ArtifactStatus>, name: &'static str| {
            view! { <a href=link(of, 0) aria-current=(of == status).then_some("page")>{name}</a> }
        };
        let tabs = [
            tab(None, "All"),
            tab(Some(ArtifactStatus::Locked), "Locked"),
            tab(Some(ArtifactStatus::Draft), "Draft"),
        ];
        let pages = pager(place, |offset| link(status, offset));
        let now = house.now();
        let rows = page.items.into_iter().map(|artifact| row(artifact, now)).collect_view();
        let narrowed = status.is_some() || !search.is_empty() || repository.is_some();
        Ok(view! {
            <Layout title="Artifacts" part=Part::Artifacts>
                <div class="head"><h1>"Artifacts"</h1></div>
                <section class="card" aria-label="List of artifacts">
                    <div class="bar">
                        <nav class="seg" aria-label="Which artifacts">{tabs.into_iter().collect_view()}</nav>
                        <form class="search" role="search" action="/artifacts">
                            <input type="hidden" name="status" value=status.map_or("", ArtifactStatus::word)/>
                            <input type="search" name="search" value=search.clone() aria-label="Search name, ID or description" placeholder="Search name, ID or description"/>
                            <button type="submit">"Search"</button>
                        </form>
                        {narrowed.then(|| view! { <a class="end small" href="/artifacts">"Clear all"</a> })}
                    </div>
                    {(place.shown == 0).then(|| view! { <p class="pad quiet">{if narrowed { "No artifact fits." } else { "No artifact yet. A new workload brings its own." }}</p> })}
                    <div class="scroll"><table class="folds">
                        <thead><tr><th scope="col">"Artifact"</th><th scope="col">"Version"</th><th scope="col">"Image"</th><th scope="col">"By"</th><th scope="col">"Changed"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table></div>
                    <div class="bar under"><span class="k">{place.words()}</span><span class="end actions">{pages}</span></div>
                </section>
            </Layout>
        })
    })
}

fn row(artifact: ArtifactRecord, now: handover::model::Timestamp) -> impl IntoView {
    let image = artifact.spec.primary().and_then(|c| c.image_uri.clone()).unwrap_or_default();
    view! {
        <tr>
            <td class="lead"><a class="row-link" href=format!("/artifacts/{}", artifact.id)>{artifact.name}</a><div class="sub anywhere">{artifact.description}</div></td>
            <td class="nowrap" data-k="Version"><span class=if artifact.version.is_some() { "lock" } else { "draft" }>{version_words(artifact.status, artifact.version)}</span></td>
            <td class="mono anywhere" data-k="Image">{image}</td>
            <td data-k="By">{artifact.creator.username}</td>
            <td class="nowrap" data-k="Changed">{ago(artifact.updated_at, now)}</td>
        </tr>
    }
}

#[component]
pub fn ArtifactPage() -> impl IntoView {
    let id = id::<ArtifactId>("id", "artifact");
    context::page(async move {
        let (house, caller) = context::door()?;
        let artifact = artifacts::get(&house, &caller, &id?).await?;
        let filter =
            WorkloadFilter { artifact_id: Some(artifact.id.clone()), ..WorkloadFilter::default() };
        let paging = Paging { offset: 0, limit: USES };
        let uses = workloads::list(&house, &caller, &filter, paging, WithStats::No).await?;
        let now = house.now();
        let draft = artifact.status == ArtifactStatus::Draft;
        let name = artifact.name.clone();
        let base = format!("/artifacts/{}", artifact.id);
        Ok(view! {
            <Layout title=name.clone() part=Part::Artifacts>
                <Crumbs links=vec![("/artifacts".into(), "Artifacts".into())] here=name.clone()/>
                <div class="head">
                    <h1>{name}</h1>
                    <span class=if draft { "chip warn" } else { "chip" }>{version_words(artifact.status, artifact.version)}</span>
                    <div class="actions">
                        {draft.then(|| view! { <a class="btn solid" href=format!("{base}/edit")>"Edit"</a> })}
                        <a class="btn" href=format!("/workloads/new?artifact={}", artifact.id)>"New workload from it"</a>
                    </div>
                </div>
                <p class="quiet">{artifact.description.clone()}</p>
                <div class="cols">
                    <div class="stack">
                        <section class="card">
                            <header><h2>"What it runs"</h2></header>
                            {spec_facts(&artifact.spec)}
                            <div class="pad"><details><summary>"As JSON"</summary><pre class="code" tabindex="0" role="region" aria-label="Specification as JSON">{json(&artifact.spec)}</pre></details></div>
                        </section>
                        <Uses uses=uses.items total=uses.total/>
                    </div>
                    <div class="stack">
                        <section class="card">
                            <header><h2>"About"</h2></header>
                            <dl class="facts">
                                <dt>"Type"</dt><dd>{artifact.kind.word()}</dd>
                                <dt>"Owner"</dt><dd>{artifact.creator.username.clone()}</dd>
                                <dt>"Created"</dt><dd>{day_time(artifact.created_at, now, Zone::UTC)}</dd>
                                <dt>"Changed"</dt><dd>{day_time(artifact.updated_at, now, Zone::UTC)}</dd>
                                <dt>"Versions"</dt><dd><a href=format!("/artifacts?repository={}", artifact.artifact_repository_id)>"All of this repository"</a></dd>
                                <dt>"Artifact ID"</dt><dd class="mono">{artifact.id.to_string()}</dd>
                            </dl>
                        </section>
                        <Changes artifact/>
                    </div>
                </div>
            </Layout>
        })
    })
}

#[component]
fn Uses(uses: Vec<WorkloadRecord>, total: u64) -> impl IntoView {
    let more = total > uses.len() as u64;
    let none = uses.is_empty();
    let rows = uses
        .into_iter()
        .map(|workload| view! {
            <tr><td><a class="row-link" href=format!("/workloads/{}", workload.id)>{workload.name}</a></td>
                <td><crate::components::chip::StatusChip status=workload.status/></td></tr>
        })
        .collect_view();
    view! {
        <section class="card">
            <header><h2>"Where it runs"</h2></header>
            {none.then(|| view! { <p class="pad quiet">"No workload runs it."</p> })}
            <table><tbody>{rows}</tbody></table>
            {more.then(|| view! { <p class="pad quiet">{format!("and more, {total} in all")}</p> })}
        </section>
    }
}

/// Clone, lock and delete, each with what it does.
#[component]
fn Changes(artifact: ArtifactRecord) -> impl IntoView {
    let id = artifact.id.to_string();
    let draft = artifact.status == ArtifactStatus::Draft;
    let clone = call(
        "POST",
        &format!("/artifacts/{id}/clone/"),
        Some(&serde_json::json!({ "name": artifact.name })),
    );
    let lock = call(
        "PATCH",
        &format!("/artifacts/{id}/"),
        Some(&serde_json::json!({ "status": "locked" })),
    );
    view! {
        <section class="card">
            <header><h2>"New draft from it"</h2></header>
            <form method="post" action=CloneArtifact::url() class="form-card">
                <input type="hidden" name="id" value=id.clone()/>
                <Field label="Name" name="name" value=artifact.name required=true hint="The draft joins the same repository. Edit it, lock it, and it is the next version."/>
                <div class="foot"><button type="submit">"Clone"</button><ApiCall text=clone/></div>
            </form>
        </section>
        {draft.then(|| view! {
            <section class="card">
                <header><h2>"Lock"</h2></header>
                <form method="post" action=LockArtifact::url() class="form-card">
                    <input type="hidden" name="id" value=id.clone()/>
                    <p>"It gets the next version number and can't be edited any more. A workload that runs it no longer ends by itself."</p>
                    <div class="foot"><button type="submit">"Lock it"</button><ApiCall text=lock/></div>
                </form>
            </section>
            <section class="card">
                <header><h2>"Delete"</h2></header>
                <form method="post" action=DeleteArtifact::url() class="form-card">
                    <input type="hidden" name="id" value=id/>
                    <p>"Deletes the draft for good. Not possible while a workload runs it."</p>
                    <div class="foot"><button type="submit" class="danger">"Delete the draft"</button></div>
                </form>
            </section>
        })}
    }
}

fn json(spec: &Spec) -> String {
    serde_json::to_string_pretty(spec).unwrap_or_default()
}

#[component]
pub fn EditPage() -> impl IntoView {
    let id = id::<ArtifactId>("id", "artifact");
    context::page(async move {
        let (house, caller) = context::door()?;
        let artifact = artifacts::get(&house, &caller, &id?).await?;
        let (form, refusal) = match context::take_kept("edit-artifact").await {
            Some((form, refusal)) => (form, Some(refusal)),
            None => (present(&artifact), None),
        };
        let (spec, spec_refusal) = match context::take_kept("edit-artifact-spec").await {
            Some((form, refusal)) => (form, Some(refusal)),
            None => (SpecForm { spec: json(&artifact.spec) }, None),
        };
        let base = format!("/artifacts/{}", artifact.id);
        let locked = artifact.version;
        let name = artifact.name.clone();
        Ok(view! {
            <Layout title=format!("Edit · {name}") part=Part::Artifacts width="middle">
                <Crumbs links=vec![("/artifacts".into(), "Artifacts".into()), (base.clone(), name.clone())] here="Edit"/>
                <div class="head"><h1>{format!("Edit {name}")}</h1></div>
                {match locked {
                    Some(version) => view! { <div class="banner warn"><p>{format!("It is locked as v{version} and never changes. ")}<a href=base>"Clone it into a new draft"</a>" instead."</p></div> }.into_any(),
                    None => view! { <Editor artifact form refusal spec spec_refusal/> }.into_any(),
                }}
            </Layout>
        })
    })
}

/// The usual fields as they are.
fn present(artifact: &ArtifactRecord) -> ArtifactForm {
    let container = artifact.spec.primary().cloned().unwrap_or_default();
    ArtifactForm {
        name: artifact.name.clone(),
        description: artifact.description.clone(),
        env: variable_lines(&container),
        image: container.image_uri.unwrap_or_default(),
        port: container.port.map(|port| port.to_string()).unwrap_or_default(),
        entrypoint: container.entrypoint.unwrap_or_default().join("\n"),
        readiness: container.readiness_probe.map(|probe| probe.path).unwrap_or_default(),
    }
}

#[component]
fn Editor(
    artifact: ArtifactRecord,
    form: ArtifactForm,
    refusal: Option<Refusal>,
    spec: SpecForm,
    spec_refusal: Option<Refusal>,
) -> impl IntoView {
    let id = artifact.id.to_string();
    let wrong = || refusal.clone().unwrap_or_default();
    let wrong_spec = spec_refusal.clone().unwrap_or_default();
    let body = serde_json::json!({ "spec": artifact.spec });
    let example = call("PATCH", &format!("/artifacts/{id}/"), Some(&body));
    view! {
        <p class="quiet">"Workloads that run it keep what they were started with. Replace what they run to bring an edit into effect."</p>
        <form method="post" action=EditArtifact::url()>
            <Refused refusal=refusal.clone()/>
            <input type="hidden" name="id" value=id.clone()/>
            <section class="card form-card">
                <Field label="Name" name="form[name]" field="name" value=form.name required=true refusal=wrong()/>
                <Field label="Description" name="form[description]" field="description" value=form.description refusal=wrong()/>
                <Field label="Image" name="form[image]" field="image" value=form.image refusal=wrong() required=true/>
                <div class="row-fields">
                    <Field label="Port" name="form[port]" field="port" value=form.port kind="number" refusal=wrong()/>
                    <Field label="Readiness path" name="form[readiness]" field="readiness" value=form.readiness refusal=wrong()/>
                </div>
                <Area label="Entrypoint" name="form[entrypoint]" field="entrypoint" value=form.entrypoint rows=2 refusal=wrong() hint="One argument per line; empty for the image's own."/>
                <Area label="Environment" name="form[env]" field="env" value=form.env refusal=wrong() hint="One NAME=value per line. Variables from credentials stay as they are."/>
                <div class="foot"><button type="submit" class="solid">"Save"</button><a class="btn" href=format!("/artifacts/{id}")>"Back"</a><ApiCall text=example/></div>
            </section>
        </form>
        <section class="card whole-spec">
            <header><h2>"Everything, as JSON"</h2></header>
            <form method="post" action=EditArtifactSpec::url() class="form-card">
                <Refused refusal=spec_refusal/>
                <input type="hidden" name="id" value=id/>
                <Area label="Specification" name="form[spec]" field="spec" value=spec.spec rows=18 refusal=wrong_spec/>
                <div class="foot"><button type="submit">"Save the specification"</button></div>
            </form>
        </section>
    }
}
