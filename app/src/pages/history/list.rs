//! Every change, newest first, with what it did to traffic. Any two can be compared, and each can be gone back to.

use handover::{
    live,
    model::{Millis, ReplacementKind, ReplacementRecord, WorkloadId, WorkloadRecord},
    replacement::{self, Ran},
    store::Paging,
};
use leptos::prelude::*;

use super::{Point, replace_with, took_place};
use crate::{
    components::{
        curl::{ApiCall, call},
        format::count,
        history::outcome,
        pager::{PER_PAGE, Place, pager},
        person::person,
        rollout::is_over,
        tabs::Tab,
        time::When,
    },
    context,
    pages::{
        id, offset,
        workload::{Frame, settings},
    },
};

#[component]
pub fn History() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    let offset = offset();
    context::page(async move {
        let (house, caller) = context::door()?;
        let live = live::workload(&house, &caller, &id?).await?;
        let workload = live.workload.clone();
        let id = workload.id.clone();
        let paging = Paging { offset, limit: PER_PAGE };
        let page = replacement::list(&house, &caller, &id, paging).await?;
        let place = Place { offset, shown: page.items.len() as u64, total: page.total };
        let pages = pager(place, |offset| format!("/workloads/{id}/history?offset={offset}"));
        // What it was created with is no entry of its own, but one goes back to it all the same.
        let oldest = page.items.last().filter(|_| offset + place.shown == place.total);
        let created = match oldest {
            Some(oldest) => replacement::ran(&house, &caller, &id, &oldest.id).await?.before,
            None => None,
        };
        let created = oldest.map(|oldest| Point::before(&oldest.id)).zip(created);
        let many = page.items.len() + usize::from(created.is_some()) > 1;
        let second = page.items.get(1).map(|entry| Point::after(&entry.id));
        let second = second.or_else(|| created.as_ref().map(|(point, _)| point.clone()));
        let rows = page
            .items
            .iter()
            .enumerate()
            .map(|(at, entry)| {
                let point = Point::after(&entry.id);
                let marks = (at == 1, at == 0);
                row(entry, &workload, point, marks, many)
            })
            .collect_view();
        let beginning = created.is_some().then_some(", and how it began");
        let first = created.map(|(point, ran)| {
            let from = second.as_ref() == Some(&point);
            first_row(&workload, &point, &ran, from, many)
        });
        let example = call("GET", &format!("/workloads/{id}/replacements/"), None);
        Ok(view! {
            <Frame live tab=Tab::History>
                <section class="card">
                    <header><h2>"History"</h2>
                        <span class="end actions">{many.then(|| view! { <button type="submit" form="compare">"Compare the two chosen"</button> })}<ApiCall text=example/></span></header>
                    <form id="compare" action=format!("/workloads/{id}/history/compare")></form>
                    {if place.total == 0 {
                        view! { <p class="pad quiet">"Nothing has been changed yet. Replacements, changed settings and the promotion will be here, with what each did to traffic."</p> }.into_any()
                    } else {
                        view! {
                            <div class="scroll"><table class="folds history">
                                <thead><tr>
                                    {many.then(|| view! { <th scope="col">"From"</th><th scope="col">"To"</th> })}
                                    <th scope="col">"When"</th><th scope="col">"Change"</th><th scope="col">"By"</th>
                                    <th scope="col" class="n">"Requests"</th><th scope="col" class="n">"Failed"</th><th scope="col" class="n">"Switch"</th>
                                    <th scope="col"><span class="aside">"Go back"</span></th>
                                </tr></thead>
                                <tbody>{rows}{first}</tbody>
                            </table></div>
                        }.into_any()
                    }}
                    <div class="bar under"><span class="k">{place.words()}{beginning}</span>
                        <span class="end actions">{pages}</span></div>
                </section>
            </Frame>
        })
    })
}

/// The two marks of a comparison.
fn marks(point: &Point, name: &str, (from, to): (bool, bool), many: bool) -> impl IntoView + use<> {
    let mark = |side: &'static str, checked: bool| {
        let label = format!("Compare {side} {name}");
        let value = point.word();
        view! { <input type="radio" form="compare" name=side value=value checked=checked aria-label=label/> }
    };
    many.then(|| {
        view! {
            <td data-k="From">{mark("from", from)}</td>
            <td data-k="To">{mark("to", to)}</td>
        }
    })
}

fn row(
    entry: &ReplacementRecord,
    workload: &WorkloadRecord,
    point: Point,
    marked: (bool, bool),
    many: bool,
) -> impl IntoView + use<> {
    let had_traffic = entry.kind != ReplacementKind::Promote;
    let receipt = entry.receipt;
    let number = |n: u64| if had_traffic { count(n) } else { "—".into() };
    let switch = receipt.ready_to_switched_ms.map_or("—".into(), |ms| Millis(ms).to_string());
    let href = format!("/workloads/{}/replacements/{}", entry.workload_id, entry.id);
    let failed_class = if receipt.failed > 0 { "n bad-text" } else { "n" };
    view! {
        <tr data-key=entry.id.to_string()>
            {marks(&point, &entry.name, marked, many)}
            <td class="nowrap" data-k="When"><When at=entry.created_at/></td>
            <td data-k="Change"><div><a href=href>{entry.name.clone()}</a>{outcome(entry)}</div></td>
            <td data-k="By">{person(&entry.user)}</td>
            <td class="n" data-k="Requests">{number(receipt.served_by_old + receipt.served_by_new)}</td>
            <td class=failed_class data-k="Failed">{number(receipt.failed)}</td>
            <td class="n" data-k="Switch">{switch}</td>
            <td data-k="">{back(entry, workload)}</td>
        </tr>
    }
}

/// The way back to what the entry put in place, when that is not what is there now.
fn back(entry: &ReplacementRecord, workload: &WorkloadRecord) -> impl IntoView + use<> {
    let aside = format!(" to {}", entry.name);
    if !took_place(entry) || !is_over(entry) {
        return None;
    }
    if entry.artifact_id != workload.artifact_id {
        let href = replace_with(&workload.id, &entry.artifact_id);
        return Some(
            view! { <a class="btn tiny" href=href>"Replace back"<span class="aside">{aside}</span></a> },
        );
    }
    let settings = entry.kind == ReplacementKind::Settings && entry.runtime != workload.runtime;
    settings.then(|| {
        let href = settings::again(&workload.id, &entry.runtime);
        view! { <a class="btn tiny" href=href>"Settings back"<span class="aside">{aside}</span></a> }
    })
}

fn first_row(
    workload: &WorkloadRecord,
    point: &Point,
    ran: &Ran,
    from: bool,
    many: bool,
) -> impl IntoView + use<> {
    let name = format!("created with {}", ran.label);
    let other = ran.artifact_id != workload.artifact_id;
    let href = replace_with(&workload.id, &ran.artifact_id);
    view! {
        <tr data-key="created">
            {marks(point, &name, (from, false), many)}
            <td class="nowrap" data-k="When"><When at=workload.created_at/></td>
            <td data-k="Change">{name}</td>
            <td data-k="By">{person(&workload.creator)}</td>
            <td class="n rest"></td><td class="n rest"></td><td class="n rest"></td>
            <td data-k="">{other.then(|| view! { <a class="btn tiny" href=href>"Replace back"<span class="aside">" to what it was created with"</span></a> })}</td>
        </tr>
    }
}
