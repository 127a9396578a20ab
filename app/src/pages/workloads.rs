//! The list of workloads, and the form that makes one.

use handover::{
    live,
    model::{ArtifactStatus, Page, WorkloadRecord},
    store::Paging,
    workloads::WithStats,
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    layout::{Crumbs, Layout, Part},
    offset, query,
};
use crate::{
    actions::{CreateDemo, CreateWorkload, WorkloadForm},
    components::{
        curl::{ApiCall, call},
        field::{Area, Choice, Field, importances},
        notice::Refused,
        pager::{PER_PAGE, Place, pager},
        workload_rows::{WorkloadTable, workload_rows},
    },
    context,
    listing::Wanted,
};

/// What the list shows, as the address says it.
fn wanted() -> Wanted {
    Wanted {
        status: query("status").unwrap_or_default(),
        search: query("search").unwrap_or_default(),
        offset: offset(),
    }
}

#[component]
pub fn Workloads() -> impl IntoView {
    let wanted = wanted();
    context::page(async move {
        let (house, caller) = context::door()?;
        let paging = Paging { offset: wanted.offset, limit: PER_PAGE };
        let page = live::list(&house, &caller, &wanted.filter(), paging, WithStats::Yes).await?;
        let place =
            Place { offset: wanted.offset, shown: page.items.len() as u64, total: page.total };
        let body = if place.total == 0 && !wanted.narrows() {
            view! { <Empty/> }.into_any()
        } else {
            view! { <Table wanted page place/> }.into_any()
        };
        Ok(view! {
            <Layout title="Workloads" part=Part::Workloads live="/live/workloads?every=3">
                <div class="head">
                    <h1>"Workloads"</h1>
                    <div class="actions">
                        <form method="post" action=CreateDemo::url()><button type="submit">"Start a demo workload"</button></form>
                        <a class="btn solid" href="/workloads/new">"New workload"</a>
                    </div>
                </div>
                {body}
            </Layout>
        })
    })
}

/// The first thing a person sees.
#[component]
fn Empty() -> impl IntoView {
    view! {
        <section class="card empty">
            <h2>"No workload yet"</h2>
            <p>"A workload is a container that serves behind an address that never changes, whatever it runs. Start a small one from Handover itself: nothing to install, nothing to pull."</p>
            <form method="post" action=CreateDemo::url()><button type="submit" class="solid">"Start a demo workload"</button></form>
            <p class="small quiet">"or "<a href="/workloads/new">"describe your own"</a></p>
        </section>
    }
}

#[component]
fn Table(wanted: Wanted, page: Page<WorkloadRecord>, place: Place) -> impl IntoView {
    let tab = |status: Option<ArtifactStatus>, name: &'static str| {
        let word = status.map_or("", ArtifactStatus::word).to_owned();
        let href = format!("/workloads?{}", Wanted { status: word, ..wanted.clone() }.query(0));
        let current = (wanted.artifact_status() == status).then_some("page");
        view! { <a href=href aria-current=current>{name}</a> }
    };
    let nothing = (place.shown == 0).then(|| {
        view! {
            <p class="pad quiet">"No workload fits. "<a href="/workloads">"Show all"</a></p>
        }
    });
    let tabs = [
        tab(None, "All"),
        tab(Some(ArtifactStatus::Locked), "Locked"),
        tab(Some(ArtifactStatus::Draft), "Draft"),
    ];
    let pages = pager(place, |offset| format!("/workloads?{}", wanted.query(offset)));
    view! {
        <section class="card" aria-label="List of workloads">
            <div class="bar">
                <nav class="seg" aria-label="Which workloads">
                    {tabs.into_iter().collect_view()}
                </nav>
                <form class="search" role="search" action="/workloads">
                    <input type="hidden" name="status" value=wanted.status.clone()/>
                    <input type="search" name="search" value=wanted.search.clone() aria-label="Search name, ID or description" placeholder="Search name, ID or description"/>
                    <button type="submit">"Search"</button>
                </form>
                {wanted.narrows().then(|| view! { <a class="end small" href="/workloads">"Clear all"</a> })}
            </div>
            {nothing}
            <WorkloadTable>{workload_rows(&page.items, context::now())}</WorkloadTable>
            <div class="bar under"><span class="k">{place.words()}</span><span class="end actions">{pages}</span></div>
        </section>
    }
}

