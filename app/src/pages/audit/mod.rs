//! The audit trail, for administrators: who did what, from where, and how it ended.

mod changes;
pub mod entry;
mod filter;

pub use entry::EntryPage;

use std::collections::HashMap;

use handover::{
    access::administrator,
    audit,
    model::{AuditAction, AuditOutcome, AuditRecord, AuditedEntity, AuditedKind, Page, Permission},
    store::Paging,
};
use leptos::prelude::*;

use super::{
    layout::{Layout, Part},
    offset,
};
use crate::{
    components::{
        curl::{ApiCall, Code, call},
        pager::{PER_PAGE, Place, pager},
        time::Moment,
    },
    context,
};
use filter::Wanted;

#[component]
pub fn Audit() -> impl IntoView {
    let wanted = Wanted::of_address();
    let offset = offset();
    context::page(async move {
        let (house, caller) = context::door()?;
        administrator(&caller, Permission::View)?;
        let (actor, unknown) = match wanted.actor(&house, &caller).await? {
            None => (None, None),
            Some(Ok(id)) => (Some(id), None),
            Some(Err(why)) => (None, Some(why)),
        };
        let page = match unknown {
            Some(_) => Page { items: Vec::new(), total: 0 },
            None => {
                let paging = Paging { offset, limit: PER_PAGE };
                audit::list(&house, &caller, &wanted.filter(actor.clone()), paging).await?
            }
        };
        let place = Place { offset, shown: page.items.len() as u64, total: page.total };
        let pages = pager(place, |offset| format!("/audit?{}", wanted.query(offset)));
        let newest = page.items.first().filter(|_| offset == 0 && !wanted.narrows());
        let newest = newest.map(|record| format!("{}:{}", record.id, record.mark));
        let names = audit::names(&house, &caller, &page.items).await?;
        let rows = page.items.iter().map(|record| row(record, &names)).collect_view();
        let query = wanted.api_query(actor.as_ref());
        let export = |format: &str| {
            let and = if query.is_empty() { "" } else { "&" };
            format!("/api/v2/audit/export/?{query}{and}format={format}")
        };
        let (lines, csv) = (export("jsonl"), export("csv"));
        let example = call("GET", &format!("/audit/?{query}"), None);
        let nothing = unknown.or((place.shown == 0).then(|| "No entry fits.".to_owned()));
        Ok(view! {
            <Layout title="Audit" part=Part::Audit>
                <div class="head"><h1>"Audit"</h1>
                    <div class="actions">
                        <a class="btn" href=lines download="audit.jsonl">"Export JSON lines"</a>
                        <a class="btn" href=csv download="audit.csv">"Export CSV"</a>
                    </div>
                </div>
                <section class="card" id="audit" aria-label="Entries">
                    <div class="bar">{filter::form(&wanted)}</div>
                    {nothing.map(|text| view! { <p class="pad quiet">{text}</p> })}
                    <div class="scroll"><table class="folds">
                        <thead><tr><th scope="col">"When"</th><th scope="col">"Who"</th><th scope="col">"Action"</th><th scope="col">"On"</th><th scope="col">"Outcome"</th><th scope="col">"From"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table></div>
                    <div class="bar under"><span class="k">{place.words()}</span><span class="end actions">{pages}</span></div>
                </section>
                <Verify newest/>
                <div class="foot"><ApiCall text=example/></div>
            </Layout>
        })
    })
}

fn row(record: &AuditRecord, names: &HashMap<String, String>) -> impl IntoView + use<> {
    let entry = &record.entry;
    let (who, with) = actor(record);
    let (tone, word) = outcome(entry.outcome);
    view! {
        <tr data-key=record.id.clone()>
            <td class="lead nowrap"><a class="row-link" href=format!("/audit/{}", record.id)><Moment at=entry.timestamp/></a><div class="sub">{format!("entry {}", record.id)}</div></td>
            <td data-k="Who"><div>{who}<div class="sub">{with}</div></div></td>
            <td class="nowrap" data-k="Action">{action(record)}</td>
            <td data-k="On"><div>{entity(record, names)}</div></td>
            <td data-k="Outcome"><div><span class=tone>{word}</span><div class="sub anywhere">{entry.reason.clone()}</div></div></td>
            <td class="nowrap" data-k="From"><div>{entry.source.ip.clone().unwrap_or_default()}<div class="sub">{entry.source.channel.clone()}</div></div></td>
        </tr>
    }
}

