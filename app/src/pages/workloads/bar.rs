//! What narrows the list: tabs, search, filters as chips.

use handover::{model::ArtifactStatus, workloads::Counts};
use leptos::prelude::*;

use crate::{components::pager::escaped, format::count, listing::Wanted};

#[component]
pub fn Bar(
    wanted: Wanted,
    /// Of what the other filters leave.
    counts: Counts,
    /// What the one of `created_by` is called.
    creator: String,
) -> impl IntoView {
    let tab = |artifact: Option<ArtifactStatus>, name: &'static str, number: u64| {
        let current = (wanted.artifact == artifact).then_some("page");
        view! { <a href=wanted.tab(artifact).href() aria-current=current>{name}" "<span class="count">{count(number)}</span></a> }
    };
    let chips = wanted.chips(&creator);
    let chosen = chips.len();
    let chips = chips
        .into_iter()
        .map(|(words, rest)| {
            let key = words.clone();
            view! { <li data-key=key><a class="chip" href=rest.href()><span class="aside">"Remove the filter "</span>{words}<span aria-hidden="true">"×"</span></a></li> }
        })
        .collect_view();
    let rest: Vec<_> =
        wanted.at(0).pairs().into_iter().filter(|(name, _)| *name != "search").collect();
    let query: Vec<String> = wanted
        .at(0)
        .pairs()
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    view! {
        <div class="bar">
            <nav class="seg" aria-label="Which workloads">
                {tab(None, "All", counts.all)}
                {tab(Some(ArtifactStatus::Locked), "Locked", counts.locked)}
                {tab(Some(ArtifactStatus::Draft), "Draft", counts.draft)}
            </nav>
            <form class="search" role="search" action="/workloads" data-check="">
                {rest.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view()}
                <input type="search" id="search" name="search" value=wanted.search.clone() maxlength="100" autocomplete="off"
                    aria-label="Search name, ID or description" placeholder="Search name, ID or description"/>
                <button type="submit">"Search"</button>
            </form>
            <a class="btn" href=format!("/workloads/filter?{}", query.join("&")) data-dialog="">"Filter"{(chosen > 0).then(|| view! { <span class="count">{chosen}</span> })}</a>
            {wanted.narrows().then(|| view! { <a class="end small clear-all" href=wanted.cleared().href()>"Clear all"</a> })}
        </div>
        {(chosen > 0).then(|| view! { <ul class="bar chips" aria-label="Filters">{chips}</ul> })}
    }
}
