//! The rows of the list of workloads.

use handover::model::{Importance, RequestStats, Timestamp, WorkloadRecord, WorkloadStatus};
use leptos::prelude::*;

use super::{
    chip::{StatusChip, version_label},
    format::{ago, count, roughly},
    rollout::{is_over, state_words},
};

pub fn workload_rows(items: &[WorkloadRecord], now: Timestamp) -> impl IntoView + use<> {
    items.iter().map(|workload| row(workload, now)).collect_view()
}

fn row(workload: &WorkloadRecord, now: Timestamp) -> impl IntoView + use<> {
    let running = workload.replacement.as_ref().filter(|replacement| !is_over(replacement));
    let class = if running.is_some() { "here" } else { "" };
    let label = version_label(workload);
    let version_class = if workload.artifact.version.is_some() { "lock" } else { "draft" };
    let stats = workload.request_stats.clone().unwrap_or_default();
    let idle = stats.total_requests == 0;
    let or_dash = |text: String| if idle { "—".to_owned() } else { text };
    let owner = workload.creator.username.clone().unwrap_or_default();
    let about = if workload.description.is_empty() { owner } else { workload.description.clone() };
    view! {
        <tr class=class data-key=workload.id.to_string()>
            <td class="lead"><a class="row-link" href=format!("/workloads/{}", workload.id)>{workload.name.clone()}</a>
                <div class="sub anywhere">{about}</div></td>
            <td data-k="Status"><div><StatusChip status=workload.status/>{below(workload, now)}</div></td>
            <td data-k="Artifact"><div><span class=version_class>{label}</span>
                <div class="sub anywhere">{workload.artifact.name.clone()}</div></div></td>
            <td class="rest" data-k="Importance">{importance(workload.importance)}</td>
            <td class="rest" data-k="Requests, 7 days">{spark(&stats)}</td>
            <td class="n" data-k="Requests">{or_dash(count(stats.total_requests))}</td>
            <td class="n rest" data-k="p50">{or_dash(format!("{} ms", stats.response_time))}</td>
            <td class="n rest" data-k="Errors">{or_dash(percent(stats.error_rate))}</td>
            <td class="nowrap" data-k="Last answer">{workload.last_response.map_or("never".into(), |at| ago(at, now))}</td>
        </tr>
    }
}

/// What the status does not say: a replacement, a deadline, a reason.
fn below(workload: &WorkloadRecord, now: Timestamp) -> impl IntoView + use<> {
    let (class, text) = if let Some(record) =
        workload.replacement.as_ref().filter(|replacement| !is_over(replacement))
    {
        (
            "sub next-text",
            format!("{}: {}", record.name, state_words(record, &[], now).0.to_lowercase()),
        )
    } else if workload.status == WorkloadStatus::Errored {
        (
            "sub bad-text anywhere",
            workload.status_details.log_tail.last().cloned().unwrap_or_default(),
        )
    } else if let Some(left) = time_left(workload, now) {
        ("sub warn-text", format!("{left} unless promoted"))
    } else {
        return None;
    };
    Some(view! { <div class=class>{text}</div> })
}

/// `7 h 12 min left`, for a draft that runs.
fn time_left(workload: &WorkloadRecord, now: Timestamp) -> Option<String> {
    let until = workload.expires_at?;
    (workload.status != WorkloadStatus::Terminated)
        .then(|| format!("{} left", roughly(until.since(now))))
}

fn importance(importance: Importance) -> &'static str {
    match importance {
        Importance::Low => "Low",
        Importance::Moderate => "Moderate",
        Importance::High => "High",
        Importance::Critical => "Critical",
    }
}

fn percent(rate: f64) -> String {
    if rate == 0.0 { "0".into() } else { format!("{rate:.2} %") }
}

/// Requests per day of the last seven days as a line.
fn spark(stats: &RequestStats) -> impl IntoView + use<> {
    let most = stats.request_rates.iter().copied().fold(0.0, f64::max);
    let points: Vec<String> = (0_u8..7)
        .zip(stats.request_rates)
        .map(|(day, rate)| {
            let share = if most > 0.0 { rate / most } else { 0.0 };
            format!("{:.0} {:.1}", 2.0 + f64::from(day) * 19.0, 24.0 - share * 20.0)
        })
        .collect();
    let (class, label) = if most > 0.0 {
        ("spark", format!("at most {most:.1} requests a minute"))
    } else {
        ("spark idle", "no requests".to_owned())
    };
    view! {
        <svg class=class viewBox="0 0 120 26" role="img" aria-label=label>
            <path d=format!("M{}", points.join("L"))></path>
        </svg>
    }
}

/// The table itself, with its head.
#[component]
pub fn WorkloadTable(children: Children) -> impl IntoView {
    view! {
        <div class="scroll">
            <table class="folds">
                <thead><tr>
                    <th scope="col">"Workload"</th><th scope="col">"Status"</th><th scope="col">"Artifact"</th>
                    <th scope="col">"Importance"</th><th scope="col">"Requests, 7 days"</th><th scope="col" class="n">"Requests"</th>
                    <th scope="col" class="n">"p50"</th><th scope="col" class="n">"Errors"</th><th scope="col">"Last answer"</th>
                </tr></thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}
