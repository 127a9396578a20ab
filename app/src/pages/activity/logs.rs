//! What the replicas wrote, newest first. Whoever follows sees new lines come; for everybody else the lines they
//! read stay where they are.

use std::collections::{BTreeSet, HashMap};

use handover::{
    live,
    logs::{self, LogSource},
    model::{LogLevel, LogRecord, Track, WorkloadId},
};
use leptos::prelude::*;

use super::{Between, Part, Parts, Pick, Range};
use crate::{
    components::{
        curl::{ApiCall, CopyButton, call},
        format::count,
        tabs::Tab,
        zone::{Zone, clock, day_time},
    },
    context,
    logs::{LogsWanted, SPANS, plain},
    pages::{id, query, workload::Frame},
};

/// Lines on one page.
const LINES: usize = 200;

#[component]
pub fn LogsPage() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    let given = |name| query(name).unwrap_or_default();
    let wanted = LogsWanted {
        level: given("level"),
        text: given("text"),
        without: given("without"),
        of: given("of"),
        last: given("last"),
        from: given("from"),
        to: given("to"),
        zone: given("zone"),
        until: given("until"),
        follow: given("follow"),
    }
    .retyped(&context::zone());
    context::page(async move {
        let (house, caller) = context::door()?;
        let live = live::workload(&house, &caller, &id?).await?;
        let id = live.workload.id.clone();
        let now = house.now();
        let found = logs::window(&house, &caller, &id, &wanted.filter(now)).await?;
        let sources = logs::sources(&house, &caller, &id).await?;
        let total = found.lines.len();
        let mut lines = found.lines;
        lines.truncate(LINES);
        let here = format!("/workloads/{id}/activity/logs");
        let more = total > lines.len() || found.complete_since.is_some();
        let older = lines.last().filter(|_| more).map(|line| LogsWanted {
            until: line.timestamp.to_string(),
            follow: String::new(),
            ..wanted.clone()
        });
        let whose = whose(&sources, &live.tracks, &lines, &wanted, now);
        let example = call("GET", &format!("/otel/workload/{id}/logs/"), None);
        let download = format!(
            "{here}/download?{}",
            LogsWanted { follow: String::new(), ..wanted.clone() }.query()
        );
        Ok(view! {
            <Frame live tab=Tab::Activity>
                <Parts id=id.clone() here=Part::Logs/>
                <section class="card">
                    <header><h2>"Logs"</h2>
                        <span class="end actions"><Copy lines=lines.clone()/><a href=download download="">"Download"</a><ApiCall text=example/></span></header>
                    <Filter wanted=wanted.clone() whose here=here.clone()/>
                    <Lines lines wanted=wanted.clone() sources here=here.clone()/>
                    <div class="bar under">
                        <span class="k">{if more { format!("the newest {} that fit", count(total.min(LINES) as u64)) } else { format!("{} that fit", count(total as u64)) }}</span>
                        <span class="end actions">
                            {(!wanted.until.is_empty()).then(|| view! { <a class="btn" href=format!("{here}?{}", LogsWanted { until: String::new(), ..wanted.clone() }.query())>"Newest"</a> })}
                            {older.map(|older| view! { <a class="btn" href=format!("{here}?{}", older.query()) rel="next">"Older"</a> })}
                        </span>
                    </div>
                </section>
            </Frame>
        })
    })
}

#[component]
fn Copy(lines: Vec<LogRecord>) -> impl IntoView {
    (!lines.is_empty()).then(|| {
        // As a file has them: the oldest first.
        let text: String = lines.iter().rev().map(plain).collect();
        view! { <CopyButton text what="the lines shown"/> }
    })
}

#[component]
fn Filter(wanted: LogsWanted, whose: Vec<(String, String)>, here: String) -> impl IntoView {
    let options = |all: &[(&str, &str)]| {
        all.iter().map(|(word, text)| ((*word).to_owned(), (*text).to_owned())).collect::<Vec<_>>()
    };
    let levels = options(&[
        ("", "All levels"),
        ("info", "Info and above"),
        ("warning", "Warning and above"),
        ("error", "Error and above"),
        ("critical", "Critical only"),
    ]);
    let mut spans = options(&[("", "Any time")]);
    spans.extend(SPANS.map(|(word, text, _)| (word.to_owned(), text.to_owned())));
    let clear = wanted.narrows().then(|| view! { <a href=here.clone()>"Clear"</a> });
    let follows = wanted.follows();
    let unfolded = [&wanted.from, &wanted.to, &wanted.without].iter().any(|text| !text.is_empty());
    let between = Between { from: wanted.from, to: wanted.to, zone: context::zone() };
    view! {
        <form id="filter" class="bar filter" role="search" data-check action=here>
            <input type="search" name="text" value=wanted.text aria-label="Text in the line" placeholder="Text in the line" class="log-text"/>
            <Pick name="level" label="Lowest level" value=wanted.level options=levels/>
            <Pick name="of" label="Version or replica" value=wanted.of options=whose/>
            <Pick name="last" label="Time" value=wanted.last options=spans/>
            <details class="more" open=unfolded>
                <summary>"More"</summary>
                <div class="bar filter">
                    <input type="search" name="without" value=wanted.without aria-label="Text not in the line" placeholder="Text not in the line" class="log-text"/>
                    <Range between/>
                </div>
            </details>
            <label class="check needs-scripts"><input type="checkbox" name="follow" value="1" checked=follows/>"Follow"</label>
            <button type="submit">"Filter"</button>
            {clear}
        </form>
    }
}

