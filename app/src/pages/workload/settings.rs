//! What a workload is called, and how much of it there is.

use handover::{
    artifacts, live,
    model::{Spec, WorkloadId, WorkloadRecord, WorkloadRuntime},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{super::id, Frame};
use crate::{
    actions::{ChangeSettings, ContainerForm, EditWorkload, SettingsForm},
    components::{
        curl::{ApiCall, call},
        field::{Choice, Field, importances},
        format::plural,
        notice::Refused,
        tabs::Tab,
    },
    context,
    refusal::Refusal,
};

#[component]
pub fn Settings() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    context::page(async move {
        let (house, caller) = context::door()?;
        let live = live::workload(&house, &caller, &id?).await?;
        let artifact = artifacts::get(&house, &caller, &live.workload.artifact_id).await?;
        let kept = context::take_kept::<SettingsForm>("settings").await;
        let (form, refusal) = match kept {
            Some((form, refusal)) => (form, Some(refusal)),
            None => (present(&live.workload.runtime, &artifact.spec), None),
        };
        let workload = live.workload.clone();
        Ok(view! {
            <Frame live tab=Tab::Settings>
                <Compute workload=workload.clone() form refusal/>
                <Details workload/>
            </Frame>
        })
    })
}

/// The settings as they are, one entry per container of the artifact.
fn present(runtime: &WorkloadRuntime, spec: &Spec) -> SettingsForm {
    let mut containers = Vec::new();
    for group in &spec.container_groups {
        let set = runtime.container_groups.iter().find(|set| set.name == group.name);
        for container in &group.containers {
            let name = container.name.clone().unwrap_or_default();
            let sized = set.and_then(|set| set.containers.iter().find(|c| c.name == name));
            let allocation =
                sized.map(|sized| sized.resource_allocation.clone()).unwrap_or_default();
            containers.push(ContainerForm {
                group: group.name.clone(),
                name,
                cpu: allocation.cpu.map(|cpu| cpu.to_string()).unwrap_or_default(),
                memory: allocation.memory.map(|memory| memory.0.to_string()).unwrap_or_default(),
            });
        }
    }
    SettingsForm { replicas: runtime.replicas().to_string(), containers }
}

#[component]
fn Compute(
    workload: WorkloadRecord,
    form: SettingsForm,
    refusal: Option<Refusal>,
) -> impl IntoView {
    let wrong = || refusal.clone().unwrap_or_default();
    let scaled = workload
        .runtime
        .container_groups
        .iter()
        .any(|group| group.autoscaling.as_ref().is_some_and(|scaling| scaling.enabled));
    let consequence = if workload.proton_id.is_some() {
        format!(
            "saving starts {} with the new settings beside the ones that run. When all are ready, traffic moves to them at once; open requests finish where they began. If they don't become ready, nothing changes for callers.",
            plural(workload.runtime.replicas().into(), "replica"),
        )
    } else {
        "nothing runs now, so nothing rolls: the next start uses the new settings.".to_owned()
    };
    let body = serde_json::json!({ "runtime": workload.runtime });
    let example = call("PATCH", &format!("/workloads/{}/settings/", workload.id), Some(&body));
    let containers = form.containers.into_iter().enumerate().map(|(at, container)| {
        let name = |field: &str| format!("form[containers][{at}][{field}]");
        let place = |field: &str| format!("containers.{at}.{field}");
        view! {
            <input type="hidden" name=name("group") value=container.group/>
            <input type="hidden" name=name("name") value=container.name.clone()/>
            <h3>{format!("Container {}", container.name)}</h3>
            <div class="row-fields">
                <Field label="CPU cores" name=name("cpu") field=place("cpu") value=container.cpu refusal=wrong()/>
                <Field label="Memory" name=name("memory") field=place("memory") value=container.memory refusal=wrong() hint="Bytes, or with a unit: 512MB, 1GiB."/>
            </div>
        }
    }).collect_view();
    view! {
        <section class="card">
            <header><h2>"Compute"</h2></header>
            <form method="post" action=ChangeSettings::url() class="form-card">
                <Refused refusal=refusal.clone()/>
                {scaled.then(|| view! { <p class="banner">"Autoscaling is set through the API. Saving a number of replicas here switches it off."</p> })}
                <input type="hidden" name="id" value=workload.id.to_string()/>
                <Field label="Replicas" name="form[replicas]" field="replicas" value=form.replicas kind="number" required=true refusal=wrong()/>
                {containers}
                <div class="then"><p><b>"Then: "</b>{consequence}</p></div>
                <div class="foot"><button type="submit" class="solid">"Save and roll out"</button><ApiCall text=example/></div>
            </form>
        </section>
    }
}

#[component]
fn Details(workload: WorkloadRecord) -> impl IntoView {
    let body = serde_json::json!({
        "name": workload.name, "description": workload.description, "importance": workload.importance,
    });
    let example = call("PATCH", &format!("/workloads/{}/", workload.id), Some(&body));
    view! {
        <section class="card">
            <header><h2>"Details"</h2></header>
            <form method="post" action=EditWorkload::url() class="form-card">
                <input type="hidden" name="id" value=workload.id.to_string()/>
                <Field label="Name" name="name" value=workload.name required=true/>
                <Field label="Description" name="description" value=workload.description/>
                <Choice label="Importance" name="importance" value=workload.importance.word() options=importances() hint="Who comes first when there is not enough for all."/>
                <p class="hint">"Takes effect at once; nothing is restarted."</p>
                <div class="foot"><button type="submit" class="solid">"Save details"</button><ApiCall text=example/></div>
            </form>
        </section>
    }
}
