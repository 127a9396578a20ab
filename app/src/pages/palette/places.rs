//! What is there for everybody at any time: places, what begins something new, and what one does about oneself.

use leptos::server_fn::ServerFn;

use super::{asked::fits, entry::Entry};
use crate::actions::{CreateDemo, EndOtherSessions, SignOut};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    Everybody,
    Administrators,
}
use For::{Administrators, Everybody};

/// Somewhere to go: what it is called, by which other words people look for it, where it is, and for whom.
struct Place(&'static str, &'static str, &'static str, For);

const PLACES: [Place; 17] = [
    Place("Workloads", "list all", "/workloads", Everybody),
    Place("Draft workloads", "list", "/workloads?artifactStatus=draft", Everybody),
    Place("Locked workloads", "list production", "/workloads?artifactStatus=locked", Everybody),
    Place("Errored workloads", "list failed", "/workloads?status=errored", Everybody),
    Place("Filter workloads", "find search tags", "/workloads/filter", Everybody),
    Place("Artifacts", "list repositories versions images", "/artifacts", Everybody),
    Place("Deployments", "list governed", "/deployments", Everybody),
    Place("Credentials", "secrets registries passwords", "/credentials", Everybody),
    Place("Team", "people users persons", "/team", Everybody),
    Place("Groups", "team people", "/team/groups", Everybody),
    Place("Account", "profile me", "/account", Everybody),
    Place("API tokens", "account developer tools keys revoke", "/account/tokens", Everybody),
    Place("Sign-ins", "account sessions devices browsers", "/account/sessions", Everybody),
    Place("API reference", "documentation operations", "/api/docs", Everybody),
    Place("Audit trail", "log changes who", "/audit", Administrators),
    Place("Verify the audit trail", "check chain", "/audit", Administrators),
    Place("Export the audit trail", "download csv json", "/audit", Administrators),
];

const DEEDS: [Place; 9] = [
    Place("New workload", "create add", "/workloads/new", Everybody),
    Place("New artifact", "create add draft", "/artifacts/new", Everybody),
    Place("Deploy a workload", "create new add deployment govern", "/deployments/new", Everybody),
    Place("Add a credential", "create new secret registry", "/credentials/new", Everybody),
    Place("Make an API token", "create new add key", "/account/tokens", Everybody),
    Place("Add a person", "create new user invite", "/team/users/new", Administrators),
    Place("New group", "create add", "/team/groups/new", Administrators),
    Place("Edit my profile", "change name email account", "/account", Everybody),
    Place("Change my password", "account edit", "/account", Everybody),
];

pub(super) fn places(words: &[String], admin: bool) -> Vec<Entry> {
    entries(&PLACES, words, admin)
}

pub(super) fn deeds(words: &[String], admin: bool) -> Vec<Entry> {
    let at_once = [
        ("Start a demo workload", "create new add try example", CreateDemo::url()),
        ("Sign out everywhere else", "end sessions others log logout", EndOtherSessions::url()),
        ("Sign out", "log logout off leave", SignOut::url()),
    ];
    let at_once = at_once.into_iter().filter(|(name, also, _)| fits(words, name, also));
    let mut all = entries(&DEEDS, words, admin);
    all.extend(at_once.map(|(name, _, action)| Entry::send(name, action, Vec::new())));
    all
}

fn entries(all: &[Place], words: &[String], admin: bool) -> Vec<Entry> {
    all.iter()
        .filter(|Place(.., whose)| admin || *whose == Everybody)
        .filter(|Place(name, also, ..)| fits(words, name, also))
        .map(|Place(name, _, href, _)| Entry::go(*name, *href))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{super::asked::words, deeds, places};

    #[test]
    fn people_find_things_by_the_words_that_they_use() {
        let found = |text: &str, admin| {
            places(&words(text), admin).len() + deeds(&words(text), admin).len()
        };
        for text in ["session", "user", "create", "demo", "sign out", "token", "password", "draft"]
        {
            assert!(found(text, false) > 0, "{text}");
        }
        assert!(found("invite", true) > 0 && found("invite", false) == 0, "for administrators");
        assert_eq!(found("no such thing", true), 0);
    }
}
