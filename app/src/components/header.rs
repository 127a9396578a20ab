//! The head of a workload's page: what it is called, how it is, and what can be done with it now.

use handover::model::{
    Action, Allowed, ArtifactStatus, Importance, WorkloadRecord, WorkloadStatus,
};
use leptos::prelude::*;

use super::{
    chip::{StatusChip, version_words},
    time::Left,
};

#[component]
pub fn WorkloadHeader(workload: WorkloadRecord) -> impl IntoView {
    let base = format!("/workloads/{}", workload.id);
    let is_draft = workload.artifact.status == ArtifactStatus::Draft;
    // One place for Start and Stop, by what would change something.
    let can_start = matches!(workload.status, WorkloadStatus::Stopped | WorkloadStatus::Terminated);
    let of = |action: Action| workload.allowed.iter().find(|a| a.action == action).cloned();
    let until = workload.expires_at.filter(|_| workload.status != WorkloadStatus::Terminated);
    view! {
        <div class="head">
            <h1>{workload.name.clone()}</h1>
            <StatusChip status=workload.status/>
            <span class=if is_draft { "chip warn" } else { "chip" }>
                {version_words(workload.artifact.status, workload.artifact.version)}
            </span>
            {importance(workload.importance).map(|words| view! { <span class="chip">{words}</span> })}
            {until.map(|until| view! { <span class="chip warn"><span><Left until/>" left"</span></span> })}
            <div class="actions">
                <Go href=format!("{base}/delete") label="Delete" class="btn plain" allowed=of(Action::Delete)/>
                {if can_start {
                    view! { <Go href=format!("{base}/start") label="Start" class="btn" allowed=of(Action::Start)/> }
                } else {
                    view! { <Go href=format!("{base}/stop") label="Stop" class="btn" allowed=of(Action::Stop)/> }
                }}
                {is_draft.then(|| view! { <Go href=format!("{base}/promote") label="Promote" class="btn" allowed=of(Action::Promote)/> })}
                <Go href=format!("{base}/replace") label="Replace artifact" class="btn solid" dialog=false allowed=of(Action::Replace)/>
            </div>
        </div>
    }
}

/// Why it can't be done now.
fn reason(allowed: Option<Allowed>) -> Option<String> {
    allowed.filter(|allowed| !allowed.allowed).map(|allowed| allowed.reason.unwrap_or_default())
}

/// A link to the page that explains the action and asks. When it can't be done now, that page says why too.
#[component]
fn Go(
    href: String,
    label: &'static str,
    class: &'static str,
    allowed: Option<Allowed>,
    /// Whether it asks over the page that is shown.
    #[prop(default = true)]
    dialog: bool,
) -> impl IntoView {
    let reason = reason(allowed);
    let disabled = reason.is_some().then_some("true");
    let title = reason.clone();
    view! {
        <a href=href class=class title=title data-dialog=dialog.then_some("") aria-disabled=disabled>
            {label}
            {reason.map(|reason| view! { <span class="aside">{format!(", not now: {reason}")}</span> })}
        </a>
    }
}

fn importance(importance: Importance) -> Option<&'static str> {
    match importance {
        Importance::Critical => Some("Critical importance"),
        Importance::High => Some("High importance"),
        Importance::Moderate | Importance::Low => None,
    }
}
