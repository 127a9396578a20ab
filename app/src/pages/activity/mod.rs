//! What happened to a workload, who changed it, and what its replicas wrote. Each has an address, and so has
//! each choice made in it.

pub mod audit;
pub mod changes;
pub mod events;
pub mod logs;

use handover::model::{Timestamp, WorkloadId};
use leptos::prelude::*;

use crate::{components::pager::escaped, context, zone::Zone};

pub use audit::AuditPage;
pub use events::EventsPage;
pub use logs::LogsPage;

/// The parts of the activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Events,
    Audit,
    Logs,
}

impl Part {
    fn path(self) -> &'static str {
        match self {
            Self::Events => "",
            Self::Audit => "/audit",
            Self::Logs => "/logs",
        }
    }
}

/// The way from one to the other.
#[component]
fn Parts(id: WorkloadId, here: Part) -> impl IntoView {
    let parts = [(Part::Events, "Events"), (Part::Audit, "Audit"), (Part::Logs, "Logs")];
    let links = parts.map(|(part, name)| {
        let current = (part == here).then_some("page");
        view! { <a href=format!("/workloads/{id}/activity{}", part.path()) aria-current=current>{name}</a> }
    });
    view! { <nav class="seg parts" aria-label="Activity">{links.into_iter().collect_view()}</nav> }
}

/// A choice of a filter.
#[component]
fn Pick(
    name: &'static str,
    label: &'static str,
    value: String,
    options: Vec<(String, String)>,
) -> impl IntoView {
    let options = options
        .into_iter()
        .map(|(word, text)| {
            let selected = word == value;
            view! { <option value=word selected=selected>{text}</option> }
        })
        .collect_view();
    view! { <select name=name aria-label=label>{options}</select> }
}

/// From when to when, as it is typed where the reader is.
#[derive(Debug, Clone, Default)]
struct Between {
    from: String,
    to: String,
    zone: Zone,
}

impl Between {
    /// An address says in which zone it was typed, so that it means the same to whom it is sent.
    fn of_address() -> Self {
        let given = |name| super::query(name).unwrap_or_default();
        let (zone, there) = (context::zone(), Zone::of_word(&given("zone")));
        let here = |text: String| zone.retype(&text, &there);
        Self { from: here(given("from")), to: here(given("to")), zone }
    }

    fn since(&self) -> Option<Timestamp> {
        self.zone.read(&self.from)
    }

    fn until(&self) -> Option<Timestamp> {
        self.zone.read(&self.to)
    }

    fn narrows(&self) -> bool {
        !self.from.is_empty() || !self.to.is_empty()
    }

    fn query(&self) -> String {
        let Self { from, to, zone } = self;
        format!("from={}&to={}&zone={}", escaped(from), escaped(to), escaped(&zone.word()))
    }
}

/// The controls for it.
#[component]
fn Range(between: Between) -> impl IntoView {
    let Between { from, to, zone } = between;
    let where_is = zone.words();
    view! {
        <label class="when">{format!("From, {where_is}")}<input type="datetime-local" name="from" step="1" value=from/></label>
        <label class="when">{format!("To, {where_is}")}<input type="datetime-local" name="to" step="1" value=to/></label>
        <input type="hidden" name="zone" value=zone.word()/>
    }
}

/// `ReplacementStarted` and `workload.clear_stats` as people write: `Replacement started`, `Clear stats`.
fn words(name: &str) -> String {
    let name = name.rsplit_once('.').map_or(name, |(_, last)| last);
    let mut text = String::new();
    for letter in name.chars() {
        match letter {
            '_' => text.push(' '),
            upper if upper.is_uppercase() && !text.is_empty() => {
                text.push(' ');
                text.extend(upper.to_lowercase());
            }
            other if text.is_empty() => text.extend(other.to_uppercase()),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn names_are_read_as_words() {
        assert_eq!(words("ReplacementStarted"), "Replacement started");
        assert_eq!(words("workload.clear_stats"), "Clear stats");
        assert_eq!(words("Scaled"), "Scaled");
    }
}
