//! The live table of the list of workloads.

use leptos::prelude::*;

use super::feed::{Freshness, ListLive, follow};
use crate::components::workload_rows::workload_rows;

#[island]
pub fn LiveList(
    first: ListLive,
    /// The part of the list this page shows, as the stream's query.
    query: String,
    /// `1–20 of 41`
    range: String,
    children: Children,
) -> impl IntoView {
    let feed = follow(first, format!("/live/workloads?{query}"));
    view! {
        <div class="scroll">
            <table class="folds">
                <thead><tr>
                    <th scope="col">"Workload"</th><th scope="col">"Status"</th><th scope="col">"Artifact"</th>
                    <th scope="col">"Importance"</th><th scope="col">"Requests, 7 days"</th><th scope="col" class="n">"Requests"</th>
                    <th scope="col" class="n">"p50"</th><th scope="col" class="n">"Errors"</th><th scope="col">"Last answer"</th>
                </tr></thead>
                <tbody>{move || workload_rows(&feed.live.read().page.items, feed.now.get())}</tbody>
            </table>
        </div>
        <div class="bar under">
            <span class="k">{range}</span>
            <span class="live-line"><Freshness feed/></span>
            <span class="end actions">{children()}</span>
        </div>
    }
}