/// Who did it, and with what.
fn actor(record: &AuditRecord) -> (String, String) {
    let entry = &record.entry;
    match &entry.actor {
        Some(actor) => {
            let with = actor.token_name.as_ref().map(|name| format!("with the token {name}"));
            (actor.username.clone(), with.unwrap_or_default())
        }
        None if entry.source.channel == "system" => ("Handover".into(), "by itself".into()),
        None => ("nobody we know".into(), String::new()),
    }
}

fn outcome(outcome: AuditOutcome) -> (&'static str, &'static str) {
    match outcome {
        AuditOutcome::Done => ("chip go", "done"),
        AuditOutcome::Refused => ("chip bad", "refused"),
    }
}

/// `workload.clear_stats` on a workload reads as `clear stats`, and `sharing.change` as `change sharing`.
fn action(record: &AuditRecord) -> String {
    let (word, kind) = (record.entry.action.word(), record.entry.entity.kind.word());
    let (about, verb) = word.split_once('.').unwrap_or(("", word));
    let verb = match steered(record) {
        Some(deed) => format!("steer: {deed}"),
        None => verb.replace('_', " "),
    };
    if about == kind || about == "session" { verb } else { format!("{verb} {about}") }
}

/// Which way a replacement was steered.
fn steered(record: &AuditRecord) -> Option<String> {
    let entry = &record.entry;
    let deed = (entry.action == AuditAction::WorkloadSteer).then_some(entry.after.as_ref()?)?;
    Some(deed.get("action")?.as_str()?.to_owned())
}

/// What it was done to: its name as the entry wrote it down, and a link where there is a page.
fn entity(record: &AuditRecord, names: &HashMap<String, String>) -> AnyView {
    let entry = &record.entry;
    let kind = entry.entity.kind.word().replace('_', " ");
    let id = entry.entity.id.clone();
    let name = name(record).or_else(|| names.get(id.as_ref()?).cloned()).or(id);
    match (address(&entry.entity), name) {
        (Some(href), Some(name)) => {
            view! { <a href=href class="anywhere">{name}</a><div class="sub">{kind}</div> }.into_any()
        }
        (_, name) => {
            view! { <span class="anywhere">{name.unwrap_or_else(|| "new".into())}</span><div class="sub">{kind}</div> }.into_any()
        }
    }
}

fn name(record: &AuditRecord) -> Option<String> {
    let sides = [&record.entry.after, &record.entry.before];
    let mut named = sides.into_iter().flatten().filter_map(|side| {
        let name = side.get("name").or_else(|| side.get("username"))?;
        Some(name.as_str()?.to_owned())
    });
    named.next()
}

fn address(entity: &AuditedEntity) -> Option<String> {
    let id = entity.id.as_ref()?;
    Some(match entity.kind {
        AuditedKind::Workload => format!("/workloads/{id}"),
        AuditedKind::Artifact => format!("/artifacts/{id}"),
        AuditedKind::Repository => format!("/repositories/{id}"),
        AuditedKind::Deployment => format!("/deployments/{id}"),
        AuditedKind::User => format!("/team/users/{id}"),
        AuditedKind::Group => format!("/team/groups/{id}"),
        AuditedKind::Credential => format!("/credentials/{id}"),
        AuditedKind::Token | AuditedKind::Files => return None,
    })
}

/// How somebody else can find out whether the trail is whole.
#[component]
fn Verify(newest: Option<String>) -> impl IntoView {
    let command = match &newest {
        Some(newest) => format!("handover audit verify --expect {newest}"),
        None => "handover audit verify".to_owned(),
    };
    let remember = newest.map(|_| {
        view! { <p class="small">"The number and the mark in it are those of the newest entry. Kept elsewhere, they find out later whether even somebody with the key wrote the past anew."</p> }
    });
    view! {
        <section class="card" id="verify">
            <header><h2>"Is it whole?"</h2></header>
            <div class="pad">
                <p>"Every entry carries a mark about itself and all before it, made with a key that is not in the database. On the machine this console runs on, this finds what was changed, removed, added or put in another order:"</p>
                <Code text=command what="the command"/>
                {remember}
            </div>
        </section>
    }
}
