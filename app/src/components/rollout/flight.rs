//! A candidate's flight record: what it wrote, how its probes went, how its processes ended. Kept as long as
//! its replacement is.

use handover::model::{Exit, FlightRecord, ProbeAttempt, Timestamp};
use leptos::prelude::*;

use crate::components::{format::plural, time::Clock};

/// Newest first, and no more than one looks at.
const PROBES_SHOWN: usize = 12;
const LINES_SHOWN: usize = 40;

#[component]
pub fn Flight(
    record: FlightRecord,
    name: String,
    /// Unfolded from the start.
    open: bool,
) -> impl IntoView {
    let summary = format!(
        "Flight record of {name}: {}, {}, {}, {}",
        plural(record.probes.len() as u64, "probe attempt"),
        plural(record.exits.len() as u64, "exit"),
        plural(record.restarts.into(), "restart"),
        plural(record.log_tail.len() as u64, "log line"),
    );
    let lines = record.log_tail.len().saturating_sub(LINES_SHOWN);
    let log = record.log_tail[lines..].join("\n");
    view! {
        <details open=open>
            <summary>{summary}</summary>
            <div class="stack">
                {(!record.exits.is_empty()).then(|| exits(&record.exits))}
                {(!record.probes.is_empty()).then(|| probes(&record.probes))}
                {(!log.is_empty()).then(|| view! {
                    <div><h3>"Last log lines"</h3><pre tabindex="0" role="region" aria-label="Last log lines">{log}</pre></div>
                })}
            </div>
        </details>
    }
}

fn exits(exits: &[Exit]) -> impl IntoView + use<> {
    let items = exits.iter().rev().map(|exit| {
        let how = match (exit.code, exit.signal) {
            (Some(code), _) => format!("exit code {code}"),
            (None, Some(signal)) => format!("ended by signal {signal}"),
            (None, None) => "ended, it is not known how".into(),
        };
        view! { <li><Clock at=exit.at/>" "<span class="mono">{exit.replica.clone()}</span>": "{how}</li> }
    });
    view! { <div><h3>"Exits"</h3><ul class="effects">{items.collect_view()}</ul></div> }
}

fn probes(probes: &[ProbeAttempt]) -> impl IntoView + use<> {
    let rows = probes.iter().rev().take(PROBES_SHOWN).map(row).collect_view();
    let of = (probes.len() > PROBES_SHOWN)
        .then(|| format!(", {PROBES_SHOWN} of {} that are kept", probes.len()));
    view! {
        <div class="scroll">
            <table class="folds">
                <caption><h3>"Probe attempts, newest first"{of}</h3></caption>
                <thead><tr><th scope="col">"When"</th><th scope="col">"Replica"</th><th scope="col">"Probe"</th>
                    <th scope="col">"Result"</th><th scope="col" class="n">"Took"</th><th scope="col">"Answer"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(probe: &ProbeAttempt) -> impl IntoView + use<> {
    let at: Timestamp = probe.at;
    let result = match (probe.passed, probe.status) {
        (true, Some(status)) => format!("passed, {status}"),
        (true, None) => "passed".into(),
        (false, Some(status)) => format!("failed, {status}"),
        (false, None) => "failed, no answer".into(),
    };
    let class = if probe.passed { "nowrap go-text" } else { "nowrap bad-text" };
    view! {
        <tr>
            <td class="nowrap" data-k="When"><Clock at/></td>
            <td class="mono" data-k="Replica">{probe.replica.clone()}</td>
            <td data-k="Probe">{probe.kind.word()}</td>
            <td class=class data-k="Result">{result}</td>
            <td class="n" data-k="Took">{format!("{} ms", probe.millis)}</td>
            <td class="anywhere" data-k="Answer">{probe.head.clone().unwrap_or_default()}</td>
        </tr>
    }
}
