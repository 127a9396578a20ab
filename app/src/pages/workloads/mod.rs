//! The list of workloads, what is done from it, and the form that makes one.

pub mod bar;
pub mod bulk;
pub mod callable;
pub mod clear;
pub mod done;
pub mod empty;
pub mod filter;
pub mod heads;
pub mod menu;
pub mod new;
pub mod pick;
pub mod row;
pub mod several;
pub mod spark;
pub mod tiles;
pub mod typed;

pub use bulk::BulkPage;
pub use clear::ClearPage;
pub use done::DonePage;
pub use filter::FilterPage;
pub use new::NewWorkload;

use handover::{
    access, live,
    model::WorkloadRecord,
    stats,
    workloads::{self, Counts, WithStats},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::layout::{Layout, Part};
use crate::{
    components::{
        curl::{ApiCall, call},
        pager::{Place, escaped},
    },
    context,
    listing::{SIZES, Wanted},
};
use bar::Bar;
use callable::{Callable, Called};
use empty::{Empty, NothingFits};
use heads::heads;
use row::row;
use tiles::Tiles;

/// The form whose checkboxes stand in the rows.
const BULK: &str = "bulk";

/// Every value that the address gives to a name.
fn values(name: &str) -> Vec<String> {
    use_query_map().read_untracked().get_all(name).unwrap_or_default()
}

#[component]
pub fn Workloads() -> impl IntoView {
    let (wanted, calls) = (Wanted::read(values), callable::paging());
    context::page(async move {
        let (house, caller) = context::door()?;
        let filter = wanted.filter();
        let page = live::list(&house, &caller, &filter, wanted.paging(), WithStats::Yes).await?;
        let place =
            Place { offset: wanted.offset, shown: page.items.len() as u64, total: page.total };
        let may_create = access::may_create(&caller).is_ok();
        let called = Called::read(&house, &caller, calls).await?;
        let body = if place.total == 0 && !wanted.narrows() {
            view! { <Empty may_create calls=!called.is_empty()/> }.into_any()
        } else {
            let overview = stats::glance(&house, &caller).await?;
            let counts = workloads::counts(&house, &caller, &filter).await?;
            let creator = filter::creator(&house, &caller, &wanted, &page.items).await?;
            view! {
                <Tiles overview/>
                <Table wanted rows=page.items place counts creator/>
            }
            .into_any()
        };
        Ok(view! {
            <Layout title="Workloads" part=Part::Workloads width="wide" live="/live/workloads?every=3">
                <div class="head">
                    <h1>"Workloads"</h1>
                    {may_create.then(|| view! {
                        <div class="actions"><a class="btn solid" href="/workloads/new">"New workload"</a></div>
                    })}
                </div>
                {body}
                <Callable called/>
            </Layout>
        })
    })
}

#[component]
fn Table(
    wanted: Wanted,
    rows: Vec<WorkloadRecord>,
    place: Place,
    counts: Counts,
    creator: String,
) -> impl IntoView {
    let example = call("GET", &format!("/workloads/{}", api_query(&wanted)), None);
    let table = if rows.is_empty() {
        view! { <NothingFits wanted=wanted.clone() total=place.total/> }.into_any()
    } else {
        view! {
            // Not in a box that scrolls: that would cut the menus off. Narrow screens show fewer columns.
            <table class="workloads">
                {heads(&wanted)}
                <tbody>{rows.iter().map(row).collect_view()}</tbody>
            </table>
            <BulkBar back=wanted.href()/>
            <div class="bar under">
                <span class="k">{place.words()}", "{wanted.order_words()}</span>
                <Sizes wanted=wanted.clone() total=place.total/>
                <ApiCall text=example/>
                <span class="actions">{pages(&wanted, place)}</span>
            </div>
        }
        .into_any()
    };
    view! {
        <section class="card list" aria-label="List of workloads">
            <Bar wanted counts creator/>
            {table}
        </section>
    }
}

/// The query of the API that finds the same, or as nearly as it can: it has no order by the last answer, and
/// finds any of several tags where the console wants each.
fn api_query(wanted: &Wanted) -> String {
    let mut query = String::from("?serviceStats=true");
    let mut add = |name: &str, value: &str| query.push_str(&format!("&{name}={}", escaped(value)));
    for (name, value) in wanted.pairs() {
        match (name, value.split_once('=')) {
            ("tag", Some((name, value))) => {
                add("tagKeys", name);
                add("tagValues", value);
            }
            ("tag", None) => add("tagKeys", &value),
            ("orderBy", _) if value.ends_with("lastResponse") => {}
            _ => add(name, &value),
        }
    }
    query
}

/// What can be done with the rows that are checked. Scripts show it when there are some; without, it is there.
#[component]
fn BulkBar(back: String) -> impl IntoView {
    let button = |action: &'static str, name: &'static str| {
        view! { <button type="submit" name="action" value=action>{name}</button> }
    };
    view! {
        <div class="bulk-bar" id="bulk-bar" data-selected=BULK hidden="">
            <form id=BULK method="get" action="/workloads/bulk" class="actions">
                <span class="strong"><b class="needs-scripts" data-selected-count=BULK>"0"</b>" chosen"</span>
                <input type="hidden" name="back" value=back/>
                {button("start", "Start")}
                {button("stop", "Stop")}
                {button("share", "Share")}
                {button("delete", "Delete")}
            </form>
        </div>
    }
}

/// Rows on a page, when there are more than the fewest.
#[component]
fn Sizes(wanted: Wanted, total: u64) -> impl IntoView {
    let link = |size: u64| {
        let href = Wanted { size, ..wanted.at(0) }.href();
        let current = (wanted.size == size).then_some("true");
        view! { <a href=href aria-current=current>{size}<span class="aside">" rows on a page"</span></a> }
    };
    (total > SIZES[0]).then(|| {
        view! { <nav class="seg small" aria-label="Rows on a page">{SIZES.map(link).into_iter().collect_view()}</nav> }
    })
}

fn pages(wanted: &Wanted, place: Place) -> impl IntoView + use<> {
    let before =
        (place.offset > 0).then(|| wanted.at(place.offset.saturating_sub(wanted.size)).href());
    let after = (place.offset + place.shown < place.total)
        .then(|| wanted.at(place.offset + wanted.size).href());
    view! {
        {before.map(|href| view! { <a class="btn" href=href rel="prev">"Previous"</a> })}
        {after.map(|href| view! { <a class="btn" href=href rel="next">"Next"</a> })}
    }
}

/// `v3 of checkout-api`, or `draft checkout-api`.
pub fn artifact_words(workload: &WorkloadRecord) -> String {
    match workload.artifact.version {
        Some(version) => format!("{} v{version}", workload.artifact.name),
        None => format!("{}, draft", workload.artifact.name),
    }
}
