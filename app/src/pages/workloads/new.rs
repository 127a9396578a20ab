//! The form that makes a workload: from an artifact that is there, or from one described on the spot.

use handover::{
    access, bundles,
    model::{ArtifactId, Bundle},
    store::Paging,
    workloads::{self, Choice as Candidate},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    super::{
        layout::{Crumbs, Layout, Part},
        query,
    },
    empty::Demo,
    pick::{Pick, SHOWN},
};
use crate::{
    actions::{CreateWorkload, WorkloadForm},
    components::{
        curl::{ApiCall, call},
        field::{Area, Choice, Field, importances},
        notice::Refused,
    },
    context,
    refusal::Refusal,
};

#[component]
pub fn NewWorkload() -> impl IntoView {
    let artifact = query("artifact");
    context::page(async move {
        let (house, caller) = context::door()?;
        access::may_create(&caller)?;
        let kept = context::take_kept::<WorkloadForm>("create-workload").await;
        let (form, refusal) = match kept {
            // What was only looked for comes back without a word of refusal.
            Some((form, refusal)) => (form, Some(refusal).filter(|r| !r.message.is_empty())),
            None => (first(artifact), None),
        };
        let chosen: Option<ArtifactId> = form.artifact_id.trim().parse().ok();
        let choices =
            workloads::choices(&house, &caller, &form.find, chosen.as_ref(), SHOWN).await?;
        let sizes = bundles::list(&house, Paging::first(100)).items;
        let example = call("POST", "/workloads/", Some(&example(&form)));
        Ok(view! {
            <Layout title="New workload" part=Part::Workloads width="middle">
                <Crumbs links=vec![("/workloads".into(), "Workloads".into())] here="New workload"/>
                <div class="head"><h1>"New workload"</h1></div>
                <section class="card bar demo" aria-label="A demo workload">
                    <span>"Nothing at hand? A small web page that is built into Handover serves at once."</span>
                    <Demo class=""/>
                </section>
                <Refused refusal=refusal.clone()/>
                <form method="post" action=CreateWorkload::url() class="new-workload" data-inline="" data-guard="">
                    // Enter in a field creates, and does not press the first button there is.
                    <button type="submit" class="aside" tabindex="-1" aria-hidden="true">"Create workload"</button>
                    <Called form=form.clone() refusal=refusal.clone()/>
                    <Runs form=form.clone() choices refusal=refusal.clone()/>
                    <Size form sizes refusal/>
                    <div class="then"><p><b>"Then: "</b>"the workload starts with an address of its own and serves as soon as its replicas are ready. On a draft it ends by itself when its time as a draft is over, unless you promote it; on a locked version it serves until somebody stops it."</p></div>
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

/// Before anything was typed.
fn first(artifact: Option<String>) -> WorkloadForm {
    WorkloadForm {
        source: if artifact.is_some() { "existing".into() } else { "new".into() },
        artifact_id: artifact.unwrap_or_default(),
        port: "8080".into(),
        replicas: "1".into(),
        ..WorkloadForm::default()
    }
}

#[component]
fn Called(form: WorkloadForm, refusal: Option<Refusal>) -> impl IntoView {
    let wrong = || refusal.clone().unwrap_or_default();
    view! {
        <fieldset class="card form-card">
            <legend class="aside">"What it is called"</legend>
            <Field label="Name" name="form[name]" field="name" value=form.name required=true refusal=wrong()/>
            <Field label="Description" name="form[description]" field="description" value=form.description refusal=wrong()/>
            <Choice label="Importance" name="form[importance]" value=form.importance options=importances() hint="Who comes first when there is not enough for all."/>
        </fieldset>
    }
}

#[component]
fn Runs(form: WorkloadForm, choices: Vec<Candidate>, refusal: Option<Refusal>) -> impl IntoView {
    let wrong = || refusal.clone().unwrap_or_default();
    let existing = form.is_existing();
    let source = |value: &'static str, words: &'static str, checked: bool| {
        view! { <label class="check"><input type="radio" name="form[source]" value=value checked=checked/>{words}</label> }
    };
    view! {
        <fieldset class="card form-card runs">
            <legend class="aside">"What it runs"</legend>
            <div class="sources">
                {source("new", "Describe a new artifact", !existing)}
                {source("existing", "Choose an artifact that is there", existing)}
            </div>
            <div class="of-existing"><Pick form=form.clone() choices refusal=refusal.clone()/></div>
            <div class="of-new">
                <Field label="Image" name="form[image]" field="image" value=form.image refusal=wrong() placeholder="handover/demo:1.0"
                    hint="handover/demo:<version> comes with Handover. On this machine's own processes, any other image needs an entrypoint that exists here."/>
                <div class="row-fields">
                    <Field label="Port" name="form[port]" field="port" value=form.port kind="number" refusal=wrong() hint="Where it listens; it is passed as PORT."/>
                    <Field label="Readiness path" name="form[readiness]" field="readiness" value=form.readiness placeholder="/healthz" refusal=wrong() hint="Answers 200 when it can serve."/>
                </div>
                <Area label="Entrypoint" name="form[entrypoint]" field="entrypoint" value=form.entrypoint rows=2 refusal=wrong() hint="One argument per line; empty for the image's own."/>
                <Area label="Environment" name="form[env]" field="env" value=form.env placeholder="NAME=value" refusal=wrong() hint="One NAME=value per line."/>
            </div>
        </fieldset>
    }
}

#[component]
fn Size(form: WorkloadForm, sizes: Vec<Bundle>, refusal: Option<Refusal>) -> impl IntoView {
    let wrong = || refusal.clone().unwrap_or_default();
    let fault = wrong().fields.into_iter().find(|fault| fault.field == "bundle");
    let option = |value: String, words: String| {
        let selected = value == form.bundle;
        view! { <option value=value selected=selected>{words}</option> }
    };
    let options = sizes
        .into_iter()
        .map(|size| {
            let about = size.description.unwrap_or_default();
            option(size.id, format!("{}: {about}", size.name))
        })
        .collect_view();
    let invalid = fault.is_some().then_some("true");
    let described_by = if fault.is_some() { "bundle-hint bundle-wrong" } else { "bundle-hint" };
    view! {
        <fieldset class="card form-card">
            <legend class="aside">"How much of it"</legend>
            <div class="row-fields">
                <Field label="Replicas" name="form[replicas]" field="replicas" value=form.replicas.clone() kind="number" refusal=wrong()/>
                <div class="field">
                    <label for="bundle">"Size of each"</label>
                    <select id="bundle" name="form[bundle]" aria-describedby=described_by aria-invalid=invalid>
                        {option(String::new(), "No fixed size".into())}
                        {options}
                    </select>
                    <span class="hint" id="bundle-hint">"A compute bundle; or type CPU and memory."</span>
                    {fault.map(|fault| view! { <span class="wrong" id="bundle-wrong">{fault.message}</span> })}
                </div>
                <Field label="CPU cores" name="form[cpu]" field="cpu" value=form.cpu.clone() placeholder="0.5" refusal=wrong() hint="Of the container that serves."/>
                <Field label="Memory" name="form[memory]" field="memory" value=form.memory.clone() placeholder="512MB" refusal=wrong() hint="Of the container that serves."/>
            </div>
        </fieldset>
    }
}

fn example(form: &WorkloadForm) -> serde_json::Value {
    let runtime =
        serde_json::json!({ "containerGroups": [{ "name": "default", "replicaCount": 2 }] });
    if !form.artifact_id.is_empty() {
        return serde_json::json!({
            "name": "my-service", "artifactId": form.artifact_id, "runtime": runtime,
        });
    }
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
        "runtime": runtime
    })
}
