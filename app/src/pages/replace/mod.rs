//! Replacing what a workload runs: choose a version, see what changes and what will happen, roll it out.
//!
//! It is one form whose whole state is in the address: with scripts it is asked for again while a person
//! chooses and types, without them by its "Show" button, and a half-filled one can be sent to somebody. Only the
//! last button posts.

mod choose;
mod consequences;
mod plan;
mod typed;

use handover::{
    model::{Action, ArtifactId, RepositoryId, WorkloadId, WorkloadRecord},
    replacement, workloads,
};
use leptos::prelude::*;

pub use typed::begin;

use super::{
    id,
    layout::{Crumbs, Layout, Part},
    query,
};
use crate::{actions::ReplaceForm, components::notice::Refused, context, refusal::Refusal};

#[component]
pub fn Replace() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    let repository = query("repository").and_then(|text| text.parse::<RepositoryId>().ok());
    let search = query("search").unwrap_or_default();
    let asked = typed::from_address();
    context::page(async move {
        let (house, caller) = context::door()?;
        let id = id?;
        let workload = workloads::get(&house, &caller, &id).await?;
        let kept = context::take_kept::<ReplaceForm>("replace").await;
        let (form, refusal) = match kept {
            Some((form, refusal)) => (form, Some(refusal)),
            None => (asked, None),
        };
        let named = match form.artifact.parse::<ArtifactId>() {
            Ok(artifact) => replacement::candidate(&house, &caller, &id, &artifact).await.ok(),
            Err(_) => None,
        };
        let unseen = named.is_none() && !form.artifact.is_empty();
        let versions =
            choose::versions(&house, &caller, &workload, repository, named, search).await?;
        let chosen = versions.chosen.clone();
        let plan = match chosen {
            Some(chosen) => {
                Some(plan::plan(&house, &caller, &workload, chosen, form, refusal.clone()).await?)
            }
            None => None,
        };
        let name = workload.name.clone();
        Ok(view! {
            <Layout title=format!("Replace · {name}") part=Part::Workloads width="middle">
                <Crumbs links=vec![
                    ("/workloads".into(), "Workloads".into()),
                    (format!("/workloads/{id}"), name.clone()),
                ] here="Replace"/>
                <div class="head"><h1>{format!("Replace what {name} runs")}</h1></div>
                <Blocked workload/>
                {unseen.then(|| view! { <div class="banner warn"><p>"The version in this address is gone, or is not shared with you. Choose one below."</p></div> })}
                <Refused refusal/>
                <form action=format!("/workloads/{id}/replace") data-check="" id="replace">
                    {choose::card(versions)}
                    {plan.map(plan::cards)}
                </form>
            </Layout>
        })
    })
}

/// Why nothing can be replaced now, before a person has filled in a form for nothing.
#[component]
fn Blocked(workload: WorkloadRecord) -> impl IntoView {
    blocked(&workload).map(|reason| {
        view! {
            <div class="banner warn"><p>"Not now: "{reason}". "
                <a href=format!("/workloads/{}", workload.id)>"See how it is"</a></p></div>
        }
    })
}

fn blocked(workload: &WorkloadRecord) -> Option<String> {
    let replace = workload.allowed.iter().find(|allowed| allowed.action == Action::Replace)?;
    (!replace.allowed).then(|| replace.reason.clone().unwrap_or_default())
}

/// What is wrong with one field.
fn fault(refusal: Option<&Refusal>, field: &str) -> Option<String> {
    let fault = refusal?.fields.iter().find(|fault| fault.field == field)?;
    Some(fault.message.clone())
}
