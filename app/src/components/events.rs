//! What happened, newest first.

use handover::model::{EventRecord, Timestamp};
use leptos::prelude::*;

use super::format::{Zone, day_time};

pub fn event_rows(events: &[EventRecord], now: Timestamp, zone: Zone) -> impl IntoView + use<> {
    events
        .iter()
        .map(|event| {
            let class = if event.level == "Warning" { "warn-text" } else { "" };
            view! {
                <tr>
                    <td class="nowrap quiet" data-k="When">{day_time(event.timestamp, now, zone)}</td>
                    <td class="nowrap" data-k="Event"><span class=class>{event.event_type.clone()}</span></td>
                    <td class="anywhere" data-k="What">{event.message.clone()}</td>
                </tr>
            }
        })
        .collect_view()
}

#[component]
pub fn EventTable(children: Children) -> impl IntoView {
    view! {
        <div class="scroll">
            <table class="folds">
                <thead><tr><th scope="col">"When"</th><th scope="col">"Event"</th><th scope="col">"What"</th></tr></thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}
