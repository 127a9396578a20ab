//! Everything a person can go to or do, by typing some of its name. A page of its own; with scripts, Ctrl K opens
//! it over the page one is on.
//!
//! What asks before it acts is a link to the page that asks; what does not is a button, with what it will do beside
//! it. What can't be done now is listed with the reason that its button would give, once it is asked for.

mod artifact;
mod asked;
mod entry;
mod places;
mod things;
mod workload;

use std::collections::HashSet;

use handover::{
    access::Caller,
    artifacts,
    error::Error,
    house::House,
    model::{ArtifactId, Page, WorkloadId, WorkloadRecord},
    store::{ArtifactFilter, Paging, WorkloadFilter},
    workloads::{self, WithStats},
};
use leptos::prelude::*;

use super::{
    layout::{Layout, Part},
    query,
};
use crate::context;
use asked::{Asked, split};
use entry::{Entry, group};

/// The most of one kind that is listed: more is a search of the list itself.
const MOST: u64 = 6;

type Group = (&'static str, Vec<Entry>);

#[component]
pub fn Palette() -> impl IntoView {
    let typed = query("q").unwrap_or_default();
    let from = query("from").unwrap_or_default();
    context::page(async move {
        let (house, caller) = context::door()?;
        let groups = found(&house, &caller, &asked::words(&typed), &from).await?;
        let nothing = groups.is_empty();
        Ok(view! {
            <Layout title="Go to" part=Part::Palette width="middle">
                <div class="palette" data-steps="">
                    <Asking typed from/>
                    {groups.into_iter().map(group).collect_view()}
                    {nothing.then(|| view! { <p class="quiet" role="status">"Nothing is called that, or it is not shared with you."</p> })}
                </div>
            </Layout>
        })
    })
}

/// What is typed into.
#[component]
fn Asking(typed: String, from: String) -> impl IntoView {
    view! {
        <h1 class="aside">"Go to or do"</h1>
        <form action="/palette" role="search" data-check="">
            <input type="hidden" name="from" value=from/>
            <input type="search" name="q" value=typed autofocus=true autocomplete="off" aria-label="Go to or do"
                placeholder="A workload, an artifact, a page, or stop, promote, clone …"/>
            <button type="submit" class="aside" tabindex="-1">"Search"</button>
        </form>
    }
}

/// The palette before it has been asked for, so that one can type as soon as it is.
#[component]
pub fn Blank() -> impl IntoView {
    view! { <template id="palette-blank"><div class="palette" data-steps=""><Asking typed=String::new() from=String::new()/></div></template> }
}

/// What fits, the nearest first: what the page is about, then what is called so, then what is always there.
async fn found(
    house: &House,
    caller: &Caller,
    words: &[String],
    from: &str,
) -> Result<Vec<Group>, Error> {
    let mut groups = of_page(house, caller, words, from).await;
    groups.push(("Workloads", of_workloads(house, caller, words).await?));
    groups.push(("Artifacts and versions", of_artifacts(house, caller, words).await?));
    for kind in things::Kind::ALL {
        groups.push(things::found(house, caller, kind, words).await?);
    }
    let admin = caller.user.is_admin();
    groups.push(("Do", places::deeds(words, admin)));
    let places = places::places(words, admin);
    // Whoever types what a page is called wants that page.
    let typed = words.join(" ");
    if !typed.is_empty() && places.iter().any(|place| place.begins_with(&typed)) {
        groups.insert(0, ("Go to", places));
    } else {
        groups.push(("Go to", places));
    }
    // What the page is about may be found by its name as well.
    let mut listed = HashSet::new();
    for (_, entries) in &mut groups {
        entries.retain(|entry| listed.insert(entry.key()));
    }
    groups.retain(|(_, entries)| !entries.is_empty());
    Ok(groups)
}

/// What can be done with what the page is about, and with what that runs.
async fn of_page(house: &House, caller: &Caller, words: &[String], from: &str) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut runs: Option<ArtifactId> = None;
    if let Some(id) = id_in(from, "/workloads/").and_then(|id| id.parse::<WorkloadId>().ok())
        && let Ok(one) = workloads::get(house, caller, &id).await
    {
        let asked = Asked::of_page(words, &one.name);
        groups.push(("This workload", workload::deeds(&one, asked)));
        // Not beside everything else that a workload can do.
        runs = Some(one.artifact_id).filter(|_| !words.is_empty());
    }
    let (title, id) = match id_in(from, "/artifacts/").and_then(|id| id.parse().ok()) {
        Some(id) => ("This artifact", Some(id)),
        None => ("What it runs", runs),
    };
    if let Some(id) = id
        && let Ok(one) = artifacts::get(house, caller, &id).await
    {
        let asked = Asked::of_page(words, &one.name);
        groups.push((title, artifact::deeds(&one, asked)));
    }
    groups.extend(things::of_page(house, caller, from, words).await);
    groups
}

