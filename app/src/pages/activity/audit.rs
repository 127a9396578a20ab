//! Who changed what, when, and from where: the audit trail as far as it concerns one workload.

use handover::{
    audit, live,
    model::{AuditAction, AuditOutcome, AuditRecord, UserId, WorkloadId},
    store::{AuditFilter, Paging},
};
use leptos::prelude::*;

use super::{Between, Part, Parts, Pick, Range, changes::changes, words};
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

/// What can be done to what concerns a workload.
const KINDS: [&str; 5] = ["workload.", "artifact.", "sharing.", "tags.", "deployment."];

#[component]
pub fn AuditPage() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    let given = |name| query(name).unwrap_or_default();
    let (who, action, outcome) = (given("who"), given("action"), given("outcome"));
    let (between, offset) = (Between::of_address(), offset());
    context::page(async move {
        let (house, caller) = context::door()?;
        let live = live::workload(&house, &caller, &id?).await?;
        let id = live.workload.id.clone();
        let filter = AuditFilter {
            actors: who.parse::<UserId>().ok().into_iter().collect(),
            actions: action.parse::<AuditAction>().ok().into_iter().collect(),
            outcomes: outcome.parse::<AuditOutcome>().ok().into_iter().collect(),
            from: between.since(),
            to: between.until(),
            ..AuditFilter::default()
        };
        let paging = Paging { offset, limit: PER_PAGE };
        let page = audit::of_workload(&house, &caller, &id, &filter, paging).await?;
        let place = Place { offset, shown: page.items.len() as u64, total: page.total };
        let here = format!("/workloads/{id}/activity/audit");
        let chosen = format!(
            "who={}&action={}&outcome={}&{}",
            escaped(&who),
            escaped(&action),
            escaped(&outcome),
            between.query()
        );
        let pages = pager(place, |offset| format!("{here}?{chosen}&offset={offset}"));
        let chosen_one = [&who, &action, &outcome].iter().any(|text| !text.is_empty());
        let narrowed = chosen_one || between.narrows();
        let person = page.items.iter().find_map(|record| {
            let actor = record.entry.actor.as_ref()?;
            (actor.id.as_str() == who).then(|| actor.username.clone())
        });
        let by = (!who.is_empty()).then(|| person.unwrap_or_else(|| who.clone()));
        let export = export(&id, &filter);
        let rows = page.items.iter().map(|record| row(record, &here)).collect_view();
        let example = call("GET", &format!("/workloads/{id}/audit/"), None);
        let outcomes = [("", "Done and refused"), ("done", "Done"), ("refused", "Refused")];
        let outcomes = outcomes.map(|(word, text)| (word.to_owned(), text.to_owned())).into();
        Ok(view! {
            <Frame live tab=Tab::Activity>
                <Parts id=id.clone() here=Part::Audit/>
                <section class="card">
                    <header><h2>"Audit"</h2>
                        <span class="end actions"><a href=format!("{export}&format=csv")>"Export as CSV"</a><a href=format!("{export}&format=jsonl")>"as JSON lines"</a><ApiCall text=example/></span></header>
                    <form id="filter" class="bar filter" role="search" data-check action=here.clone()>
                        <Pick name="action" label="What was done" value=action options=actions()/>
                        <Pick name="outcome" label="Outcome" value=outcome options=outcomes/>
                        <Range between/>
                        {by.map(|by| view! {
                            <label class="chip"><input type="checkbox" name="who" value=who checked/>{format!("By {by}")}</label>
                        })}
                        <button type="submit">"Filter"</button>
                        {narrowed.then(|| view! { <a href=here.clone()>"Clear"</a> })}
                    </form>
                    {if place.total == 0 {
                        view! { <p class="pad quiet">{if narrowed { "No entry fits." } else { "Nothing was done to it yet." }}</p> }.into_any()
                    } else {
                        view! {
                            <div class="scroll"><table class="folds audit">
                                <thead><tr><th scope="col">"When"</th><th scope="col">"Who"</th><th scope="col">"What"</th><th scope="col">"From where"</th></tr></thead>
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

/// The same entries, all of them, from the API.
fn export(id: &WorkloadId, filter: &AuditFilter) -> String {
    let mut query = String::new();
    let mut add = |name: &str, value: &str| {
        query.push_str(&format!(
            "{}{name}={}",
            if query.is_empty() { "" } else { "&" },
            escaped(value)
        ));
    };
    filter.actors.iter().for_each(|actor| add("actorId", actor.as_str()));
    filter.actions.iter().for_each(|action| add("action", action.word()));
    filter.outcomes.iter().for_each(|outcome| add("outcome", outcome.word()));
    if let Some(from) = filter.from {
        add("startTime", &from.to_string());
    }
    if let Some(to) = filter.to {
        add("endTime", &to.to_string());
    }
    format!("/api/v2/workloads/{id}/audit/export?{query}").replace("?&", "?")
}

fn actions() -> Vec<(String, String)> {
    let concerns = |action: &&AuditAction| KINDS.iter().any(|kind| action.word().starts_with(kind));
    let mut all = vec![(String::new(), "Everything".to_owned())];
    all.extend(
        AuditAction::ALL
            .iter()
            .filter(concerns)
            .map(|action| (action.word().to_owned(), told(*action))),
    );
    all
}

/// `Workload: settings`
fn told(action: AuditAction) -> String {
    let word = action.word();
    let kind = word.split_once('.').map_or(word, |(kind, _)| kind);
    format!("{}: {}", words(kind), words(word).to_lowercase())
}

fn row(record: &AuditRecord, here: &str) -> impl IntoView + use<> {
    let entry = &record.entry;
    let who = match &entry.actor {
        Some(actor) => {
            let token = actor.token_name.clone().map(|name| format!("with the token {name}"));
            view! {
                <a href=format!("{here}?who={}", actor.id)>{actor.username.clone()}</a>
                {token.map(|token| view! { <div class="sub">{token}</div> })}
            }
            .into_any()
        }
        None if entry.source.channel == "system" => "by itself".into_any(),
        None => "nobody known".into_any(),
    };
    let refused = entry.outcome == AuditOutcome::Refused;
    let reason = entry.reason.clone();
    let differs = changes(entry.before.as_ref(), entry.after.as_ref());
    let count = differs.len();
    let lines = differs
        .into_iter()
        .map(|change| {
            view! {
                <dt class="mono">{change.path}</dt>
                <dd><span class="was">{change.before.unwrap_or_else(|| "—".into())}</span>" → "{change.after.unwrap_or_else(|| "—".into())}</dd>
            }
        })
        .collect_view();
    let source = &entry.source;
    let request = entry.request_id.clone();
    view! {
        <tr data-key=record.id.clone()>
            <td class="nowrap quiet" data-k="When"><Moment at=entry.timestamp/></td>
            <td data-k="Who"><div>{who}</div></td>
            <td data-k="What"><div>
                <span>{told(entry.action)}</span>
                {refused.then(|| view! { <span class="bad-text">", refused"</span> })}
                {reason.map(|reason| view! { <div class="sub anywhere">{reason}</div> })}
                {(count > 0).then(|| view! {
                    <details><summary>{if count == 1 { "1 field".to_owned() } else { format!("{count} fields") }}</summary><dl class="facts changes">{lines}</dl></details>
                })}
            </div></td>
            <td data-k="From where"><div>
                <span>{source.channel.clone()}</span>
                {source.ip.clone().map(|ip| view! { <span class="mono">{format!(" {ip}")}</span> })}
                {source.user_agent.clone().map(|agent| view! { <div class="sub anywhere">{agent}</div> })}
                {request.map(|id| view! { <div class="sub mono anywhere">{format!("request {id}")}</div> })}
            </div></td>
        </tr>
    }
}
