//! One deployment: how it is served, what it governs, and what is said about it.

use handover::{
    deployments,
    model::{DeploymentId, DeploymentRecord, Permission, WorkloadRecord},
};
use leptos::{prelude::*, server_fn::ServerFn};
use serde_json::json;

use super::{Governed, approval_word, governed, importance_word};
use crate::{
    actions::{DeploymentForm, EditDeployment},
    components::{
        chip::{StatusChip, version_words},
        curl::{ApiCall, Code, call},
        field::{Area, Choice, Field, importances},
        notice::Refused,
        person::person,
        time::When,
    },
    context,
    pages::{
        artifacts::may,
        id,
        layout::{Crumbs, Layout, Part},
    },
    refusal::Refusal,
};

/// The parts of a deployment's page: links, so that each has an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Overview,
    Audit,
}

/// What all pages of a deployment begin with.
#[component]
pub fn Head(deployment: DeploymentRecord, here: Tab) -> impl IntoView {
    let base = format!("/deployments/{}", deployment.id);
    let current = move |tab: Tab| (tab == here).then_some("page");
    let deletes = may(&deployment.permissions, Permission::Delete);
    let shares = may(&deployment.permissions, Permission::Share);
    view! {
        <Crumbs links=vec![("/deployments".into(), "Deployments".into())] here=deployment.name.clone()/>
        <div class="head">
            <h1>{deployment.name.clone()}</h1>
            <StatusChip status=deployment.status/>
            <span class="chip">{format!("{} importance", importance_word(deployment.importance))}</span>
            <div class="actions">
                {deletes.then(|| view! { <a class="btn plain" href=format!("{base}/delete") data-dialog="">"Delete"</a> })}
                {shares.then(|| view! { <a class="btn" href=format!("{base}/share") data-dialog="">"Share"</a> })}
            </div>
        </div>
        <nav class="tabs" aria-label="Deployment">
            <a href=base.clone() aria-current=current(Tab::Overview)>"Overview"</a>
            <a href=format!("{base}/share")>"Access"</a>
            <a href=format!("{base}/audit") aria-current=current(Tab::Audit)>"Audit log"</a>
        </nav>
    }
}

#[component]
pub fn DeploymentPage() -> impl IntoView {
    let id = id::<DeploymentId>("id", "deployment");
    context::page(async move {
        let (house, caller) = context::door()?;
        let deployment = deployments::get(&house, &caller, &id?).await?;
        let mut workloads = governed(&house, &caller, std::slice::from_ref(&deployment)).await?;
        let workload = workloads.remove(&deployment.workload_id);
        let kept = context::take_kept::<DeploymentForm>("edit-deployment").await;
        let live = match &workload {
            Some(workload) => format!("/live/workloads/{}", workload.id),
            None => "/live/pulse?every=5".to_owned(),
        };
        let updates = may(&deployment.permissions, Permission::Update);
        let title = deployment.name.clone();
        Ok(view! {
            <Layout title part=Part::Deployments live>
                <Head deployment=deployment.clone() here=Tab::Overview/>
                <div class="cols">
                    <div class="stack">
                        <Served deployment=deployment.clone()/>
                        {updates.then(|| view! { <Edit deployment=deployment.clone() kept/> })}
                        {(!updates).then(|| view! { <section class="card"><header><h2>"Description"</h2></header><p class="pad anywhere">{deployment.description.clone()}</p></section> })}
                    </div>
                    <Facts deployment workload/>
                </div>
            </Layout>
        })
    })
}

/// Its address, and how to call it.
#[component]
fn Served(deployment: DeploymentRecord) -> impl IntoView {
    let example =
        format!("curl {} \\\n  -H \"Authorization: Bearer $HANDOVER_TOKEN\"", deployment.endpoint);
    view! {
        <section class="card">
            <header><h2>"How it is served"</h2></header>
            <div class="pad">
                <p>"Requests to its address go to whatever its workload runs at that moment, through every replacement. Who may call it is decided by the roles on this deployment, not by those on the workload."</p>
                <Code text=deployment.endpoint.clone() what="the address"/>
                <details><summary>"Call it"</summary><Code text=example what="the call"/></details>
            </div>
        </section>
    }
}

#[component]
fn Facts(deployment: DeploymentRecord, workload: Option<WorkloadRecord>) -> impl IntoView {
    let version = workload.as_ref().map(|workload| {
        let artifact = &workload.artifact;
        let words = version_words(artifact.status, artifact.version);
        view! { <dt>"Version"</dt><dd><a href=format!("/artifacts/{}", artifact.id)>{words}" of "{artifact.name.clone()}</a></dd> }
    });
    let replace = workload.as_ref().map(|workload| {
        view! { <p class="pad quiet">"What runs is changed on the workload: "<a href=format!("/workloads/{}/replace", workload.id)>"replace its version"</a>"."</p> }
    });
    view! {
        <section class="card">
            <header><h2>"What it governs"</h2></header>
            <dl class="facts">
                <dt>"Workload"</dt><dd><Governed id=deployment.workload_id.clone() workload/></dd>
                {version}
                <dt>"Health"</dt><dd><StatusChip status=deployment.status/></dd>
                <dt>"Approval"</dt><dd>{approval_word(deployment.approval_status)}</dd>
                <dt>"Owner"</dt><dd>{person(&deployment.creator)}</dd>
                <dt>"Created"</dt><dd><When at=deployment.created_at/></dd>
                <dt>"Modified"</dt><dd><When at=deployment.updated_at/></dd>
                <dt>"Deployment ID"</dt><dd class="mono">{deployment.id.to_string()}</dd>
            </dl>
            {replace}
        </section>
    }
}

#[component]
fn Edit(deployment: DeploymentRecord, kept: Option<(DeploymentForm, Refusal)>) -> impl IntoView {
    let id = deployment.id.to_string();
    let (form, refusal) = match kept {
        Some((form, refusal)) => (form, Some(refusal)),
        None => {
            let form = DeploymentForm {
                workload: String::new(),
                name: deployment.name,
                description: deployment.description,
                importance: deployment.importance.word().to_owned(),
            };
            (form, None)
        }
    };
    let wrong = || refusal.clone().unwrap_or_default();
    let body = json!({ "name": form.name, "description": form.description, "importance": form.importance });
    let example = call("PATCH", &format!("/console/deployments/{id}/"), Some(&body));
    view! {
        <section class="card">
            <header><h2>"Name, description, importance"</h2></header>
            <form method="post" action=EditDeployment::url() class="form-card" data-inline="" data-guard="">
                <Refused refusal=refusal.clone()/>
                <input type="hidden" name="id" value=id/>
                <Field label="Name" name="form[name]" field="name" value=form.name required=true refusal=wrong()/>
                <Area label="Description" name="form[description]" field="description" value=form.description rows=2 refusal=wrong()/>
                <Choice label="Importance" name="form[importance]" value=form.importance options=importances()/>
                <div class="foot"><button type="submit" class="solid">"Save"</button><ApiCall text=example/></div>
            </form>
        </section>
    }
}
