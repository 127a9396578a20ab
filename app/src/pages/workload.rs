//! A workload's page and its tabs. What is live is one island; what a tab adds is rendered into it.

use handover::{
    artifacts, live,
    model::{ArtifactStatus, Spec, WorkloadId, WorkloadLive, WorkloadRecord, WorkloadRuntime},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    id,
    layout::{Crumbs, Layout, Part},
    workloads::artifact_words,
};
use crate::{
    actions::{ChangeSettings, ContainerForm, EditWorkload, SettingsForm},
    components::{
        curl::{ApiCall, Code, call},
        field::{Choice, Field, importances},
        format::{Zone, day_time, plural},
        notice::Refused,
        replicas::runtime_words,
        tabs::Tab,
    },
    context,
    islands::LiveWorkload,
    refusal::Refusal,
};

/// What all tabs have: the way here, and the live head.
#[component]
pub fn Frame(live: WorkloadLive, tab: Tab, children: Children) -> impl IntoView {
    let name = live.workload.name.clone();
    view! {
        <Layout title=name.clone() part=Part::Workloads>
            <Crumbs links=vec![("/workloads".into(), "Workloads".into())] here=name/>
            <LiveWorkload first=live tab>{children()}</LiveWorkload>
        </Layout>
    }
}

#[component]
pub fn Overview() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    context::page(async move {
        let (house, caller) = context::door()?;
        let live = live::workload(&house, &caller, &id?).await?;
        let workload = live.workload.clone();
        Ok(view! {
            <Frame live tab=Tab::Overview>
                <NextStep workload=workload.clone()/>
                <About workload/>
            </Frame>
        })
    })
}

/// For a draft: what one does next.
#[component]
fn NextStep(workload: WorkloadRecord) -> impl IntoView {
    (workload.artifact.status == ArtifactStatus::Draft).then(|| {
        let base = format!("/workloads/{}", workload.id);
        let edit = format!("/artifacts/{}/edit", workload.artifact_id);
        view! {
            <section class="card">
                <header><h2>"Next"</h2></header>
                <div class="pad">
                    <ol class="effects prose">
                        <li>"Send it a request:"<Code text=curl_endpoint(&workload.endpoint) what="the request"/></li>
                        <li><a href=edit>"Edit its draft"</a>", for example the version of its image, then "<a href=format!("{base}/replace")>"replace"</a>" what runs with it. No request is dropped."</li>
                        <li><a href=format!("{base}/promote")>"Promote"</a>" it to production: it gets a version and no longer ends by itself."</li>
                    </ol>
                </div>
            </section>
        }
    })
}

fn curl_endpoint(endpoint: &str) -> String {
    format!("curl -H \"Authorization: Bearer $HANDOVER_TOKEN\" {endpoint}")
}

#[component]
fn About(workload: WorkloadRecord) -> impl IntoView {
    let now = context::now();
    let lifetime = match workload.expires_at {
        Some(at) => format!("until {} unless promoted", day_time(at, now, Zone::UTC)),
        None => "indefinite".into(),
    };
    view! {
        <section class="card">
            <header><h2>"About"</h2><a href=format!("/workloads/{}/settings", workload.id)>"Edit"<span class="aside">" what it is called"</span></a></header>
            <dl class="facts">
                {(!workload.description.is_empty()).then(|| view! { <dt>"Description"</dt><dd>{workload.description.clone()}</dd> })}
                <dt>"Artifact"</dt><dd><a href=format!("/artifacts/{}", workload.artifact_id)>{artifact_words(&workload)}</a></dd>
                <dt>"Lifetime"</dt><dd>{lifetime}</dd>
                <dt>"Runtime"</dt><dd>{runtime_words(&workload.runtime)}</dd>
                <dt>"Importance"</dt><dd>{workload.importance.word()}</dd>
                <dt>"Owner"</dt><dd>{workload.creator.username.clone()}</dd>
                <dt>"Created"</dt><dd>{day_time(workload.created_at, now, Zone::UTC)}</dd>
                <dt>"Workload ID"</dt><dd class="mono">{workload.id.to_string()}</dd>
            </dl>
        </section>
    }
}

#[component]
pub fn EndpointPage() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    context::page(async move {
        let (house, caller) = context::door()?;
        let live = live::workload(&house, &caller, &id?).await?;
        let url = live.workload.endpoint.clone();
        let post = format!(
            "curl -X POST -H \"Authorization: Bearer $HANDOVER_TOKEN\" \\\n  -H 'Content-Type: application/json' -d '{{\"hello\":\"world\"}}' {url}echo"
        );
        let python = format!(
            "import os, requests\n\nanswer = requests.get(\n    \"{url}\",\n    headers={{\"Authorization\": f\"Bearer {{os.environ['HANDOVER_TOKEN']}}\"}},\n)\nprint(answer.status_code, answer.text)"
        );
        Ok(view! {
            <Frame live tab=Tab::Endpoint>
                <section class="card">
                    <header><h2>"Call it"</h2></header>
                    <div class="pad">
                        <h3>"GET, with curl"</h3><Code text=curl_endpoint(&url) what="the GET request"/>
                        <h3>"POST, with curl"</h3><Code text=post what="the POST request"/>
                        <h3>"Python"</h3><Code text=python what="the Python code"/>
                    </div>
                </section>
                <section class="card">
                    <header><h2>"What stays the same"</h2></header>
                    <div class="pad prose">
                        <p>"This address never changes, whatever the workload runs. During a replacement it answers without interruption: requests that have begun finish where they began, new ones go to the new version once traffic has moved."</p>
                        <p>"What follows the address is passed to the workload as it is. Streams, WebSockets and large bodies pass through. "<code>"Authorization"</code>" is taken out: the workload does not see your token."</p>
                    </div>
                </section>
            </Frame>
        })
    })
}

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
