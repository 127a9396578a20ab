//! Any two moments of the history, side by side.

use handover::{
    model::{ReplacementRecord, WorkloadId, WorkloadRecord},
    replacement::{self, Ran},
    store::Paging,
    workloads,
};
use leptos::prelude::*;

use super::{Point, replace_with};
use crate::{
    components::{diff::Diff, spec::lines, zone::day_time},
    context,
    pages::{
        id,
        layout::{Crumbs, Layout, Part},
        query,
    },
};

/// Entries one can choose from.
const ENTRIES: u64 = 100;

#[component]
pub fn Compare() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    let point = |name| query(name).and_then(|word| Point::of(&word));
    let (from, to) = (point("from"), point("to"));
    context::page(async move {
        let (house, caller) = context::door()?;
        let workload = workloads::get(&house, &caller, &id?).await?;
        let id = workload.id.clone();
        let history = replacement::list(&house, &caller, &id, Paging::first(ENTRIES)).await?.items;
        let to = to.or_else(|| history.first().map(|entry| Point::after(&entry.id)));
        let from = from.or_else(|| earlier(&history, to.as_ref()));
        let mut sides = Vec::new();
        for point in [&from, &to] {
            sides.push(match point {
                Some(point) => point.ran(&house, &caller, &id).await?,
                None => None,
            });
        }
        let (new, old) = (sides.pop().flatten(), sides.pop().flatten());
        let now = house.now();
        let choose = |name: &'static str, label: &'static str, chosen: &Option<Point>| {
            let word = chosen.as_ref().map(Point::word).unwrap_or_default();
            let options = points(&history, now)
                .into_iter()
                .map(|(value, text)| {
                    let selected = value == word;
                    view! { <option value=value selected=selected>{text}</option> }
                })
                .collect_view();
            view! { <label class="field"><span class="label">{label}</span><select name=name>{options}</select></label> }
        };
        let choices = (choose("from", "From", &from), choose("to", "To", &to));
        Ok(view! {
            <Layout title=format!("Compare · {}", workload.name) part=Part::Workloads width="middle">
                <Crumbs links=vec![
                    ("/workloads".into(), "Workloads".into()),
                    (format!("/workloads/{id}"), workload.name.clone()),
                    (format!("/workloads/{id}/history"), "History".into()),
                ] here="Compare"/>
                <div class="head"><h1>"Compare two entries"</h1></div>
                <form id="compare" class="card form-card compare-choice" data-check action=format!("/workloads/{id}/history/compare")>
                    {choices}
                    <button type="submit">"Compare"</button>
                </form>
                <Sides workload old new/>
                <div class="foot"><a class="btn" href=format!("/workloads/{id}/history")>"Back"</a></div>
            </Layout>
        })
    })
}

/// What was before `point`: the entry before it, or what was before the oldest.
fn earlier(history: &[ReplacementRecord], point: Option<&Point>) -> Option<Point> {
    let at = history.iter().position(|entry| Some(&entry.id) == point.map(|point| &point.entry));
    let older = at.and_then(|at| history.get(at + 1)).map(|entry| Point::after(&entry.id));
    older.or_else(|| history.last().map(|entry| Point::before(&entry.id)))
}

/// Every entry, and what was before the oldest.
fn points(history: &[ReplacementRecord], now: handover::model::Timestamp) -> Vec<(String, String)> {
    let zone = context::zone();
    let text = |entry: &ReplacementRecord| {
        format!("{}, {}", entry.name, day_time(entry.created_at, now, &zone))
    };
    let mut all: Vec<_> =
        history.iter().map(|entry| (Point::after(&entry.id).word(), text(entry))).collect();
    if let Some(oldest) = history.last() {
        all.push((Point::before(&oldest.id).word(), format!("before {}", oldest.name)));
    }
    all
}

#[component]
fn Sides(workload: WorkloadRecord, old: Option<Ran>, new: Option<Ran>) -> impl IntoView {
    let (Some(old), Some(new)) = (old, new) else {
        return view! { <p class="banner warn">"Of one of the two it is not known any more what ran."</p> }.into_any();
    };
    let unsure = [&old, &new].iter().any(|side| !side.is_copy);
    let back = (old.artifact_id != workload.artifact_id)
        .then(|| (replace_with(&workload.id, &old.artifact_id), old.label.clone()));
    let (old_name, new_name) = names(&old, &new);
    view! {
        <section class="card">
            <header><h2>"What differs"</h2><span class="end">"Values of the environment are hidden; their fingerprints tell whether they differ."</span></header>
            {unsure.then(|| view! { <p class="pad quiet">"One of the two never ran by itself: it is shown with its artifact as that is stored now."</p> })}
            <Diff old_name old=lines(&old.spec, Some(&old.runtime)) new_name new=lines(&new.spec, Some(&new.runtime))/>
            {back.map(|(href, label)| view! { <div class="pad"><a class="btn" href=href>{format!("Replace back to {label}")}</a></div> })}
        </section>
    }
    .into_any()
}

/// The same label twice would name nothing.
fn names(old: &Ran, new: &Ran) -> (String, String) {
    if old.label == new.label {
        (format!("{}, from", old.label), format!("{}, to", new.label))
    } else {
        (old.label.clone(), new.label.clone())
    }
}
