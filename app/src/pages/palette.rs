//! Everything a person can go to or do, by typing some of its name. A page of its own; with scripts, Ctrl K opens
//! it over the page one is on.

use handover::{
    model::{Action, WorkloadId, WorkloadRecord},
    repositories,
    store::{Paging, RepositoryFilter, WorkloadFilter},
    workloads::{self, WithStats},
};
use leptos::prelude::*;

use super::{
    layout::{Layout, Part},
    query,
};
use crate::{components::chip::status_word, context};

/// The most of one kind that is listed: more is a search of the list itself.
const MOST: u64 = 6;

/// Somewhere to go.
struct Entry {
    label: String,
    note: String,
    href: String,
    /// It can't be done now; the page it leads to says more.
    refused: bool,
}

impl Entry {
    fn new(label: impl Into<String>, note: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), note: note.into(), href: href.into(), refused: false }
    }
}

/// What can be done with a workload: what it is called, where it is done, and which permission it takes.
const DEEDS: [(&str, &str, Option<Action>); 13] = [
    ("Open", "", None),
    ("Replace artifact of", "/replace", Some(Action::Replace)),
    ("Promote", "/promote", Some(Action::Promote)),
    ("Start", "/start", Some(Action::Start)),
    ("Stop", "/stop", Some(Action::Stop)),
    ("Monitoring of", "/monitoring", None),
    ("Settings of", "/settings", None),
    ("Endpoint of", "/endpoint", None),
    ("History of", "/history", None),
    ("Activity of", "/activity", None),
    ("Logs of", "/activity/logs", None),
    ("Share", "/share", None),
    ("Delete", "/delete", Some(Action::Delete)),
];

/// The places that are always there.
const PLACES: [(&str, &str); 12] = [
    ("Workloads", "/workloads"),
    ("Draft workloads", "/workloads?status=draft"),
    ("New workload", "/workloads/new"),
    ("Artifacts", "/artifacts"),
    ("New artifact", "/artifacts/new"),
    ("Deployments", "/deployments"),
    ("Credentials", "/credentials"),
    ("Team", "/team"),
    ("Account and API tokens", "/account"),
    ("API reference", "/api/docs"),
    ("Audit trail", "/audit"),
    ("Groups", "/team/groups"),
];
/// Of those, the last ones are for administrators.
const FOR_ADMINISTRATORS: usize = 2;

