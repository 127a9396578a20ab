//! Replacing what a workload runs, in two steps: choose a version, then see what changes and what will happen,
//! and roll it out. Both steps are addresses, so they work with scripts off and can be sent to somebody.

use handover::{
    artifacts,
    error::Error,
    live,
    model::{
        Action, ArtifactId, ArtifactRecord, ArtifactStatus, RepositoryId, WorkloadId,
        WorkloadRecord,
    },
    replacement::{self, Candidate},
    repositories,
    store::{Paging, RepositoryFilter},
    workloads,
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    id,
    layout::{Crumbs, Layout, Part},
    query,
};
use crate::{
    actions::{ReplaceArtifact, ReplaceForm},
    components::{
        chip::version_words,
        curl::{ApiCall, call},
        diff::Diff,
        format::{ago, plural},
        notice::Refused,
        spec::lines,
    },
    context,
    islands::RolloutFields,
    refusal::Refusal,
};

/// Repositories offered when another than the workload's own is wanted.
const REPOSITORIES: u64 = 100;

#[component]
pub fn Choose() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    let chosen: Option<RepositoryId> = query("repository").and_then(|text| text.parse().ok());
    context::page(async move {
        let (house, caller) = context::door()?;
        let id = id?;
        let workload = workloads::get(&house, &caller, &id).await?;
        let candidates = replacement::candidates(&house, &caller, &id, chosen.as_ref()).await?;
        let filter = RepositoryFilter::default();
        let paging = Paging { offset: 0, limit: REPOSITORIES };
        let all = repositories::list(&house, &caller, &filter, paging).await?.items;
        let here = chosen.unwrap_or_else(|| workload.artifact.artifact_repository_id.clone());
        let now = house.now();
        let options = all
            .into_iter()
            .map(|repository| {
                let selected = repository.id == here;
                view! { <option value=repository.id.to_string() selected=selected>{repository.name}</option> }
            })
            .collect_view();
        let first = candidates.iter().find(|c| c.refusal.is_none()).map(|c| c.artifact.id.clone());
        let can = first.is_some();
        let rows = candidates
            .into_iter()
            .map(|candidate| {
                let checked = first.as_ref() == Some(&candidate.artifact.id);
                option(candidate, &workload, checked, now)
            })
            .collect_view();
        Ok(view! {
            <Around workload=workload.clone() title="Replace">
                <div class="head"><h1>{format!("Replace what {} runs", workload.name)}</h1></div>
                <ol class="steps"><li aria-current="step">"1 Choose"</li><li aria-hidden="true">"→"</li><li>"2 Check and roll out"</li></ol>
                <Blocked workload=workload.clone()/>
                <section class="card">
                    <header>
                        <h2 id="version">"Version"</h2>
                        <form class="inline end" action=format!("/workloads/{id}/replace")>
                            <label for="repository" class="small">"Repository"</label>
                            <select id="repository" name="repository">{options}</select>
                            <button type="submit">"Show"</button>
                        </form>
                    </header>
                    <form id="choose" action=format!("/workloads/{id}/replace/check")><div role="radiogroup" aria-labelledby="version">{rows}</div></form>
                </section>
                <div class="foot">
                    {if can {
                        view! { <button type="submit" form="choose" class="solid">"Next: check what changes"</button> }.into_any()
                    } else {
                        view! { <p class="quiet">"No version of this repository can be chosen. "<a href=format!("/artifacts/{}", workload.artifact_id)>"Clone the present one into a new draft"</a>", or choose another repository."</p> }.into_any()
                    }}
                    <a class="btn" href=format!("/workloads/{id}")>"Back"</a>
                </div>
            </Around>
        })
    })
}

#[component]
fn Around(workload: WorkloadRecord, title: &'static str, children: Children) -> impl IntoView {
    view! {
        <Layout title=format!("{title} · {}", workload.name) part=Part::Workloads width="middle">
            <Crumbs links=vec![
                ("/workloads".into(), "Workloads".into()),
                (format!("/workloads/{}", workload.id), workload.name),
            ] here=title/>
            {children()}
        </Layout>
    }
}

/// Why nothing can be replaced now, before a person has filled in a form for nothing.
#[component]
fn Blocked(workload: WorkloadRecord) -> impl IntoView {
    let replace = workload.allowed.iter().find(|allowed| allowed.action == Action::Replace);
    let reason = replace.filter(|allowed| !allowed.allowed).and_then(|a| a.reason.clone());
    reason.map(|reason| view! { <div class="banner warn"><p>"Not now: "{reason}"."</p></div> })
}

/// `v3`, or `draft 2.0`, as in the history.
fn label(artifact: &ArtifactRecord) -> String {
    if let Some(version) = artifact.version {
        return format!("v{version}");
    }
    let image = artifact.spec.primary().and_then(|container| container.image_uri.as_deref());
    match image.and_then(|image| image.rsplit_once(':')) {
        Some((_, tag)) if !tag.contains('/') => format!("draft {tag}"),
        _ => "draft".into(),
    }
}

