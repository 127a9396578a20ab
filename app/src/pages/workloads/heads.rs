//! The headings of the table: what can be sorted by is a link, and says how it is sorted now.

use handover::store::WorkloadKey;
use leptos::prelude::*;

use super::BULK;
use crate::listing::Wanted;

pub fn heads(wanted: &Wanted) -> impl IntoView + use<> {
    let by = |key: WorkloadKey, name: &'static str, class: &'static str| {
        let here = wanted.order.key == key;
        let (sort, arrow) = match (here, wanted.order.descending) {
            (false, _) => ("none", ""),
            (true, false) => ("ascending", "↑"),
            (true, true) => ("descending", "↓"),
        };
        let href = wanted.sorted(key).href();
        view! {
            <th scope="col" class=class aria-sort=sort>
                <a href=href>{name}<span class="arrow" aria-hidden="true">{arrow}</span></a>
            </th>
        }
    };
    view! {
        <thead><tr>
            <th scope="col" class="pick"><input type="checkbox" class="needs-scripts" data-select-all=BULK aria-label="Choose all on this page"/><span class="aside">"Chosen"</span></th>
            {by(WorkloadKey::Name, "Workload", "lead")}
            {by(WorkloadKey::Status, "Status", "status")}
            <th scope="col" class="artifact">"Artifact"</th>
            {by(WorkloadKey::Importance, "Importance", "importance")}
            <th scope="col" class="requests">"Requests, 7 h"</th>
            <th scope="col" class="errors">"Errors, 7 h"</th>
            <th scope="col" class="n p50">"p50"</th>
            {by(WorkloadKey::LastResponse, "Last answer", "last")}
            <th scope="col" class="roomy owner">"Owner"</th>
            {by(WorkloadKey::CreatedAt, "Created", "roomy when")}
            {by(WorkloadKey::UpdatedAt, "Updated", "roomy when")}
            <th scope="col" class="act"><span class="aside">"Actions"</span></th>
        </tr></thead>
    }
}
