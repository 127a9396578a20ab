//! Lists without rows: why, and what next.

use handover::workloads;
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    actions::CreateDemo,
    components::curl::{ApiCall, call},
    listing::Wanted,
};

/// The first thing a person sees.
#[component]
pub fn Empty(
    may_create: bool,
    /// Whether there is something to call below.
    calls: bool,
) -> impl IntoView {
    if may_create {
        view! {
            <section class="card empty">
                <h2>"No workload yet"</h2>
                <p>"A workload is a container that serves behind an address that never changes, whatever it runs. Start a small one from Handover itself: nothing to install, nothing to pull."</p>
                <Demo class="solid"/>
                <p class="small quiet">"or "<a href="/workloads/new">"describe your own"</a>". What others have made is here when they share it with you."</p>
            </section>
        }
        .into_any()
    } else {
        let (title, text) = if calls {
            (
                "Nothing to look at is shared with you",
                "What you may call is below. To see how one of them does, ask its owner for the role User.",
            )
        } else {
            (
                "Nothing is shared with you",
                "You may look at and call workloads, but not make any. Ask the owner of one to share it with you: they choose Share in its menu and need your username.",
            )
        };
        view! { <section class="card empty"><h2>{title}</h2><p>{text}</p></section> }.into_any()
    }
}

/// Starts a workload that needs nothing else.
#[component]
pub fn Demo(class: &'static str) -> impl IntoView {
    let body = serde_json::to_value(workloads::demo_request()).unwrap_or_default();
    let example = call("POST", "/workloads/", Some(&body));
    view! {
        // Not in place: where it stands beside a form that is filled in, the browser asks before that is lost.
        <form method="post" action=CreateDemo::url()><button type="submit" class=class>"Start a demo workload"</button></form>
        <ApiCall text=example/>
    }
}

/// When there are some, but none here.
#[component]
pub fn NothingFits(wanted: Wanted, total: u64) -> impl IntoView {
    if total > 0 {
        return view! {
            <div class="empty">
                <h2>"Nothing on this page"</h2>
                <p>"The list has become shorter. "<a href=wanted.at(0).href()>"Go to its beginning"</a></p>
            </div>
        }
        .into_any();
    }
    let tab_alone =
        wanted.artifact.is_some() && !Wanted { artifact: None, ..wanted.clone() }.narrows();
    let words = if tab_alone {
        "None of your workloads runs such an artifact."
    } else {
        "Your search and filters together leave none. Remove one of them, or look at all."
    };
    view! {
        <div class="empty">
            <h2>"No workload fits"</h2>
            <p>{words}</p>
            <a class="btn" href=wanted.cleared().href()>"Show all"</a>
        </div>
    }
    .into_any()
}
