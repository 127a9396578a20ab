//! What was changed, by whom, and what it did to traffic.

use handover::model::{Millis, ReplacementKind, ReplacementRecord, Timestamp};
use leptos::prelude::*;

use super::{
    format::count,
    person::person,
    rollout::{Tone, is_over, outcome_word},
    zone::{Zone, day_time},
};

/// The rows of the history table, newest first.
pub fn history_rows(
    history: &[ReplacementRecord],
    now: Timestamp,
    zone: &Zone,
) -> impl IntoView + use<> {
    history.iter().map(|record| row(record, now, zone)).collect_view()
}

fn row(record: &ReplacementRecord, now: Timestamp, zone: &Zone) -> impl IntoView + use<> {
    let had_traffic = record.kind != ReplacementKind::Promote;
    let receipt = record.receipt;
    let number = |n: u64| if had_traffic { count(n) } else { "—".into() };
    let switch = receipt.ready_to_switched_ms.map_or("—".into(), |ms| Millis(ms).to_string());
    let href = format!("/workloads/{}/replacements/{}", record.workload_id, record.id);
    let failed_class = if receipt.failed > 0 { "n bad-text" } else { "n" };
    view! {
        <tr>
            <td class="nowrap" data-k="When">{day_time(record.created_at, now, zone)}</td>
            <td data-k="Change"><div><a href=href>{record.name.clone()}</a>{outcome(record)}</div></td>
            <td data-k="By">{person(&record.user)}</td>
            <td class="n" data-k="Requests">{number(receipt.served_by_old + receipt.served_by_new)}</td>
            <td class=failed_class data-k="Failed">{number(receipt.failed)}</td>
            <td class="n" data-k="Switch">{switch}</td>
        </tr>
    }
}

/// How it ended, when that is more than "well".
pub fn outcome(record: &ReplacementRecord) -> impl IntoView + use<> {
    let (word, class) = match outcome_word(record) {
        Some((_, Tone::Good)) => return None,
        Some((word, Tone::Bad)) => (word.to_lowercase(), "bad-text"),
        Some((word, _)) => (word.to_lowercase(), "warn-text"),
        None if !is_over(record) => ("going on".to_owned(), "next-text"),
        None => return None,
    };
    let why = record.reason.clone().filter(|_| class == "bad-text");
    Some(view! {
        <span class=class>{format!(", {word}")}</span>
        {why.map(|why| view! { <div class="sub bad-text anywhere">{why}</div> })}
    })
}

/// The table itself, with its head.
#[component]
pub fn HistoryTable(children: Children) -> impl IntoView {
    view! {
        <div class="scroll">
            <table class="folds">
                <thead><tr>
                    <th scope="col">"When"</th><th scope="col">"Change"</th><th scope="col">"By"</th>
                    <th scope="col" class="n">"Requests"</th><th scope="col" class="n">"Failed"</th><th scope="col" class="n">"Switch"</th>
                </tr></thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}
