//! One entry of the history with everything that is known of it.

use handover::{
    events::Told,
    live,
    model::{
        Millis, ReplacementId, ReplacementRecord, Timestamp, WorkloadId, WorkloadLive,
        WorkloadRecord,
    },
    replacement::{self, Sides},
};
use leptos::prelude::*;

use super::{
    Point, replace_with,
    steps::{self, Steps},
};
use crate::{
    components::{
        curl::{ApiCall, call},
        diff::Diff,
        format::{minutes, plural},
        person::person,
        replicas::runtime_words,
        rollout::{Past, is_over},
        spec::lines,
        time::Moment,
    },
    context,
    pages::{
        id,
        layout::{Crumbs, Layout, Part},
        workload::settings,
    },
};

#[component]
pub fn OneReplacement() -> impl IntoView {
    let workload_id = id::<WorkloadId>("id", "workload");
    let id = id::<ReplacementId>("rid", "replacement");
    context::page(async move {
        let (house, caller) = context::door()?;
        let (workload_id, id) = (workload_id?, id?);
        let live = live::workload(&house, &caller, &workload_id).await?;
        let record = replacement::get(&house, &caller, &workload_id, &id, None).await?;
        let sides = replacement::ran(&house, &caller, &workload_id, &id).await?;
        let steps = steps::read(&house, &caller, &record).await?;
        let name = live.workload.name.clone();
        let title = format!("{} · {name}", record.name);
        let stream = format!("/live/workloads/{workload_id}?every=1");
        let over = is_over(&record);
        let body = view! {
            <Crumbs links=vec![
                ("/workloads".into(), "Workloads".into()),
                (format!("/workloads/{workload_id}"), name),
                (format!("/workloads/{workload_id}/history"), "History".into()),
            ] here=record.name.clone()/>
            <Entry record sides live steps/>
        };
        // What is over does not change any more.
        Ok(if over {
            view! { <Layout title part=Part::Workloads>{body}</Layout> }.into_any()
        } else {
            view! { <Layout title part=Part::Workloads live=stream>{body}</Layout> }.into_any()
        })
    })
}

#[component]
fn Entry(
    record: ReplacementRecord,
    sides: Sides,
    live: WorkloadLive,
    steps: Vec<Told>,
) -> impl IntoView {
    let now = context::now();
    let base = format!("/workloads/{}", record.workload_id);
    let example = call("GET", &format!("{base}/replacements/{}/", record.id), None);
    let label = sides.after.as_ref().map(|ran| ran.label.clone());
    let compare = format!("{base}/history/compare?to={}", Point::after(&record.id).word());
    view! {
        <div class="head"><h1>{record.name.clone()}</h1>
            <div class="actions"><Back record=record.clone() workload=live.workload sides=sides.clone()/></div></div>
        <Past record=record.clone() tracks=live.tracks now/>
        <Steps steps name=record.name.clone()/>
        <section class="card">
            <header><h2>"What was changed"</h2><a href=compare>"Compare with another entry"</a></header>
            <Changed sides/>
        </section>
        <section class="card">
            <header><h2>"About"</h2></header>
            <Facts record label/>
            <div class="pad"><ApiCall text=example/></div>
        </section>
    }
}

/// The ways back: to what ran before, and to what this put in place, when that is not what is there now.
#[component]
fn Back(record: ReplacementRecord, workload: WorkloadRecord, sides: Sides) -> impl IntoView {
    let differs = |artifact: &handover::model::ArtifactId| *artifact != workload.artifact_id;
    let before = sides.before.filter(|ran| differs(&ran.artifact_id)).map(|ran| {
        (replace_with(&workload.id, &ran.artifact_id), format!("Replace back to {}", ran.label))
    });
    let after = sides.after.filter(|ran| differs(&ran.artifact_id)).map(|ran| {
        (replace_with(&workload.id, &ran.artifact_id), format!("Replace with {}", ran.label))
    });
    let settings = (record.runtime != workload.runtime).then(|| {
        (settings::again(&workload.id, &record.runtime), "Use these settings again".to_owned())
    });
    let links = [before, after, settings].into_iter().flatten();
    links.map(|(href, text)| view! { <a class="btn" href=href>{text}</a> }).collect_view()
}

#[component]
fn Changed(sides: Sides) -> impl IntoView {
    let (Some(old), Some(new)) = (sides.before, sides.after) else {
        return view! { <p class="pad quiet">"It is not known any more what ran before and after."</p> }.into_any();
    };
    let unsure = !(old.is_copy && new.is_copy);
    view! {
        {unsure.then(|| view! { <p class="pad quiet">"Nothing ran at the time: the artifact is shown as it is stored now."</p> })}
        <Diff old_name="Before" old=lines(&old.spec, Some(&old.runtime)) new_name="After" new=lines(&new.spec, Some(&new.runtime))/>
    }
    .into_any()
}

#[component]
fn Facts(
    record: ReplacementRecord,
    /// What the artifact is called, when that is known.
    label: Option<String>,
) -> impl IntoView {
    let config = record.config;
    let length = |planned: u32, took: Option<Millis>| match (planned, took) {
        (0, _) => "none".to_owned(),
        (planned, None) => plural(planned.into(), "minute"),
        (planned, Some(took)) => {
            format!("{} planned, {} taken", plural(planned.into(), "minute"), minutes(took))
        }
    };
    let from_to = |from: Option<Timestamp>, to: Option<Timestamp>| Some(to?.since(from?));
    let warmed = from_to(record.ready_at, record.switched_at);
    let kept = from_to(record.switched_at, record.retired_at);
    let label = label.unwrap_or_else(|| record.artifact_id.to_string());
    let when = |name: &'static str, at: Option<Timestamp>| {
        at.map(|at| view! { <dt>{name}</dt><dd><Moment at/></dd> })
    };
    view! {
        <dl class="facts">
            <dt>"Kind"</dt><dd>{record.kind.word()}</dd>
            <dt>"By"</dt><dd>{person(&record.user)}</dd>
            <dt>"Artifact"</dt><dd><a href=format!("/artifacts/{}", record.artifact_id)>{label}</a></dd>
            <dt>"Runtime"</dt><dd>{runtime_words(&record.runtime)}</dd>
            <dt>"Warm-up"</dt><dd>{length(config.warmup_duration_minutes, warmed)}</dd>
            <dt>"Keep old"</dt><dd>{length(config.keep_old_version_minutes, kept)}</dd>
            {when("Started", Some(record.started_at))}
            {when("Ready", record.ready_at)}
            {when("Switched", record.switched_at)}
            {when("Ended", is_over(&record).then_some(record.updated_at))}
            <dt>"ID"</dt><dd class="mono">{record.id.to_string()}</dd>
        </dl>
    }
}
