//! The head of a workload's page: what it is called, how it is, and what can be done with it now.

use handover::model::{
    Action, Allowed, ArtifactStatus, Importance, Timestamp, WorkloadRecord, WorkloadStatus,
};
use leptos::{form::ActionForm, prelude::*};

use super::{
    chip::{StatusChip, version_words},
    format::roughly,
};
use crate::{actions::StartWorkload, islands::feed::Feed};

#[component]
pub fn WorkloadHeader(feed: Feed) -> impl IntoView {
    let Feed { live, now, .. } = feed;
    let start = ServerAction::<StartWorkload>::new();
    let id = live.with_untracked(|live| live.workload.id.to_string());
    let status = Signal::derive(move || live.with(|live| live.workload.status));
    let workload = Memo::new(move |_| live.with(|live| live.workload.clone()));
    let of = move |action: Action| workload.with(|workload| allowed(workload, action));
    let is_draft = move || workload.with(|w| w.artifact.status == ArtifactStatus::Draft);
    // One place for Start and Stop, by what would change something.
    let can_start = move || {
        workload.with(|w| matches!(w.status, WorkloadStatus::Stopped | WorkloadStatus::Terminated))
    };
    let base = format!("/workloads/{id}");
    view! {
        <div class="head">
            <h1>{move || workload.with(|w| w.name.clone())}</h1>
            <StatusChip status/>
            <span class=move || if is_draft() { "chip warn" } else { "chip" }>
                {move || workload.with(|w| version_words(w.artifact.status, w.artifact.version))}
            </span>
            <span class="chip" hidden=move || workload.with(|w| importance(w.importance).is_none())>
                {move || workload.with(|w| importance(w.importance))}
            </span>
            <span class="chip warn" hidden=move || workload.with(|w| time_left(w, now.get()).is_none())>
                {move || workload.with(|w| time_left(w, now.get()))}
            </span>
            <div class="actions">
                <Go href=format!("{base}/delete") label="Delete" class="btn plain" allowed=Signal::derive(move || of(Action::Delete)) hidden=Signal::stored(false)/>
                <Go href=format!("{base}/stop") label="Stop" class="btn" allowed=Signal::derive(move || of(Action::Stop)) hidden=Signal::derive(can_start)/>
                <div hidden=move || !can_start()>
                    <ActionForm action=start>
                        <input type="hidden" name="id" value=id/>
                        <Start allowed=Signal::derive(move || of(Action::Start))/>
                    </ActionForm>
                </div>
                <Go href=format!("{base}/promote") label="Promote" class="btn" allowed=Signal::derive(move || of(Action::Promote)) hidden=Signal::derive(move || !is_draft())/>
                <Go href=format!("{base}/replace") label="Replace artifact" class="btn solid" allowed=Signal::derive(move || of(Action::Replace)) hidden=Signal::stored(false)/>
            </div>
        </div>
        {move || start.value().get().and_then(Result::err).map(|refusal| view! {
            <div class="banner bad" role="alert"><p>{refusal.message}</p></div>
        })}
    }
}

fn allowed(workload: &WorkloadRecord, action: Action) -> Option<Allowed> {
    workload.allowed.iter().find(|allowed| allowed.action == action).cloned()
}

/// A link to the page that explains the action and asks. When it can't be done now, that page says why too.
#[component]
fn Go(
    href: String,
    label: &'static str,
    class: &'static str,
    allowed: Signal<Option<Allowed>>,
    hidden: Signal<bool>,
) -> impl IntoView {
    let refused = move || allowed.with(|a| a.as_ref().is_some_and(|a| !a.allowed));
    let reason = move || allowed.with(|a| a.as_ref().and_then(|a| a.reason.clone()));
    view! {
        <a href=href class=class hidden=move || hidden.get() title=reason
            aria-disabled=move || refused().then_some("true")>
            {label}
            <span class="aside">{move || reason().map(|reason| format!(", not now: {reason}"))}</span>
        </a>
    }
}

#[component]
fn Start(allowed: Signal<Option<Allowed>>) -> impl IntoView {
    let refused = move || allowed.with(|a| a.as_ref().is_some_and(|a| !a.allowed));
    let reason = move || allowed.with(|a| a.as_ref().and_then(|a| a.reason.clone()));
    view! {
        <button type="submit" title=reason aria-disabled=move || refused().then_some("true")
            on:click=move |event| if refused() { event.prevent_default() }>
            "Start"
            <span class="aside">{move || reason().map(|reason| format!(", not now: {reason}"))}</span>
        </button>
    }
}

fn importance(importance: Importance) -> Option<&'static str> {
    match importance {
        Importance::Critical => Some("Critical importance"),
        Importance::High => Some("High importance"),
        Importance::Moderate | Importance::Low => None,
    }
}

/// `7 h 12 min left`, for a draft that runs.
pub fn time_left(workload: &WorkloadRecord, now: Timestamp) -> Option<String> {
    let until = workload.expires_at?;
    (workload.status != WorkloadStatus::Terminated)
        .then(|| format!("{} left", roughly(until.since(now))))
}
