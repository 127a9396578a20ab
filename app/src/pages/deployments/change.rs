//! Pages that ask: which workload to put under governance, and whether to end that of another.

use handover::{
    deployments,
    model::{
        ArtifactStatus, DeploymentId, DeploymentRecord, Permission, WorkloadId, WorkloadRecord,
    },
    store::{DeploymentFilter, Paging, WorkloadFilter},
    workloads::{self, WithStats},
};
use leptos::{prelude::*, server_fn::ServerFn};
use serde_json::json;

use crate::{
    actions::{CreateDeployment, DeleteDeployment, DeploymentForm},
    components::{
        chip::version_words,
        curl::{ApiCall, call},
        field::{Area, Choice, Field, importances},
        notice::Refused,
    },
    context,
    pages::{
        artifacts::may,
        id,
        layout::{Crumbs, Layout, Part},
        query,
    },
};

/// Workloads offered for choosing.
const OFFERED: u64 = 500;

#[component]
pub fn NewDeploymentPage() -> impl IntoView {
    let wanted = query("workload").and_then(|text| text.parse::<WorkloadId>().ok());
    context::page(async move {
        let (house, caller) = context::door()?;
        let filter = WorkloadFilter {
            artifact_status: vec![ArtifactStatus::Locked],
            ..WorkloadFilter::default()
        };
        let paging = Paging::first(OFFERED);
        let all = workloads::list(&house, &caller, &filter, paging, WithStats::No).await?.items;
        let deployed =
            deployments::list(&house, &caller, &DeploymentFilter::default(), paging).await?.items;
        let (form, refusal) = match context::take_kept::<DeploymentForm>("create-deployment").await
        {
            Some((form, refusal)) => (form, Some(refusal)),
            None => (DeploymentForm::default(), None),
        };
        let chosen = wanted.map_or_else(|| form.workload.clone(), |id| id.to_string());
        let choices: Vec<Choosable> = all.iter().map(|one| Choosable::of(one, &deployed)).collect();
        let none = choices.iter().all(|one| one.refusal.is_some());
        let options = choices.iter().map(|one| one.option(&chosen)).collect_view();
        let wrong = refusal.clone().unwrap_or_default();
        let importance =
            if form.importance.is_empty() { "moderate".to_owned() } else { form.importance };
        let body = json!({ "workloadId": if chosen.is_empty() { "WORKLOAD_ID" } else { &chosen }, "importance": importance });
        let example = call("POST", "/console/deployments/", Some(&body));
        Ok(view! {
            <Layout title="Deploy a workload" part=Part::Deployments width="narrow">
                <Crumbs links=vec![("/deployments".into(), "Deployments".into())] here="New"/>
                <div class="head"><h1>"Deploy a workload"</h1></div>
                <p class="quiet">"It gets an address and roles of its own. What runs is not touched, and deleting the deployment later returns the workload to the ordinary rules."</p>
                {none.then(|| view! { <div class="banner warn"><p>"No workload can be deployed now: it has to run a locked version, be yours, and not be deployed already. "<a href="/workloads">"Promote one"</a>" first."</p></div> })}
                <form method="post" action=CreateDeployment::url() class="card form-card" data-inline="" data-guard="">
                    <Refused refusal/>
                    <div class="field">
                        <label for="workload">"Workload"</label>
                        <select id="workload" name="form[workload]" required=true><option value="">"Choose one"</option>{options}</select>
                        <span class="hint">"Only workloads that run a locked version. What can't be chosen says why."</span>
                    </div>
                    <Field label="Name" name="form[name]" field="name" value=form.name hint="Empty: called like the workload." refusal=wrong.clone()/>
                    <Area label="Description" name="form[description]" field="description" value=form.description rows=2 refusal=wrong/>
                    <Choice label="Importance" name="form[importance]" value=importance options=importances()/>
                    <div class="foot"><button type="submit" class="solid">"Deploy"</button><a class="btn" href="/deployments" data-close="">"Back"</a><ApiCall text=example/></div>
                </form>
            </Layout>
        })
    })
}

/// A workload, and why it can't be chosen.
struct Choosable {
    id: String,
    text: String,
    refusal: Option<String>,
}

impl Choosable {
    fn of(one: &WorkloadRecord, deployed: &[DeploymentRecord]) -> Self {
        let version = version_words(one.artifact.status, one.artifact.version);
        let refusal = if let Some(known) = deployed.iter().find(|d| d.workload_id == one.id) {
            Some(format!("deployed already, as {}", known.name))
        } else if may(&one.permissions, Permission::ShareOwner) {
            None
        } else {
            Some("only an owner may deploy it".to_owned())
        };
        Self { id: one.id.to_string(), text: format!("{} · {version}", one.name), refusal }
    }

    fn option(&self, chosen: &str) -> impl IntoView + use<> {
        let text = match &self.refusal {
            Some(why) => format!("{} ({why})", self.text),
            None => self.text.clone(),
        };
        let (selected, disabled) = (self.id == chosen, self.refusal.is_some());
        view! { <option value=self.id.clone() selected=selected disabled=disabled>{text}</option> }
    }
}

#[component]
pub fn DeleteDeploymentPage() -> impl IntoView {
    let id = id::<DeploymentId>("id", "deployment");
    context::page(async move {
        let (house, caller) = context::door()?;
        let deployment = deployments::get(&house, &caller, &id?).await?;
        let refused = !may(&deployment.permissions, Permission::Delete);
        let id = deployment.id.to_string();
        let example = call("DELETE", &format!("/console/deployments/{id}/"), None);
        let name = deployment.name;
        Ok(view! {
            <Layout title=format!("Delete · {name}") part=Part::Deployments width="narrow">
                <Crumbs links=vec![("/deployments".into(), "Deployments".into()), (format!("/deployments/{id}"), name.clone())] here="Delete"/>
                <div class="head"><h1>{format!("Delete the deployment {name}")}</h1></div>
                <form method="post" action=DeleteDeployment::url()>
                    <input type="hidden" name="id" value=id.clone()/>
                    <section class="card"><header><h2>"What it does"</h2></header>
                        <div class="pad"><ul class="effects">
                            <li>"Its address "<span class="mono anywhere">{deployment.endpoint}</span>" no longer answers."</li>
                            <li>"The roles on it are gone. Those on the workload stay as they are."</li>
                            <li>"The workload goes on running under the ordinary rules, at its own endpoint."</li>
                            <li>"What was written to the audit trail stays."</li>
                        </ul></div>
                    </section>
                    {refused.then(|| view! { <div class="banner warn gap"><p>"Not now: your role on it does not allow that; ask one of its owners."</p></div> })}
                    <div class="foot">
                        {(!refused).then(|| view! { <button type="submit" class="solid danger">"Delete the deployment"</button> })}
                        <a class="btn" href=format!("/deployments/{id}") data-close="">"Back"</a>
                        <ApiCall text=example/>
                    </div>
                </form>
            </Layout>
        })
    })
}
