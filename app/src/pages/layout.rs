//! What every page has around it.

use handover::access::Caller;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::{actions::SignOut, components::notice::Notice, context};
use leptos::server_fn::ServerFn;

/// The part of the console a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Workloads,
    Artifacts,
    /// The API, for people.
    Reference,
    /// Before signing in.
    Door,
}

#[component]
pub fn Layout(
    #[prop(into)] title: String,
    part: Part,
    /// How wide: a class of `main`.
    #[prop(optional)]
    width: &'static str,
    children: Children,
) -> impl IntoView {
    let caller = context::caller();
    view! {
        <Title text=format!("{title} · Handover")/>
        <a class="skip" href="#main">"Skip to the content"</a>
        <header class="top">
            <a class="brand" href="/workloads"><Logo/><span>"Handover"</span></a>
            {caller.map(|caller| view! { <Navigation part/><Who caller/> })}
        </header>
        <main id="main" tabindex="-1" class=width>
            <Notice/>
            {children()}
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
fn Navigation(part: Part) -> impl IntoView {
    let here = move |of: Part| (part == of).then_some("page");
    view! {
        <nav aria-label="Console">
            <a href="/workloads" aria-current=here(Part::Workloads)>"Workloads"</a>
            <a href="/artifacts" aria-current=here(Part::Artifacts)>"Artifacts"</a>
            <a href="/api/docs" aria-current=here(Part::Reference)>"API"</a>
        </nav>
    }
}

#[component]
fn Who(caller: Caller) -> impl IntoView {
    let name = caller.user.username;
    let initials: String = name.chars().take(2).flat_map(char::to_uppercase).collect();
    view! {
        <div class="who">
            <span class="initials" title=name.clone() aria-hidden="true">{initials}</span>
            <form method="post" action=SignOut::url()>
                <button type="submit" class="plain">"Sign out"<span class="aside">{format!(" {name}")}</span></button>
            </form>
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
