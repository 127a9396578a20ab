//! One entry of the audit trail: all of it, with what changed.

use handover::audit;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{action, actor, changes::changes, entity, outcome};
use crate::{
    components::{
        curl::{ApiCall, call},
        time::Moment,
    },
    context,
    pages::layout::{Crumbs, Layout, Part},
};

#[component]
pub fn EntryPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    context::page(async move {
        let (house, caller) = context::door()?;
        let record = audit::get(&house, &caller, &id).await?;
        let entry = &record.entry;
        let (who, with) = actor(&record);
        let (tone, word) = outcome(entry.outcome);
        let names = audit::names(&house, &caller, std::slice::from_ref(&record)).await?;
        let title = format!("{} · {}", action(&record), entry.entity.kind.word().replace('_', " "));
        let neighbours = record.id.parse::<i64>().unwrap_or(1);
        let before = (neighbours > 1).then(|| view! { <a class="btn" href=format!("/audit/{}", neighbours - 1) rel="prev">"Entry before"</a> });
        let workloads = entry.workload_ids.iter().map(|id| {
            view! { <li><a href=format!("/workloads/{id}/activity") class="mono">{id.to_string()}</a></li> }
        });
        let workloads = workloads.collect_view();
        let concerns = (!entry.workload_ids.is_empty()).then(
            || view! { <dt>"Workloads"</dt><dd><ul class="plain-list">{workloads}</ul></dd> },
        );
        let api = entry.entity.id.as_ref().map_or_else(String::new, |id| format!("?entityId={id}"));
        let example = call("GET", &format!("/audit/{api}"), None);
        let request = entry.request_id.clone().map(|id| {
            view! { <dt>"Request ID"</dt><dd class="mono">{id.clone()}" "<button type="button" class="tiny needs-scripts" data-copy=id>"Copy"</button></dd> }
        });
        let at = entry.timestamp;
        let reason = entry.reason.clone();
        let from = entry.source.ip.clone().unwrap_or_else(|| "this server".into());
        let agent = entry.source.user_agent.as_ref().map(|agent| format!(", {agent}"));
        let by = format!("by {}{}", entry.source.channel, agent.unwrap_or_default());
        let changed = changes(entry.before.as_ref(), entry.after.as_ref());
        let (on, mark, number) = (entity(&record, &names), record.mark.clone(), record.id.clone());
        Ok(view! {
            <Layout title=format!("Audit {number}") part=Part::Audit>
                <Crumbs links=vec![("/audit".into(), "Audit".into())] here=format!("Entry {number}")/>
                <div class="head"><h1 class="sentence">{title}</h1><span class=tone>{word}</span>
                    <div class="actions">{before}</div>
                </div>
                {reason.map(|why| view! { <div class="banner bad"><p>{why}</p></div> })}
                <div class="cols">
                    <section class="card" id="changes">
                        <header><h2>"What changed"</h2><span class="small quiet">"Values that may be secret are replaced by a fingerprint."</span></header>
                        {changed}
                    </section>
                    <section class="card"><header><h2>"Facts"</h2></header><dl class="facts">
                        <dt>"When"</dt><dd><Moment at/><div class="small quiet mono">{at.to_string()}</div></dd>
                        <dt>"Who"</dt><dd>{who}<div class="small quiet">{with}</div></dd>
                        <dt>"On"</dt><dd>{on}</dd>
                        {concerns}
                        <dt>"From"</dt><dd>{from}<div class="small quiet anywhere">{by}</div></dd>
                        {request}
                        <dt>"Mark"</dt><dd class="mono small">{mark}</dd>
                    </dl></section>
                </div>
                <div class="foot"><a class="btn" href="/audit" data-close="">"Back"</a><ApiCall text=example/></div>
            </Layout>
        })
    })
}
