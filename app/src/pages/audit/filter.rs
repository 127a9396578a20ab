//! Which entries are wanted, as the address says it; the links of the page and of the exports are made from
//! the same words.

use handover::{
    access::Caller,
    error::Error,
    house::House,
    model::{AuditAction, AuditOutcome, AuditedKind, UserId},
    people::users,
    store::{AuditFilter, Paging, UserFilter},
};
use leptos::prelude::*;

use crate::{components::pager::escaped, context, pages::query, zone::Zone};

/// People among whom a username is looked for.
const MOST_FOUND: u64 = 50;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// A username.
    pub(super) actor: String,
    pub(super) action: Option<AuditAction>,
    pub(super) kind: Option<AuditedKind>,
    pub(super) entity: String,
    pub(super) outcome: Option<AuditOutcome>,
    /// As typed into a control for dates, in the zone of the reader.
    pub(super) from: String,
    pub(super) to: String,
    pub(super) zone: Zone,
}

impl Wanted {
    pub(super) fn of_address() -> Self {
        let text = |name| query(name).unwrap_or_default().trim().to_owned();
        let (zone, there) = (context::zone(), Zone::of_word(&text("zone")));
        Self {
            actor: text("actor"),
            action: text("action").parse().ok(),
            kind: text("kind").parse().ok(),
            entity: text("entity"),
            outcome: text("outcome").parse().ok(),
            from: zone.retype(&text("from"), &there),
            to: zone.retype(&text("to"), &there),
            zone,
        }
    }

    pub(super) fn narrows(&self) -> bool {
        *self != Self { zone: self.zone.clone(), ..Self::default() }
    }

    /// The same as a query of the page.
    pub(super) fn query(&self, offset: u64) -> String {
        format!(
            "actor={}&action={}&kind={}&entity={}&outcome={}&from={}&to={}&zone={}&offset={offset}",
            escaped(&self.actor),
            self.action.map_or("", AuditAction::word),
            self.kind.map_or("", AuditedKind::word),
            escaped(&self.entity),
            self.outcome.map_or("", AuditOutcome::word),
            escaped(&self.from),
            escaped(&self.to),
            escaped(&self.zone.word()),
        )
    }

    /// The same as a query of the API.
    pub(super) fn api_query(&self, actor: Option<&UserId>) -> String {
        let moment = |text: &str| self.zone.read(text).map(|at| escaped(&at.to_string()));
        let parts = [
            ("actorId", actor.map(ToString::to_string)),
            ("action", self.action.map(|one| one.word().to_owned())),
            ("entityType", self.kind.map(|one| one.word().to_owned())),
            ("entityId", Some(escaped(&self.entity)).filter(|id| !id.is_empty())),
            ("outcome", self.outcome.map(|one| one.word().to_owned())),
            ("startTime", moment(&self.from)),
            ("endTime", moment(&self.to)),
        ];
        let parts =
            parts.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
        parts.collect::<Vec<_>>().join("&")
    }

    /// Who is meant by the username; an error says that nobody is.
    pub(super) async fn actor(
        &self,
        house: &House,
        caller: &Caller,
    ) -> Result<Option<Result<UserId, String>>, Error> {
        if self.actor.is_empty() {
            return Ok(None);
        }
        let filter = UserFilter { search: Some(self.actor.clone()), ..UserFilter::default() };
        let found = users::list(house, caller, &filter, Paging::first(MOST_FOUND)).await?;
        let same = |name: &str| name.to_lowercase() == self.actor.to_lowercase();
        let found = found.items.into_iter().find(|user| same(&user.username));
        let unknown =
            || format!("Nobody here is called “{}”: type the whole username.", self.actor);
        Ok(Some(found.map(|user| user.id).ok_or_else(unknown)))
    }

    pub(super) fn filter(&self, actor: Option<UserId>) -> AuditFilter {
        AuditFilter {
            workload: None,
            actors: actor.into_iter().collect(),
            actions: self.action.into_iter().collect(),
            kinds: self.kind.into_iter().collect(),
            entity: Some(self.entity.clone()).filter(|id| !id.is_empty()),
            outcomes: self.outcome.into_iter().collect(),
            from: self.zone.read(&self.from),
            to: self.zone.read(&self.to),
        }
    }
}

/// The controls.
pub(super) fn form(wanted: &Wanted) -> impl IntoView + use<> {
    let actions = AuditAction::ALL.iter().map(|action| {
        let selected = wanted.action == Some(*action);
        view! { <option value=action.word() selected=selected>{action.word()}</option> }
    });
    let kinds = AuditedKind::ALL.iter().map(|kind| {
        let selected = wanted.kind == Some(*kind);
        view! { <option value=kind.word() selected=selected>{kind.word().replace('_', " ")}</option> }
    });
    let outcomes = [(AuditOutcome::Done, "done"), (AuditOutcome::Refused, "refused")];
    let outcomes = outcomes.map(|(outcome, name)| {
        let selected = wanted.outcome == Some(outcome);
        view! { <option value=outcome.word() selected=selected>{name}</option> }
    });
    let label = |word: &str| format!("{word} ({})", wanted.zone.words());
    view! {
        <form class="filters" role="search" action="/audit" data-check="/audit" aria-label="Which entries">
            <div class="field"><label for="by-actor">"Who"</label><input type="search" id="by-actor" name="actor" value=wanted.actor.clone() placeholder="username" autocomplete="off"/></div>
            <div class="field"><label for="by-action">"Action"</label><select id="by-action" name="action"><option value="">"any"</option>{actions.collect_view()}</select></div>
            <div class="field"><label for="by-kind">"On"</label><select id="by-kind" name="kind"><option value="">"anything"</option>{kinds.collect_view()}</select></div>
            <div class="field"><label for="by-entity">"ID"</label><input type="search" id="by-entity" name="entity" value=wanted.entity.clone() autocomplete="off"/></div>
            <div class="field"><label for="by-outcome">"Outcome"</label><select id="by-outcome" name="outcome"><option value="">"any"</option>{outcomes.into_iter().collect_view()}</select></div>
            <div class="field"><label for="by-from">{label("From")}</label><input type="datetime-local" id="by-from" name="from" value=wanted.from.clone()/></div>
            <div class="field"><label for="by-to">{label("Before")}</label><input type="datetime-local" id="by-to" name="to" value=wanted.to.clone()/></div>
            <input type="hidden" name="zone" value=wanted.zone.word()/>
            <div class="actions"><button type="submit">"Show"</button>{wanted.narrows().then(|| view! { <a class="small" href="/audit">"Clear all"</a> })}</div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::Wanted;
    use crate::zone::Zone;

    #[test]
    fn the_exports_ask_for_what_the_page_shows() {
        let wanted = Wanted {
            action: Some(handover::model::AuditAction::WorkloadReplace),
            entity: "a b".into(),
            from: "2026-11-21T06:30".into(),
            ..Wanted::default()
        };
        let query = wanted.api_query(Some(&"ada".parse().unwrap()));
        assert!(
            query.starts_with(
                "actorId=ada&action=workload.replace&entityId=a%20b&startTime=2026-11-21T06%3A30"
            ),
            "{query}"
        );
        let elsewhere = Wanted { zone: Zone::named("Asia/Tokyo").expect("a zone"), ..wanted };
        let query = elsewhere.api_query(None);
        assert!(query.ends_with("startTime=2026-11-20T21%3A30%3A00.000000Z"), "{query}");
        assert_eq!(Wanted::default().api_query(None), "");
        assert!(!Wanted::default().narrows());
    }
}
