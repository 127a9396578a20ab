//! The head of a workload's page: what it is called, how it is, and what can be done with it now.

use handover::model::{
    Action, Allowed, ArtifactStatus, Importance, Permission, WorkloadRecord, WorkloadStatus,
};
use leptos::prelude::*;

use super::{
    chip::{StatusChip, version_words},
    reasons::{Reason, Reasons},
    time::Left,
};

#[component]
pub fn WorkloadHeader(workload: WorkloadRecord) -> impl IntoView {
    let base = format!("/workloads/{}", workload.id);
    let is_draft = workload.artifact.status == ArtifactStatus::Draft;
    // One place for Start and Stop, by what would change something.
    let can_start = matches!(workload.status, WorkloadStatus::Stopped | WorkloadStatus::Terminated);
    let of = |action| refusal(&workload.allowed, action);
    let until = workload.expires_at.filter(|_| workload.status != WorkloadStatus::Terminated);
    let name = workload.name.clone();
    let (turn, turned) = if can_start { ("Start", Action::Start) } else { ("Stop", Action::Stop) };
    let share = share_refusal(&workload);
    let promote = of(Action::Promote).filter(|_| is_draft);
    let reasons = vec![
        ("Share", share.clone()),
        (turn, of(turned)),
        ("Promote", promote.clone()),
        ("Replace artifact", of(Action::Replace)),
    ];
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
                <Go href=format!("{base}/share") label="Share" class="btn" why=share/>
                <Go href=format!("{base}/{}", turn.to_lowercase()) label=turn class="btn" why=of(turned)/>
                {is_draft.then(|| view! { <Go href=format!("{base}/promote") label="Promote" class="btn" why=promote/> })}
                <Go href=format!("{base}/replace") label="Replace artifact" class="btn solid" dialog=false why=of(Action::Replace)/>
                <details class="menu">
                    <summary class="btn" aria-label=format!("More actions for {name}")>"⋮"</summary>
                    <div class="menu-items">
                        <Item href=format!("{base}/clear-statistics") name="Clear statistics" why=of(Action::Edit)/>
                        <Item href=format!("{base}/delete") name="Delete" why=of(Action::Delete)/>
                    </div>
                </details>
            </div>
            <Reasons of=reasons/>
        </div>
    }
}

/// Why an action can't be done now, by what a record says of it.
pub fn refusal(allowed: &[Allowed], action: Action) -> Option<String> {
    let found = allowed.iter().find(|one| one.action == action && !one.allowed)?;
    Some(found.reason.clone().unwrap_or_default())
}

/// Why the reader can't share it.
pub fn share_refusal(workload: &WorkloadRecord) -> Option<String> {
    let shares = Permission::Share;
    let holds = workload.permissions.iter().any(|held| held == "*" || held == shares.word());
    (!holds).then(|| Allowed::refusal_of_role().to_owned())
}

/// A link to the page that explains the action and asks. When it can't be done now, that page says why too.
#[component]
pub fn Go(
    href: String,
    label: &'static str,
    class: &'static str,
    /// Why it can't be done now.
    why: Option<String>,
    /// Whether it asks over the page that is shown.
    #[prop(default = true)]
    dialog: bool,
) -> impl IntoView {
    let (title, disabled) = (why.clone(), why.is_some().then_some("true"));
    view! {
        <a href=href class=class title=title data-dialog=dialog.then_some("") aria-disabled=disabled>
            {label}
            {why.map(|why| view! { <span class="aside">{format!(", not now: {why}")}</span> })}
        </a>
    }
}

/// The same in a menu.
#[component]
pub fn Item(
    href: String,
    name: &'static str,
    /// Why it can't be done now.
    why: Option<String>,
    /// Whether it asks over the page that is shown.
    #[prop(default = true)]
    dialog: bool,
) -> impl IntoView {
    let disabled = why.is_some().then_some("true");
    view! {
        <a href=href data-dialog=dialog.then_some("") aria-disabled=disabled>
            {name}{why.map(|why| view! { <Reason why/> })}
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
