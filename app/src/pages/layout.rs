//! What every page has around it.

use handover::access::Caller;
use leptos::prelude::*;
use leptos_meta::Title;

use super::palette::Blank;
use crate::{actions::SignOut, components::notice::Notice, context, islands::Console};
use leptos::server_fn::ServerFn;

/// The part of the console a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Workloads,
    Artifacts,
    Deployments,
    Team,
    Audit,
    /// The API, for people.
    Reference,
    /// What belongs to the person who is signed in.
    Account,
    /// The way to everything.
    Palette,
    /// Before signing in.
    Door,
}

/// What the browser's tab shows, so that a rollout can be watched from another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Icon {
    #[default]
    Calm,
    /// A rollout is going on.
    Rolling,
    /// It failed, or the workload did.
    Failed,
}

impl Icon {
    fn href(self) -> &'static str {
        match self {
            Self::Calm => "/favicon.svg",
            Self::Rolling => "/favicon-rolling.svg",
            Self::Failed => "/favicon-failed.svg",
        }
    }
}

#[component]
pub fn Layout(
    #[prop(into)] title: String,
    part: Part,
    /// How wide: a class of `main`.
    #[prop(optional)]
    width: &'static str,
    /// The stream that the page follows, if it is live.
    #[prop(into, optional)]
    live: Option<String>,
    #[prop(optional)] icon: Icon,
    children: Children,
) -> impl IntoView {
    let caller = context::caller();
    let signed_in = caller.is_some();
    let follows = live.is_some();
    view! {
        <Title text=format!("{title} · Handover")/>
        <a class="skip" href="#main">"Skip to the content"</a>
        <header class="top">
            <a class="brand" href="/workloads"><Logo/><span>"Handover"</span></a>
            {caller.map(|caller| view! { <Navigation part admin=caller.user.is_admin()/><Who caller part/><Blank/> })}
        </header>
        <main id="main" tabindex="-1" class=width data-live=live data-icon=icon.href() data-now=context::now().micros()>
            <Notice/>
            {children()}
            {signed_in.then(|| view! { <Console live=follows/> })}
        </main>
    }
}

#[component]
fn Logo() -> impl IntoView {
    view! {
        <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true" fill="none" stroke-width="2.6" stroke-linecap="round">
            <path class="track-go" d="M2 7h7c3 0 3 8 6 8h5"></path>
            <path class="track-idle" d="M2 15h5M15 7h5"></path>
        </svg>
    }
}

#[component]
fn Navigation(part: Part, admin: bool) -> impl IntoView {
    let here = move |of: Part| (part == of).then_some("page");
    view! {
        <nav aria-label="Console">
            <a href="/workloads" aria-current=here(Part::Workloads)>"Workloads"</a>
            <a href="/artifacts" aria-current=here(Part::Artifacts)>"Artifacts"</a>
            <a href="/deployments" aria-current=here(Part::Deployments)>"Deployments"</a>
            <a href="/team" aria-current=here(Part::Team)>"Team"</a>
            {admin.then(|| view! { <a href="/audit" aria-current=here(Part::Audit)>"Audit"</a> })}
            <a href="/api/docs" aria-current=here(Part::Reference)>"API"</a>
        </nav>
    }
}

#[component]
fn Who(caller: Caller, part: Part) -> impl IntoView {
    let name = caller.user.username;
    let initials: String = name.chars().take(2).flat_map(char::to_uppercase).collect();
    let here = (part == Part::Account).then_some("page");
    view! {
        <div class="who">
            <a id="palette-link" class="btn plain" href="/palette" data-dialog="">"Go to"<kbd class="only-wide">"Ctrl K"</kbd></a>
            <details class="menu">
                <summary><span class="initials" aria-hidden="true">{initials}</span><span class="aside">{format!("Account of {name}")}</span></summary>
                <div class="menu-items">
                    <p class="menu-name">{name}</p>
                    <a href="/account" aria-current=here>"Account"</a>
                    <form method="post" action=SignOut::url()><button type="submit" class="plain">"Sign out"</button></form>
                </div>
            </details>
        </div>
    }
}

/// Where a page is, as links.
#[component]
pub fn Crumbs(links: Vec<(String, String)>, #[prop(into)] here: String) -> impl IntoView {
    let links =
        links.into_iter().map(|(href, name)| view! { <a href=href>{name}</a>" / " }).collect_view();
    view! { <nav class="crumb" aria-label="Where this is">{links}<span aria-current="page">{here}</span></nav> }
}
