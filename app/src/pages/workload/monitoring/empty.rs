//! Why there is nothing to draw, and what to do about it.

use handover::model::{Millis, Period, Timestamp, WorkloadRecord};
use leptos::{either::EitherOf3, prelude::*};

use super::{asked::Asked, is_still, span::Span};
use crate::{
    components::{curl::Code, time::When},
    pages::workload::endpoint::curl_endpoint,
};

/// Around the moment that a link leads to.
const AROUND: Millis = Millis::minutes(30);

/// Nothing was counted in the time.
#[component]
pub fn NoRequests(workload: WorkloadRecord, asked: Asked) -> impl IntoView {
    let still = is_still(&workload)
        .then(|| view! { <p>"It is not running now. Start it, and its requests are counted."</p> });
    match workload.last_response {
        Some(at) => {
            let href = around(&asked, at);
            EitherOf3::A(view! {
                <div class="empty">
                    <p class="strong">"No request was answered in this time."</p>
                    <p>"The last one was "<When at/>"."</p>
                    {still}
                    <a class="btn" href=href>"Show that time"</a>
                </div>
            })
        }
        None if is_still(&workload) => EitherOf3::B(view! {
            <div class="empty"><p class="strong">"Nothing was ever counted."</p>{still}</div>
        }),
        None => EitherOf3::C(view! {
            <div class="empty">
                <p class="strong">"No request yet."</p>
                <p>"The gateway counts every request by itself; nothing has to be built in. Send it one:"</p>
                <Code text=curl_endpoint(&workload.endpoint) what="the request"/>
            </div>
        }),
    }
}

/// Nobody looked at replicas in the time.
#[component]
pub fn NoUse(workload: WorkloadRecord) -> impl IntoView {
    let why = if is_still(&workload) {
        "It is not running now. Start it, and what its replicas use is looked at every ten seconds."
    } else {
        "Replicas are looked at every ten seconds, while they run. What draft workloads use is kept for a day, that of locked ones for thirty."
    };
    view! {
        <div class="empty">
            <p class="strong">"No replica was seen in this time."</p>
            <p>{why}</p>
        </div>
    }
}

fn around(asked: &Asked, at: Timestamp) -> String {
    let micros = i64::try_from(AROUND.0 * 1000).unwrap_or(0);
    let period = Period { start: Timestamp::from_micros(at.micros() - micros), end: at + AROUND };
    Asked { span: Span::Between(period), resolution: None, ..asked.clone() }.href()
}
