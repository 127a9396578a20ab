//! What happened, newest first.

use handover::{
    events::{self, Told},
    live,
    model::{EventKind, EventLevel, WorkloadId},
    store::{EventFilter, Paging},
};
use leptos::prelude::*;

use super::{Between, Part, Parts, Pick, Range, words};
use crate::{
    components::{
        curl::{ApiCall, call},
        pager::{PER_PAGE, Place, escaped, pager},
        tabs::Tab,
        time::Moment,
    },
    context,
    pages::{id, offset, query, workload::Frame},
};

#[component]
pub fn EventsPage() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    let (level, kind) = (query("level").unwrap_or_default(), query("kind").unwrap_or_default());
    let (between, offset) = (Between::of_address(), offset());
    context::page(async move {
        let (house, caller) = context::door()?;
        let live = live::workload(&house, &caller, &id?).await?;
        let id = live.workload.id.clone();
        let filter = EventFilter {
            kinds: kind.parse::<EventKind>().ok().into_iter().collect(),
            level: level.parse::<EventLevel>().ok(),
            from: between.since(),
            to: between.until(),
            ..EventFilter::default()
        };
        let page =
            events::told(&house, &caller, &id, &filter, Paging { offset, limit: PER_PAGE }).await?;
        let place = Place { offset, shown: page.items.len() as u64, total: page.total };
        let chosen =
            format!("level={}&kind={}&{}", escaped(&level), escaped(&kind), between.query());
        let pages =
            pager(place, |offset| format!("/workloads/{id}/activity?{chosen}&offset={offset}"));
        let narrowed = !level.is_empty() || !kind.is_empty() || between.narrows();
        let rows = page.items.iter().map(row).collect_view();
        let example = call("GET", &format!("/workloads/{id}/events/"), None);
        let levels = [("", "All levels"), ("Warning", "Warnings only")];
        let levels = levels.map(|(word, text)| (word.to_owned(), text.to_owned())).into();
        Ok(view! {
            <Frame live tab=Tab::Activity>
                <Parts id=id.clone() here=Part::Events/>
                <section class="card">
                    <header><h2>"Events"</h2><span class="end"><ApiCall text=example/></span></header>
                    <form id="filter" class="bar filter" role="search" data-check action=format!("/workloads/{id}/activity")>
                        <Pick name="level" label="Level" value=level options=levels/>
                        <Pick name="kind" label="Event" value=kind options=kinds()/>
                        <Range between/>
                        <button type="submit">"Filter"</button>
                        {narrowed.then(|| view! { <a href=format!("/workloads/{id}/activity")>"Clear"</a> })}
                    </form>
                    {if place.total == 0 {
                        let why = if narrowed { "No event fits." } else { "Nothing is known to have happened. Events of a draft are kept for a day, of a locked version for 30 days." };
                        view! { <p class="pad quiet">{why}</p> }.into_any()
                    } else {
                        view! {
                            <div class="scroll"><table class="folds events">
                                <thead><tr><th scope="col">"When"</th><th scope="col">"Event"</th><th scope="col">"What"</th><th scope="col">"By"</th></tr></thead>
                                <tbody>{rows}</tbody>
                            </table></div>
                        }.into_any()
                    }}
                    <div class="bar under"><span class="k">{place.words()}</span><span class="end actions">{pages}</span></div>
                </section>
            </Frame>
        })
    })
}

fn kinds() -> Vec<(String, String)> {
    let mut all: Vec<_> =
        EventKind::ALL.iter().map(|kind| (kind.word().to_owned(), words(kind.word()))).collect();
    all.sort_by(|one, other| one.1.cmp(&other.1));
    all.insert(0, (String::new(), "All events".into()));
    all
}

fn row(told: &Told) -> impl IntoView + use<> {
    let event = &told.event;
    let class = if event.level == EventLevel::Warning.word() { "warn-text strong" } else { "" };
    let by = told.by.as_ref().map(|by| by.username.clone().unwrap_or_else(|| by.id.to_string()));
    // Whatever belongs to a replacement leads to its page.
    let replacement =
        event.details.as_ref().and_then(|details| details.get("replacementId")?.as_str());
    let href = replacement.zip(event.workload_id.as_ref()).map(|(replacement, workload)| {
        format!("/workloads/{workload}/replacements/{}", escaped(replacement))
    });
    let message = event.message.clone();
    view! {
        <tr data-key=event.id.clone()>
            <td class="nowrap quiet" data-k="When"><Moment at=event.timestamp/></td>
            <td class="nowrap" data-k="Event"><span class=class>{words(&event.event_type)}</span></td>
            <td class="anywhere" data-k="What">{match href {
                Some(href) => view! { <a href=href>{message}</a> }.into_any(),
                None => message.into_any(),
            }}</td>
            <td data-k="By">{by.unwrap_or_else(|| "by itself".into())}</td>
        </tr>
    }
}