#[component]
pub fn NewWorkload() -> impl IntoView {
    let artifact = query("artifact");
    context::page(async move {
        context::door()?;
        let kept = context::take_kept::<WorkloadForm>("create-workload").await;
        let (form, refusal) = match kept {
            Some((form, refusal)) => (form, Some(refusal)),
            None => (
                WorkloadForm {
                    artifact_id: artifact.unwrap_or_default(),
                    port: "8080".into(),
                    replicas: "1".into(),
                    ..WorkloadForm::default()
                },
                None,
            ),
        };
        let example = call("POST", "/workloads/", Some(&example()));
        Ok(view! {
            <Layout title="New workload" part=Part::Workloads width="middle">
                <Crumbs links=vec![("/workloads".into(), "Workloads".into())] here="New workload"/>
                <div class="head"><h1>"New workload"</h1></div>
                <Refused refusal=refusal.clone()/>
                <form method="post" action=CreateWorkload::url()>
                    <Form form refusal/>
                    <div class="then"><p><b>"Then: "</b>"a draft workload starts with its own address. It serves as soon as its replicas are ready, and it ends by itself when its time as a draft is over, unless you promote it."</p></div>
                    <div class="foot">
                        <button type="submit" class="solid">"Create workload"</button>
                        <a class="btn" href="/workloads">"Back"</a>
                        <ApiCall text=example/>
                    </div>
                </form>
            </Layout>
        })
    })
}

#[component]
fn Form(form: WorkloadForm, refusal: Option<crate::refusal::Refusal>) -> impl IntoView {
    let wrong = || refusal.clone().unwrap_or_default();
    view! {
        <fieldset class="card form-card">
            <legend class="aside">"What it is called"</legend>
            <Field label="Name" name="form[name]" field="name" value=form.name required=true refusal=wrong()/>
            <Field label="Description" name="form[description]" field="description" value=form.description refusal=wrong()/>
            <Choice label="Importance" name="form[importance]" value=form.importance options=importances() hint="Who comes first when there is not enough for all."/>
        </fieldset>
        <fieldset class="card form-card">
            <legend class="aside">"What it runs"</legend>
            <Field label="Artifact ID" name="form[artifact_id]" field="artifact_id" value=form.artifact_id refusal=wrong()
                hint="Of an artifact that exists. Leave it empty to describe a new one below."/>
            <Field label="Image" name="form[image]" field="image" value=form.image refusal=wrong() placeholder="handover/demo:1.0"
                hint="handover/demo:<version> comes with Handover. On this machine's own processes, any other image needs an entrypoint that exists here."/>
            <div class="row-fields">
                <Field label="Port" name="form[port]" field="port" value=form.port kind="number" refusal=wrong() hint="Where it listens; it is passed as PORT."/>
                <Field label="Readiness path" name="form[readiness]" field="readiness" value=form.readiness placeholder="/healthz" refusal=wrong() hint="Answers 200 when it can serve."/>
            </div>
            <Area label="Entrypoint" name="form[entrypoint]" field="entrypoint" value=form.entrypoint rows=2 refusal=wrong() hint="One argument per line; empty for the image's own."/>
            <Area label="Environment" name="form[env]" field="env" value=form.env placeholder="NAME=value" refusal=wrong() hint="One NAME=value per line."/>
        </fieldset>
        <fieldset class="card form-card">
            <legend class="aside">"How much of it"</legend>
            <div class="row-fields">
                <Field label="Replicas" name="form[replicas]" field="replicas" value=form.replicas kind="number" refusal=wrong()/>
                <Field label="CPU cores" name="form[cpu]" field="cpu" value=form.cpu placeholder="0.5" refusal=wrong() hint="Per container."/>
                <Field label="Memory" name="form[memory]" field="memory" value=form.memory placeholder="512MB" refusal=wrong() hint="Per container."/>
            </div>
        </fieldset>
    }
}

fn example() -> serde_json::Value {
    serde_json::json!({
        "name": "my-service",
        "artifact": {
            "name": "my-service",
            "spec": { "containerGroups": [{ "containers": [{
                "imageUri": "handover/demo:1.0",
                "port": 8080,
                "primary": true,
                "readinessProbe": { "path": "/healthz", "port": 8080, "initialDelaySeconds": 0, "periodSeconds": 2 }
            }] }] }
        },
        "runtime": { "containerGroups": [{ "name": "default", "replicaCount": 2 }] }
    })
}

/// `v3 of checkout-api`, or `draft checkout-api`.
pub fn artifact_words(workload: &WorkloadRecord) -> String {
    match workload.artifact.version {
        Some(version) => format!("{} v{version}", workload.artifact.name),
        None => format!("{}, draft", workload.artifact.name),
    }
}