fn option(
    candidate: Candidate,
    workload: &WorkloadRecord,
    checked: bool,
    now: handover::model::Timestamp,
) -> impl IntoView + use<> {
    let Candidate { artifact, refusal } = candidate;
    let runs = artifact.id == workload.artifact_id;
    let id = format!("version-{}", artifact.id);
    let why = format!("{id}-why");
    let no = refusal.is_some();
    let image = artifact.spec.primary().and_then(|c| c.image_uri.clone()).unwrap_or_default();
    let by = artifact.creator.username.clone().unwrap_or_default();
    let about =
        refusal.unwrap_or_else(|| format!("{} by {by} · {image}", ago(artifact.created_at, now)));
    let class = if artifact.status == ArtifactStatus::Draft { "chip warn" } else { "chip" };
    let (status, version) = (artifact.status, artifact.version);
    view! {
        <div class=if no { "opt no" } else { "opt" }>
            <label for=id.clone()>
                <input type="radio" id=id.clone() name="artifact" value=artifact.id.to_string() checked=checked disabled=no required=true aria-describedby=why.clone()/>
                <span class="strong">{artifact.name}</span>
                <span class=class>{version_words(status, version)}</span>
                {runs.then(|| view! { <span class="chip go">"Running now"</span> })}
            </label>
            <span class="k anywhere" id=why>{about}</span>
        </div>
    }
}

#[component]
pub fn Check() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    let chosen = query("artifact").and_then(|text| text.parse::<ArtifactId>().ok());
    context::page(async move {
        let (house, caller) = context::door()?;
        let id = id?;
        let chosen = chosen.ok_or_else(|| Error::BadRequest("choose a version first".into()))?;
        let live = live::workload(&house, &caller, &id).await?;
        let workload = live.workload;
        let new = artifacts::get(&house, &caller, &chosen).await?;
        let old = artifacts::get(&house, &caller, &workload.artifact_id).await?;
        // What runs is a snapshot; a draft may have been edited since.
        let running = match &workload.proton_id {
            Some(proton) => house.store.proton(proton).await?.map(|proton| proton.snapshot.spec),
            None => None,
        };
        let before = running.unwrap_or_else(|| old.spec.clone());
        let kept = context::take_kept::<ReplaceForm>("replace").await;
        let (form, refusal) = match kept {
            Some((form, refusal)) => (form, Some(refusal)),
            None => (ReplaceForm::default(), None),
        };
        let running = live.tracks.first().map(|track| track.label.as_str());
        let (old_name, new_name) = names(running, &old, &new);
        let runtime = workload.runtime.clone();
        let body = serde_json::json!({
            "artifactId": new.id, "strategy": "rolling",
            "config": { "warmupDurationMinutes": 5, "keepOldVersionMinutes": 10 },
        });
        let example = call("POST", &format!("/workloads/{id}/replacement/"), Some(&body));
        Ok(view! {
            <Around workload=workload.clone() title="Replace">
                <div class="head"><h1>{format!("Replace what {} runs", workload.name)}</h1></div>
                <ol class="steps"><li><a href=format!("/workloads/{id}/replace")>"1 Choose"</a>{format!(" {new_name}")}</li><li aria-hidden="true">"→"</li><li aria-current="step">"2 Check and roll out"</li></ol>
                <Blocked workload=workload.clone()/>
                <Refused refusal=refusal.clone()/>
                <section class="card">
                    <header><h2>"What changes"</h2><a href=format!("/artifacts/{}", new.id)>{new.name.clone()}</a></header>
                    <Diff old_name=format!("Now: {old_name}") old=lines(&before, Some(&runtime)) new_name=format!("Then: {new_name}") new=lines(&new.spec, Some(&runtime))/>
                </section>
                <RollOut workload form refusal artifact=new.id old_name new_name example/>
            </Around>
        })
    })
}

/// What the two sides are called: by version, a draft by the tag of its image.
fn names(running: Option<&str>, old: &ArtifactRecord, new: &ArtifactRecord) -> (String, String) {
    let old_label = running.map_or_else(|| label(old), ToOwned::to_owned);
    let new_label = label(new);
    if old.id == new.id && old_label == new_label {
        return (PRESENT.into(), "the new copy".into());
    }
    if old_label == new_label {
        return (old.name.clone(), new.name.clone());
    }
    (old_label, new_label)
}

/// What runs, when the same is rolled out again.
const PRESENT: &str = "the present copy";

#[component]
fn RollOut(
    workload: WorkloadRecord,
    form: ReplaceForm,
    refusal: Option<Refusal>,
    artifact: ArtifactId,
    old_name: String,
    new_name: String,
    example: String,
) -> impl IntoView {
    let replicas = workload.runtime.replicas();
    let button = if old_name == PRESENT {
        "Roll the draft out again".to_owned()
    } else {
        format!("Replace {old_name} with {new_name}")
    };
    let wrong = refusal.map(|refusal| refusal.fields).unwrap_or_default();
    view! {
        <form method="post" action=ReplaceArtifact::url()>
            <input type="hidden" name="id" value=workload.id.to_string()/>
            <input type="hidden" name="form[artifact_id]" value=artifact.to_string()/>
            <RolloutFields warm_up=form.warm_up keep=form.keep replicas=form.replicas now=replicas old_name new_name wrong
                as_now=plural(replicas.into(), "replica")/>
            <div class="foot">
                <button type="submit" class="solid">{button}</button>
                <a class="btn" href=format!("/workloads/{}/replace", workload.id)>"Back"</a>
                <ApiCall text=example/>
            </div>
        </form>
    }
}
