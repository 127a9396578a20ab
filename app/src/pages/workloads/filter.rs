//! The filters as a form: a page of its own, shown over the list when scripts are on. Only words that some
//! workload has are offered, each with how many have it.

use handover::{
    access::Caller,
    error::Error,
    house::House,
    model::{Importance, WorkloadRecord, WorkloadStatus},
    workloads::{self, Facets},
};
use leptos::prelude::*;

use super::{
    super::layout::{Crumbs, Layout, Part},
    values,
};
use crate::{components::chip::status_word, context, format::count, listing::Wanted};

/// What the one of `created_by` is called: as a row says it, else as the store does.
pub async fn creator(
    house: &House,
    caller: &Caller,
    wanted: &Wanted,
    rows: &[WorkloadRecord],
) -> Result<String, Error> {
    let Some(id) = &wanted.created_by else { return Ok(String::new()) };
    let by_row = rows.iter().find(|row| row.creator.id == *id);
    if let Some(name) = by_row.and_then(|row| row.creator.username.clone()) {
        return Ok(name);
    }
    Ok(workloads::creator_name(house, caller, id).await?.unwrap_or_else(|| id.to_string()))
}

#[component]
pub fn FilterPage() -> impl IntoView {
    let wanted = Wanted::read(values);
    context::page(async move {
        let (house, caller) = context::door()?;
        let facets = workloads::facets(&house, &caller).await?;
        let kept = wanted.at(0);
        let kept: Vec<_> = kept
            .pairs()
            .into_iter()
            .filter(|(name, _)| matches!(*name, "search" | "limit" | "artifactStatus"))
            .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
            .collect();
        Ok(view! {
            <Layout title="Filter workloads" part=Part::Workloads width="narrow">
                <Crumbs links=vec![("/workloads".into(), "Workloads".into())] here="Filter"/>
                <div class="head"><h1>"Filter workloads"</h1></div>
                <form method="get" action="/workloads">
                    {kept}
                    <div class="facets">
                        <Statuses wanted=wanted.clone() facets=facets.clone()/>
                        <Importances wanted=wanted.clone() facets=facets.clone()/>
                        <Creators wanted=wanted.clone() facets=facets.clone()/>
                        <Tags wanted=wanted.clone() facets/>
                    </div>
                    <Order wanted=wanted.clone()/>
                    <div class="foot">
                        <button type="submit" class="solid">"Show"</button>
                        <a class="btn" href=wanted.href() data-close="">"Back"</a>
                    </div>
                </form>
            </Layout>
        })
    })
}

/// A word that can be checked.
fn check(
    kind: &'static str,
    name: &'static str,
    value: String,
    words: String,
    number: u64,
    checked: bool,
) -> impl IntoView {
    view! {
        <label class="check"><input type=kind name=name value=value checked=checked/><span class="anywhere">{words}</span><span class="count">{count(number)}</span></label>
    }
}

#[component]
fn Statuses(wanted: Wanted, facets: Facets) -> impl IntoView {
    let all = WorkloadStatus::ALL.iter().filter_map(|status| {
        let number = facets.tally.iter().filter(|t| t.status == *status).map(|t| t.count).sum();
        let checked = wanted.status.contains(status);
        (number > 0 || checked).then(|| {
            let words = status_word(*status).to_owned();
            check("checkbox", "status", status.to_string(), words, number, checked)
        })
    });
    view! { <fieldset><legend>"Status"</legend>{all.collect_view()}</fieldset> }
}

#[component]
fn Importances(wanted: Wanted, facets: Facets) -> impl IntoView {
    let all = Importance::ALL.iter().rev().map(|level| {
        let number = facets.tally.iter().filter(|t| t.importance == *level).map(|t| t.count).sum();
        let checked = wanted.importance.contains(level);
        let words = level.to_string();
        check("checkbox", "importance", level.to_string(), words, number, checked)
    });
    view! { <fieldset class="words"><legend>"Importance"</legend>{all.collect_view()}</fieldset> }
}

#[component]
fn Creators(wanted: Wanted, facets: Facets) -> impl IntoView {
    let total = facets.creators.iter().map(|(_, count)| count).sum();
    let all = facets.creators.into_iter().map(|(person, number)| {
        let checked = wanted.created_by.as_ref() == Some(&person.id);
        let words = person.username.unwrap_or_else(|| person.id.to_string());
        check("radio", "createdBy", person.id.to_string(), words, number, checked)
    });
    view! {
        <fieldset>
            <legend>"Created by"</legend>
            {check("radio", "createdBy", String::new(), "Anybody".into(), total, wanted.created_by.is_none())}
            <div class="long">{all.collect_view()}</div>
        </fieldset>
    }
}

#[component]
fn Tags(wanted: Wanted, facets: Facets) -> impl IntoView {
    let known: Vec<String> =
        facets.tags.iter().map(|(name, value, _)| format!("{name}={value}")).collect();
    let others = wanted.tags.iter().filter(|tag| !known.contains(tag)).cloned().collect::<Vec<_>>();
    let none = facets.tags.is_empty() && others.is_empty();
    let others =
        others.into_iter().map(|tag| view! { <label class="check"><input type="checkbox" name="tag" value=tag.clone() checked=true/><span class="anywhere">{tag}</span></label> });
    let all = facets.tags.into_iter().zip(known).map(|((name, value, number), tag)| {
        let checked = wanted.tags.contains(&tag);
        let words = if value.is_empty() { name } else { format!("{name}: {value}") };
        check("checkbox", "tag", tag, words, number, checked)
    });
    view! {
        <fieldset>
            <legend>"Tags"</legend>
            {none.then(|| view! { <p class="hint">"No workload has a tag yet. Tags are added on a workload's page."</p> })}
            <div class="long">{others.collect_view()}{all.collect_view()}</div>
            {(!none).then(|| view! { <p class="hint">"With several checked, a workload must have each of them."</p> })}
        </fieldset>
    }
}

/// For screens that are too narrow for headings, and for those who would rather choose.
#[component]
fn Order(wanted: Wanted) -> impl IntoView {
    let options = Wanted::orders().into_iter().map(|(word, words, order)| {
        let selected = order == wanted.order;
        view! { <option value=word selected=selected>{words}</option> }
    });
    view! {
        <div class="field order">
            <label for="order">"Order"</label>
            <select id="order" name="orderBy">{options.collect_view()}</select>
        </div>
    }
}