async fn of_workloads(
    house: &House,
    caller: &Caller,
    words: &[String],
) -> Result<Vec<Entry>, Error> {
    let (verbs, rest) = split(words, &workload::DEEDS);
    // A deed may also be how something is called.
    let whole = workloads_called(house, caller, &words.join(" ")).await?;
    let mut entries: Vec<Entry> = whole.iter().map(workload::opened).collect();
    if !verbs.is_empty() {
        let named = workloads_called(house, caller, &rest).await?;
        let deeds = named.iter().flat_map(|one| workload::deeds(one, Asked::of_found(&verbs)));
        entries.extend(possible_first(deeds.collect(), rest.is_empty()));
    }
    Ok(entries)
}

/// What is called so, then what the text is found in: among thousands, what was named in full may be far from the newest.
async fn workloads_called(
    house: &House,
    caller: &Caller,
    text: &str,
) -> Result<Vec<WorkloadRecord>, Error> {
    let text = Some(text.to_owned()).filter(|text| !text.is_empty());
    let list = async |filter: WorkloadFilter| {
        let paging = Paging::first(MOST);
        workloads::list(house, caller, &filter, paging, WithStats::No).await
    };
    let mut called = match &text {
        Some(_) => list(WorkloadFilter { name: text.clone(), ..WorkloadFilter::default() }).await?,
        None => Page::empty(),
    }
    .items;
    let found = list(WorkloadFilter { search: text, ..WorkloadFilter::default() }).await?.items;
    let others = found.into_iter().filter(|one| called.iter().all(|known| known.id != one.id));
    let others: Vec<_> = others.collect();
    called.extend(others);
    called.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
    Ok(called)
}

async fn of_artifacts(
    house: &House,
    caller: &Caller,
    words: &[String],
) -> Result<Vec<Entry>, Error> {
    let (verbs, rest) = split(words, &artifact::DEEDS);
    if verbs.is_empty() {
        return Ok(Vec::new());
    }
    let filter = ArtifactFilter {
        search: Some(rest.clone()).filter(|rest| !rest.is_empty()),
        ..ArtifactFilter::default()
    };
    let named = artifacts::list(house, caller, &filter, Paging::first(MOST)).await?.items;
    let deeds = named.iter().flat_map(|one| artifact::deeds(one, Asked::of_found(&verbs)));
    Ok(possible_first(deeds.collect(), rest.is_empty()))
}

/// Where nothing is named, what can be done is enough, as long as there is any of it.
fn possible_first(mut entries: Vec<Entry>, of_any: bool) -> Vec<Entry> {
    entries.sort_by_key(Entry::is_refused);
    if of_any && entries.iter().any(|entry| !entry.is_refused()) {
        entries.retain(|entry| !entry.is_refused());
    }
    entries.truncate(2 * usize::try_from(MOST).unwrap_or(usize::MAX));
    entries
}

/// The id of the thing whose page `path` is, when it is one below `place`.
fn id_in<'a>(path: &'a str, place: &str) -> Option<&'a str> {
    let id = path.strip_prefix(place)?.split(['/', '?']).next()?;
    // Forms stand where ids do.
    (!id.is_empty() && !["new", "filter", "bulk"].contains(&id)).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::id_in;

    #[test]
    fn what_the_page_is_about() {
        let id = "6b013cae18f90d1cc716b152";
        let path = format!("/workloads/{id}/settings?x");
        assert_eq!(id_in(&path, "/workloads/"), Some(id));
        assert_eq!(id_in(&path, "/artifacts/"), None);
        assert_eq!(id_in("/workloads/new", "/workloads/"), None);
        assert_eq!(id_in("/workloads?x", "/workloads/"), None);
    }
}
