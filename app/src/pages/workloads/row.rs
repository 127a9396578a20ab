//! One workload in the list. On a narrow screen its cells are laid out as a card.

use handover::model::{
    ArtifactStatus, Importance, ReplacementRecord, WorkloadRecord, WorkloadStatus,
};
use leptos::prelude::*;

use super::{
    BULK,
    menu::Menu,
    spark::spark,
    tiles::{percent, short},
};
use crate::{
    components::{
        chip::StatusChip,
        rollout::{is_over, state_words},
        time::{Ago, Left},
    },
    context,
};

pub fn row(workload: &WorkloadRecord) -> impl IntoView + use<> {
    let w = workload;
    let running = w.replacement.as_ref().filter(|replacement| !is_over(replacement));
    let class = if running.is_some() { "here" } else { "" };
    let stats = w.request_stats.clone().unwrap_or_default();
    let (requests, errors) = stats.of_seven_hours();
    let (idle, unmeasured) = (requests == 0, stats.total_requests == 0);
    let id = w.id.to_string();
    let described = !w.description.is_empty();
    view! {
        <tr class=class id=format!("w-{id}")>
            <td class="pick"><input type="checkbox" name="id" value=id.clone() form=BULK autocomplete="off" aria-label=format!("Choose {}", w.name)/></td>
            <td class="lead">
                <a class="row-link" href=format!("/workloads/{id}")>{w.name.clone()}</a>
                // The owner has a column of its own where there is room.
                <div class="sub clip">
                    <span class=described.then_some("cramped")>{owner(w)}{described.then_some(" · ")}</span>
                    {w.description.clone()}
                </div>
            </td>
            <td class="status"><StatusChip status=w.status/>{below(w, running)}</td>
            <td class="artifact" data-k="Artifact">{version(w)}<div class="sub clip">{w.artifact.name.clone()}</div></td>
            <td class="importance" data-k="Importance">{importance(w.importance)}</td>
            <td class=if idle { "requests idle" } else { "requests" } data-k="Requests, 7 h">
                {spark(&stats.request_rates, "go", "requests a minute")}<div class="sub">{if idle { "none".to_owned() } else { short(requests) }}</div>
            </td>
            <td class=if idle { "errors idle" } else { "errors" } data-k="Errors, 7 h">
                {spark(&stats.error_rates, "bad", "% errors")}<div class="sub">{if idle { "–".to_owned() } else { format!("{} %", percent(errors)) }}</div>
            </td>
            <td class=if unmeasured { "n p50 idle" } else { "n p50" } data-k="p50">{if unmeasured { "–".to_owned() } else { format!("{} ms", stats.response_time) }}</td>
            <td class=if w.last_response.is_none() { "last nowrap idle" } else { "last nowrap" } data-k="Last answer">{match w.last_response {
                Some(at) => view! { <Ago at/> }.into_any(),
                None => view! { <span class="quiet">"never"</span> }.into_any(),
            }}</td>
            <td class="roomy owner" data-k="Owner"><div class="clip">{owner(w)}</div></td>
            <td class="roomy when" data-k="Created"><Ago at=w.created_at/></td>
            <td class="roomy when" data-k="Updated"><Ago at=w.updated_at/></td>
            <td class="act"><Menu workload=w.clone()/></td>
        </tr>
    }
}

/// Who to ask about it.
fn owner(workload: &WorkloadRecord) -> String {
    let mut names = workload.owners.iter().filter_map(|owner| owner.username.clone());
    match (names.next(), names.count()) {
        (Some(first), 0) => first,
        (Some(first), more) => format!("{first} and {more} more"),
        (None, _) => workload.creator.username.clone().unwrap_or_default(),
    }
}

/// What the status does not say: a rollout, a deadline, a reason.
fn below(
    workload: &WorkloadRecord,
    running: Option<&ReplacementRecord>,
) -> Option<impl IntoView + use<>> {
    let until = workload.expires_at.filter(|_| workload.status != WorkloadStatus::Terminated);
    let failed = workload.status_details.conditions.iter().find(|c| c.kind == "Failed" && c.value);
    let line = if let Some(record) = running {
        let words = state_words(record, &[], context::now()).0.to_lowercase();
        view! { <div class="sub next-text">{format!("{}: {words}", record.name)}</div> }.into_any()
    } else if let Some(failed) = failed {
        view! { <div class="sub bad-text clip" title=failed.name.clone()>{failed.name.clone()}</div> }
            .into_any()
    } else if let Some(until) = until {
        view! { <div class="sub warn-text" title="unless it is promoted">"ends in "<Left until/><span class="aside">" unless promoted"</span></div> }.into_any()
    } else {
        return None;
    };
    Some(line)
}

/// `v3 Locked`, or `Draft`.
fn version(workload: &WorkloadRecord) -> impl IntoView + use<> {
    let (class, words) = match (workload.artifact.status, workload.artifact.version) {
        (ArtifactStatus::Locked, Some(version)) => ("lock", format!("v{version}")),
        (ArtifactStatus::Locked, None) => ("lock", "Locked".to_owned()),
        (ArtifactStatus::Draft, _) => ("draft", "Draft".to_owned()),
    };
    let locked = workload.artifact.status == ArtifactStatus::Locked;
    view! {
        <span class=class>{words}</span>
        {locked.then(|| view! { " "<span class="sub">"Locked"</span> })}
    }
}

fn importance(importance: Importance) -> &'static str {
    match importance {
        Importance::Low => "Low",
        Importance::Moderate => "Moderate",
        Importance::High => "High",
        Importance::Critical => "Critical",
    }
}