/// Versions, and replicas of which something is known.
fn whose(
    sources: &[LogSource],
    tracks: &[Track],
    lines: &[LogRecord],
    wanted: &LogsWanted,
    now: handover::model::Timestamp,
) -> Vec<(String, String)> {
    let zone = context::zone();
    let mut options = vec![(String::new(), "All replicas".to_owned())];
    let running =
        tracks.iter().flat_map(|track| &track.replicas).map(|replica| replica.name.clone());
    let mut replicas: BTreeSet<String> = running.collect();
    replicas.extend(lines.iter().map(|line| line.replica.clone()));
    if wanted.of.contains('-') {
        replicas.insert(wanted.of.clone());
    }
    for source in sources {
        let id = source.proton_id.to_string();
        let since = day_time(source.started_at, now, &zone);
        let over = if source.is_over { "former, " } else { "" };
        let mine = replicas.iter().filter(|name| name.starts_with(&id));
        let mine: Vec<_> = mine
            .map(|name| (name.clone(), format!("   {} replica {}", source.label, short(name))))
            .collect();
        options.push((id, format!("{}, {over}since {since}", source.label)));
        options.extend(mine);
    }
    if !options.iter().any(|(value, _)| *value == wanted.of) {
        options.push((wanted.of.clone(), wanted.of.clone()));
    }
    options
}

/// `0`, or `0/side` for a helper, of a name that begins with the id of its proton.
fn short(replica: &str) -> &str {
    replica.split_once('-').map_or(replica, |(_, number)| number)
}

#[component]
fn Lines(
    lines: Vec<LogRecord>,
    wanted: LogsWanted,
    sources: Vec<LogSource>,
    here: String,
) -> impl IntoView {
    if lines.is_empty() {
        let why = if wanted.narrows() {
            "No line fits."
        } else {
            "Nothing has been written yet. What replicas write to their output shows up here, and stays after they are gone."
        };
        return view! { <p class="pad quiet">{why}</p> }.into_any();
    }
    let labels: HashMap<_, _> =
        sources.into_iter().map(|source| (source.proton_id, source.label)).collect();
    let zone = context::zone();
    let mut seen: HashMap<(i64, String), usize> = HashMap::new();
    let mut keys: Vec<String> = lines
        .iter()
        .rev()
        .map(|line| {
            let micros = line.timestamp.micros();
            // Lines of one moment are told apart by how many are older, which new ones do not change.
            let nth =
                seen.entry((micros, line.replica.clone())).and_modify(|n| *n += 1).or_insert(0);
            format!("{micros}-{}-{nth}", line.replica)
        })
        .collect();
    keys.reverse();
    let rows = lines
        .into_iter()
        .zip(keys)
        .map(|(line, key)| {
            let label = labels.get(&line.proton_id).cloned().unwrap_or_default();
            row(line, key, label, &wanted, &here, &zone)
        })
        .collect_view();
    let follows = wanted.follows();
    // Another choice is another box: the one that stands still must not stay for it.
    let id = format!(
        "lines-{}",
        wanted.query().bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31) + u32::from(byte))
    );
    view! {
        <div class="log" id=id data-still=(!follows).then_some("") tabindex="0" role="region" aria-label=format!("Log lines, newest first, times in {}", zone.words())>
            <ol>{rows}</ol>
        </div>
    }
    .into_any()
}

fn row(
    line: LogRecord,
    key: String,
    label: String,
    wanted: &LogsWanted,
    here: &str,
    zone: &Zone,
) -> impl IntoView + use<> {
    let class = match line.level {
        LogLevel::Debug => "debug",
        LogLevel::Info => "info",
        LogLevel::Warning => "warning",
        LogLevel::Error | LogLevel::Critical => "error",
    };
    let only = LogsWanted { of: line.replica.clone(), until: String::new(), ..wanted.clone() };
    let name = format!("{label} · {}", short(&line.replica));
    let at = line.timestamp.to_string();
    let stack =
        (!line.stacktrace.is_empty()).then(|| view! { <pre>{line.stacktrace.clone()}</pre> });
    view! {
        <li class=class data-key=key>
            <time datetime=at.clone() title=at.clone()>{clock(line.timestamp, zone)}<small>{at.get(19..23).unwrap_or_default().to_owned()}</small></time>
            <b>{line.level.word()}</b>
            <a href=format!("{here}?{}", only.query()) title=line.replica>{name}</a>
            <span>{line.message}{stack}</span>
        </li>
    }
}
