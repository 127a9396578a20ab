//! What a rollout did to traffic.

use handover::model::{Millis, ReplacementRecord};
use leptos::prelude::*;

use super::story::{new_side, old_side};
use crate::components::{format::count, person::person};

#[component]
pub fn ReceiptRow(record: ReplacementRecord) -> impl IntoView {
    let receipt = record.receipt;
    let all = receipt.served_by_old + receipt.served_by_new;
    let (who, served) = match record.switched_at {
        Some(_) => (new_side(&record), receipt.served_by_new),
        None => (old_side(&record), receipt.served_by_old),
    };
    let share = (served * 100).checked_div(all).map(|share| share.to_string());
    let percent = share.is_some().then_some("%");
    let (third, value) = match receipt.ready_to_switched_ms {
        Some(ms) => ("Ready to switched", Millis(ms).to_string()),
        None => ("Restarts of the new", count(record.flight_record.restarts.into())),
    };
    let failed_class = if receipt.failed > 0 { "v bad-text" } else { "v" };
    let cut = (receipt.cut_at_cap > 0).then(|| format!("{} cut at the cap", receipt.cut_at_cap));
    let by = person(&record.user);
    view! {
        <div class="receipt">
            <div><div class="k">"Requests since start"</div><div class="v">{count(all)}</div></div>
            <div>
                <div class="k">"Failed"</div>
                <div class=failed_class>{count(receipt.failed)}" "<small>{cut}</small></div>
            </div>
            <div>
                <div class="k">{format!("Served by {who}")}</div>
                <div class="v">{share.unwrap_or_else(|| "—".into())}" "<small>{percent}</small></div>
            </div>
            <div><div class="k">{third}</div><div class="v">{value}</div></div>
            <div><div class="k">"Started by"</div><div class="v word">{by}</div></div>
        </div>
    }
}
