//! What happened during a replacement, and who had a hand in it: its events, the oldest first. They are kept for
//! as long as events are; the receipt stays.

use handover::{
    access::Caller,
    error::Error,
    events::{self, Told},
    house::House,
    model::{EventLevel, Millis, ReplacementRecord},
    store::{EventFilter, Paging},
};
use leptos::prelude::*;

use crate::components::{person::person, rollout::is_over, time::Moment};

/// As many events are looked through.
const MOST: u64 = 200;

pub(super) async fn read(
    house: &House,
    caller: &Caller,
    record: &ReplacementRecord,
) -> Result<Vec<Told>, Error> {
    let filter = EventFilter {
        from: Some(record.created_at),
        // The last one is written in the same moment as the end.
        to: is_over(record).then(|| record.updated_at + Millis::seconds(1)),
        ..EventFilter::default()
    };
    let paging = Paging::first(MOST);
    let mut all = events::told(house, caller, &record.workload_id, &filter, paging).await?.items;
    all.retain(|told| {
        let of = told.event.details.as_ref().and_then(|details| details.get("replacementId"));
        of.and_then(|id| id.as_str()) == Some(record.id.as_str())
    });
    all.reverse();
    Ok(all)
}

#[component]
pub fn Steps(
    steps: Vec<Told>,
    /// What the replacement is called, which each message begins with.
    name: String,
) -> impl IntoView {
    (!steps.is_empty()).then(|| {
        let rows = steps.iter().map(|told| row(told, &name)).collect_view();
        view! {
            <section class="card">
                <header><h2>"Step by step"</h2></header>
                <div class="scroll"><table class="folds">
                    <thead><tr><th scope="col">"When"</th><th scope="col">"What"</th><th scope="col">"By"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
            </section>
        }
    })
}

fn row(told: &Told, name: &str) -> impl IntoView + use<> {
    let event = &told.event;
    let class = if event.level == EventLevel::Warning.word() { "warn-text" } else { "" };
    let message = event.message.strip_prefix(name).and_then(|rest| rest.strip_prefix(": "));
    let message = message.unwrap_or(&event.message).to_owned();
    let by = told.by.as_ref().map_or_else(|| "by itself".to_owned(), person);
    view! {
        <tr data-key=event.id.clone()>
            <td class="nowrap quiet" data-k="When"><Moment at=event.timestamp/></td>
            <td class="anywhere" data-k="What"><span class=class>{message}</span></td>
            <td data-k="By">{by}</td>
        </tr>
    }
}