#[component]
pub fn Palette() -> impl IntoView {
    let typed = query("q").unwrap_or_default();
    let from = query("from").unwrap_or_default();
    context::page(async move {
        let (house, caller) = context::door()?;
        let words = typed.to_lowercase();
        let (verb, rest) = verb_of(&words);
        let mut groups: Vec<(&'static str, Vec<Entry>)> = Vec::new();
        if let Some(id) = workload_of(&from)
            && let Ok(workload) = workloads::get(&house, &caller, &id).await
        {
            let meant = verb.filter(|_| workload.name.to_lowercase().contains(rest));
            groups.push(("This workload", deeds(&workload, meant.unwrap_or(&words), true)));
        }
        let filter = WorkloadFilter {
            search: Some(rest.to_owned()).filter(|rest| !rest.is_empty()),
            ..WorkloadFilter::default()
        };
        let paging = Paging { offset: 0, limit: MOST };
        let found = workloads::list(&house, &caller, &filter, paging, WithStats::No).await?;
        let of_workloads = found.items.iter().flat_map(|workload| match verb {
            Some(verb) => deeds(workload, verb, false),
            None => vec![opened(workload)],
        });
        groups.push(("Workloads", of_workloads.collect()));
        if !words.is_empty() {
            let filter =
                RepositoryFilter { search: Some(words.clone()), ..RepositoryFilter::default() };
            let found = repositories::list(&house, &caller, &filter, paging).await?;
            let entries = found.items.into_iter().map(|repository| {
                let href = format!("/repositories/{}", repository.id);
                Entry::new(repository.name, "artifacts", href)
            });
            groups.push(("Artifacts", entries.collect()));
        }
        let places =
            if caller.user.is_admin() { PLACES.len() } else { PLACES.len() - FOR_ADMINISTRATORS };
        let places =
            PLACES[..places].iter().filter(|(name, _)| name.to_lowercase().contains(&words));
        groups.push(("Go to", places.map(|(name, href)| Entry::new(*name, "", *href)).collect()));
        groups.retain(|(_, entries)| !entries.is_empty());
        let nothing = groups.is_empty();
        Ok(view! {
            <Layout title="Go to" part=Part::Palette width="middle">
                <div class="palette" data-steps="">
                    <h1 class="aside">"Go to or do"</h1>
                    <form action="/palette" role="search" data-check="">
                        <input type="hidden" name="from" value=from/>
                        <input type="search" name="q" value=typed autofocus=true autocomplete="off" aria-label="Go to or do"
                            placeholder="A workload, an artifact, a page, or stop, promote, replace …"/>
                        <button type="submit" class="aside" tabindex="-1">"Search"</button>
                    </form>
                    {groups.into_iter().map(group).collect_view()}
                    {nothing.then(|| view! { <p class="quiet" role="status">"Nothing is called that, or it is not shared with you."</p> })}
                </div>
            </Layout>
        })
    })
}

fn group((name, entries): (&'static str, Vec<Entry>)) -> impl IntoView {
    let rows = entries.into_iter().map(|Entry { label, note, href, refused }| {
        let disabled = refused.then_some("true");
        let key = format!("{label} {href}");
        view! { <li data-key=key><a href=href aria-disabled=disabled>{label}<span class="quiet">{note}</span></a></li> }
    });
    view! { <section data-key=name><h2>{name}</h2><ul>{rows.collect_view()}</ul></section> }
}

fn opened(workload: &WorkloadRecord) -> Entry {
    let href = format!("/workloads/{}", workload.id);
    Entry::new(&workload.name, status_word(workload.status), href)
}

/// What can be done with `workload` and fits `words`. What would make no sense in its present state is left out when
/// everything is listed, and shown with its reason when it was asked for.
fn deeds(workload: &WorkloadRecord, words: &str, all: bool) -> Vec<Entry> {
    DEEDS
        .iter()
        .filter_map(|(name, path, action)| {
            let fits = name.to_lowercase().contains(words) || (all && words.is_empty());
            if !fits {
                return None;
            }
            let allowed = action.and_then(|action| {
                workload.allowed.iter().find(|allowed| allowed.action == action)
            });
            let refused = allowed.is_some_and(|allowed| !allowed.allowed);
            if refused && words.is_empty() {
                return None;
            }
            let reason = allowed.filter(|_| refused).and_then(|allowed| allowed.reason.clone());
            let label = format!("{name} {}", workload.name);
            let href = format!("/workloads/{}{path}", workload.id);
            Some(Entry { refused, ..Entry::new(label, reason.unwrap_or_default(), href) })
        })
        .collect()
}

/// `stop checkout` is a deed and a workload.
fn verb_of(words: &str) -> (Option<&str>, &str) {
    let (first, rest) = words.split_once(' ').unwrap_or((words, ""));
    let is_verb =
        first.len() > 2 && DEEDS.iter().any(|(name, ..)| name.to_lowercase().starts_with(first));
    if is_verb { (Some(first), rest.trim()) } else { (None, words) }
}

/// The workload whose page `path` is.
fn workload_of(path: &str) -> Option<WorkloadId> {
    let id = path.strip_prefix("/workloads/")?.split(['/', '?']).next()?;
    // The form for a new one stands where ids do.
    if id == "new" { None } else { id.parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::{verb_of, workload_of};

    #[test]
    fn a_deed_and_whose() {
        assert_eq!(verb_of("stop checkout api"), (Some("stop"), "checkout api"));
        assert_eq!(verb_of("promo"), (Some("promo"), ""));
        assert_eq!(verb_of("checkout"), (None, "checkout"));
        assert_eq!(verb_of("st"), (None, "st"), "too little to tell");
        let id = "6b013cae18f90d1cc716b152";
        assert_eq!(workload_of(&format!("/workloads/{id}/settings?x")), id.parse().ok());
        assert_eq!(workload_of("/workloads/new"), None);
    }
}
