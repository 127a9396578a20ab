//! What was changed, what happened, what was written: the tabs that look back.

use handover::{
    live, logs,
    logs::LogFilter,
    model::{LogLevel, LogRecord, ReplacementId, ReplacementRecord, WorkloadId},
    replacement,
    store::Paging,
};
use leptos::prelude::*;

use super::{
    id,
    layout::{Crumbs, Layout, Part},
    offset, query,
    workload::Frame,
};
use crate::{
    components::{
        curl::{ApiCall, call},
        events::{EventTable, event_rows},
        format::{Zone, clock, day_time},
        history::{HistoryTable, history_rows},
        pager::{PER_PAGE, Place, pager},
        replicas::runtime_words,
        rollout::Past,
        tabs::Tab,
    },
    context,
};

/// Lines of log on one page.
const LINES: u64 = 200;

#[component]
pub fn History() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    let offset = offset();
    context::page(async move {
        let (house, caller) = context::door()?;
        let id = id?;
        let live = live::workload(&house, &caller, &id).await?;
        let page =
            replacement::list(&house, &caller, &id, Paging { offset, limit: PER_PAGE }).await?;
        let place = Place { offset, shown: page.items.len() as u64, total: page.total };
        let pages = pager(place, |offset| format!("/workloads/{id}/history?offset={offset}"));
        let now = house.now();
        let rows = history_rows(&page.items, now, Zone::UTC);
        let none = page.total == 0;
        Ok(view! {
            <Frame live tab=Tab::History>
                <section class="card">
                    <header><h2>"History"</h2></header>
                    {none.then(|| view! { <p class="pad quiet">"Nothing has been changed yet. Replacements, changed settings and the promotion will be here, with what each did to traffic."</p> })}
                    <HistoryTable>{rows}</HistoryTable>
                    <div class="bar under"><span class="k">{place.words()}</span>
                        <span class="end actions">{pages}</span></div>
                </section>
            </Frame>
        })
    })
}

/// One entry of the history with everything that is known of it.
#[component]
pub fn OneReplacement() -> impl IntoView {
    let workload_id = id::<WorkloadId>("id", "workload");
    let id = id::<ReplacementId>("rid", "replacement");
    context::page(async move {
        let (house, caller) = context::door()?;
        let (workload_id, id) = (workload_id?, id?);
        let live = live::workload(&house, &caller, &workload_id).await?;
        let record = replacement::get(&house, &caller, &workload_id, &id, None).await?;
        let name = live.workload.name.clone();
        let now = house.now();
        let example = call("GET", &format!("/workloads/{workload_id}/replacements/{id}/"), None);
        let tracks = live.tracks;
        Ok(view! {
            <Layout title=format!("{} · {name}", record.name) part=Part::Workloads>
                <Crumbs links=vec![
                    ("/workloads".into(), "Workloads".into()),
                    (format!("/workloads/{workload_id}"), name),
                    (format!("/workloads/{workload_id}/history"), "History".into()),
                ] here=record.name.clone()/>
                <div class="head"><h1>{record.name.clone()}</h1></div>
                <Past record=record.clone() tracks now/>
                <section class="card">
                    <header><h2>"About"</h2></header>
                    <Facts record now/>
                    <div class="pad"><ApiCall text=example/></div>
                </section>
            </Layout>
        })
    })
}

#[component]
fn Facts(record: ReplacementRecord, now: handover::model::Timestamp) -> impl IntoView {
    let time = |at| day_time(at, now, Zone::UTC);
    let when = |name: &'static str, at: Option<handover::model::Timestamp>| {
        at.map(|at| view! { <dt>{name}</dt><dd>{time(at)}" "<span class="quiet">{clock(at, Zone::UTC)}</span></dd> })
    };
    view! {
        <dl class="facts">
            <dt>"Kind"</dt><dd>{record.kind.word()}</dd>
            <dt>"By"</dt><dd>{record.user.username.clone()}</dd>
            <dt>"Artifact"</dt><dd><a href=format!("/artifacts/{}", record.artifact_id)>{record.artifact_id.to_string()}</a></dd>
            <dt>"Runtime"</dt><dd>{runtime_words(&record.runtime)}</dd>
            <dt>"Warm-up"</dt><dd>{format!("{} min", record.config.warmup_duration_minutes)}</dd>
            <dt>"Keep old"</dt><dd>{format!("{} min", record.config.keep_old_version_minutes)}</dd>
            {when("Started", Some(record.started_at))}
            {when("Ready", record.ready_at)}
            {when("Switched", record.switched_at)}
            {when("Old one gone", record.retired_at)}
            <dt>"ID"</dt><dd class="mono">{record.id.to_string()}</dd>
        </dl>
    }
}

/// Events, live, and the log of all replicas.
#[component]
pub fn Activity() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    let text = query("text").unwrap_or_default();
    let level = query("level").unwrap_or_default();
    let offset = offset();
    context::page(async move {
        let (house, caller) = context::door()?;
        let id = id?;
        let live = live::workload(&house, &caller, &id).await?;
        let filter = LogFilter {
            lowest: lowest(&level),
            includes: Some(text.clone()).filter(|text| !text.is_empty()).into_iter().collect(),
            ..LogFilter::default()
        };
        let page =
            logs::read(&house, &caller, &id, &filter, Paging { offset, limit: LINES }).await?;
        let narrowed = !text.is_empty() || !level.is_empty();
        let example = call("GET", &format!("/otel/workload/{id}/logs/"), None);
        Ok(view! {
            <Frame live=live.clone() tab=Tab::Activity>
                <section class="card">
                    <header><h2>"Events"</h2></header>
                    <EventTable>{event_rows(&live.events, house.now(), Zone::UTC)}</EventTable>
                </section>
                <section class="card">
                    <header><h2>"Log"</h2><span class="end"><ApiCall text=example/></span></header>
                    <form class="bar" role="search" action=format!("/workloads/{id}/activity")>
                        <input type="search" name="text" value=text aria-label="Text in the line" placeholder="Text in the line" class="log-text"/>
                        <select name="level" aria-label="Lowest level" class="log-level">
                            {LEVELS.map(|(word, name)| { let selected = word == level; view! { <option value=word selected=selected>{name}</option> } }).into_iter().collect_view()}
                        </select>
                        <button type="submit">"Filter"</button>
                    </form>
                    <Lines lines=page.items narrowed/>
                </section>
            </Frame>
        })
    })
}

const LEVELS: [(&str, &str); 4] = [
    ("", "All levels"),
    ("info", "Info and above"),
    ("warning", "Warning and above"),
    ("error", "Error and above"),
];

fn lowest(word: &str) -> LogLevel {
    match word {
        "info" => LogLevel::Info,
        "warning" => LogLevel::Warning,
        "error" => LogLevel::Error,
        _ => LogLevel::Debug,
    }
}

#[component]
fn Lines(lines: Vec<LogRecord>, narrowed: bool) -> impl IntoView {
    if lines.is_empty() {
        let why = if narrowed {
            "No line fits."
        } else {
            "Nothing has been written yet. What replicas write to their output shows up here, and stays after they are gone."
        };
        return view! { <p class="pad quiet">{why}</p> }.into_any();
    }
    let text: String = lines
        .iter()
        .map(|line| {
            format!(
                "{}  {:<8} {}  {}\n",
                clock(line.timestamp, Zone::UTC),
                line.level.word(),
                line.replica,
                line.message
            )
        })
        .collect();
    view! { <pre class="logs" tabindex="0" role="region" aria-label="Log lines, newest first, times in UTC">{text}</pre> }
        .into_any()
}
