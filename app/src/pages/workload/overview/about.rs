//! The facts of a workload, and what of them is edited in place.

use handover::model::{Action, ArtifactStatus, WorkloadRecord};
use leptos::{either::Either, prelude::*, server_fn::ServerFn};

use super::edit::{value, word};
use crate::{
    actions::{AboutField, AboutForm, EditAbout},
    components::{
        chip::version_words,
        curl::{ApiCall, call},
        field::{Area, Choice, Field, importances},
        person::person,
        replicas::runtime_words,
        time::{Left, When},
    },
    refusal::Refusal,
};

/// What was typed and refused, and what was saved last, as the page was asked for.
#[derive(Debug, Clone, Default)]
pub struct Editing {
    pub kept: Option<(AboutForm, Refusal)>,
    pub saved: Option<String>,
}

#[component]
pub fn About(workload: WorkloadRecord, editing: Editing) -> impl IntoView {
    let refused = refused(&workload, Action::Edit);
    let may = refused.is_none();
    let edit = |field| {
        may.then(|| view! { <Edit workload=workload.clone() field editing=editing.clone()/> })
    };
    let description = match workload.description.as_str() {
        "" => Either::Left(view! { <span class="quiet">"none"</span> }),
        text => Either::Right(text.to_owned()),
    };
    let status = version_words(workload.artifact.status, workload.artifact.version);
    let draft =
        if workload.artifact.status == ArtifactStatus::Draft { "chip warn" } else { "chip" };
    let lifetime = match workload.expires_at {
        Some(at) => Either::Left(
            view! { "ends in "<Left until=at/>" ("<When at/>"), unless it is promoted" },
        ),
        None => Either::Right("indefinite"),
    };
    let last = match workload.last_response {
        Some(at) => Either::Left(view! { <When at/> }),
        None => Either::Right(view! { <span class="quiet">"never"</span> }),
    };
    view! {
        <section class="card about">
            <header><h2>"About"</h2></header>
            <dl class="facts">
                <dt>"Name"</dt><dd>{workload.name.clone()}{edit(AboutField::Name)}</dd>
                <dt>"Description"</dt><dd>{description}{edit(AboutField::Description)}</dd>
                <dt>"Importance"</dt><dd>{capital(workload.importance.word())}{edit(AboutField::Importance)}</dd>
                <dt>"Artifact"</dt>
                <dd><a href=format!("/artifacts/{}", workload.artifact_id)>{workload.artifact.name.clone()}</a>" "<span class=draft>{status}</span></dd>
                <dt>"Runtime"</dt><dd>{runtime_words(&workload.runtime)}</dd>
                <dt>"Lifetime"</dt><dd>{lifetime}</dd>
                <dt>"Last answer"</dt><dd>{last}</dd>
                <dt>"Owner"</dt><dd>{owners(&workload)}</dd>
                <dt>"Created"</dt><dd><When at=workload.created_at/>" by "{person(&workload.creator)}</dd>
                <dt>"Changed"</dt><dd><When at=workload.updated_at/></dd>
                <dt>"Workload ID"</dt>
                <dd><span class="mono">{workload.id.to_string()}</span>" "<button type="button" class="tiny needs-scripts" data-copy=workload.id.to_string()>"Copy"<span class="aside">" the workload ID"</span></button></dd>
            </dl>
            {refused.map(|reason| view! { <p class="pad quiet small">{format!("Name, description, importance and tags can't be edited by you: {reason}.")}</p> })}
        </section>
    }
}

/// Why an action may not be done; none when it may.
pub fn refused(workload: &WorkloadRecord, action: Action) -> Option<String> {
    let found = workload.allowed.iter().find(|one| one.action == action && !one.allowed)?;
    Some(found.reason.clone().unwrap_or_default())
}

/// Opens a form where the value stands.
#[component]
fn Edit(workload: WorkloadRecord, field: AboutField, editing: Editing) -> impl IntoView {
    let kept = editing.kept.filter(|(form, _)| form.field == field);
    let present = value(&workload, field);
    let (typed, refusal) = match kept {
        Some((form, refusal)) => (form.value().to_owned(), Some(refusal)),
        None => (present.clone(), None),
    };
    let word = word(field);
    let saved =
        editing.saved.filter(|saved| saved.starts_with(word)).unwrap_or_else(|| word.into());
    let wrong = || refusal.clone().unwrap_or_default();
    let control = match field {
        AboutField::Name => view! {
            <Field label="Name" name="about[name]" field="value" value=typed required=true refusal=wrong()/>
        }
        .into_any(),
        AboutField::Description => view! {
            <Area label="Description" name="about[description]" field="value" value=typed rows=3 refusal=wrong()/>
        }
        .into_any(),
        AboutField::Importance => view! {
            <Choice label="Importance" name="about[importance]" value=typed options=importances() hint="Who comes first when there is not enough for all."/>
        }
        .into_any(),
    };
    // A choice has no place for what is wrong with it.
    let above = (field == AboutField::Importance).then(|| {
        refusal.clone().map(|refusal| view! { <p class="wrong" role="alert">{refusal.message}</p> })
    });
    let body = serde_json::json!({ word: present });
    let api = call("PATCH", &format!("/workloads/{}/", workload.id), Some(&body));
    view! {
        <details class="edit" data-key=saved open=refusal.is_some()>
            <summary><Pencil/>"Edit"<span class="aside">{format!(" the {word}")}</span></summary>
            <form method="post" action=EditAbout::url() data-inline="" data-guard="" id=format!("edit-{word}")>
                <input type="hidden" name="id" value=workload.id.to_string()/>
                <input type="hidden" name="about[field]" value=word/>
                <input type="hidden" name="about[seen]" value=present/>
                {above}
                {control}
                <p class="hint">"Takes effect at once; nothing is restarted."</p>
                <div class="foot"><button type="submit" class="solid">"Save"<span class="aside">{format!(" the {word}")}</span></button><ApiCall text=api/></div>
            </form>
        </details>
    }
}

#[component]
fn Pencil() -> impl IntoView {
    view! {
        <svg width="13" height="13" viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round">
            <path d="M2.5 13.5l.7-3L11 2.7l2.3 2.3-7.8 7.8zM9.4 4.3l2.3 2.3"></path>
        </svg>
    }
}

fn owners(workload: &WorkloadRecord) -> String {
    if workload.owners.is_empty() {
        return person(&workload.creator);
    }
    workload.owners.iter().map(person).collect::<Vec<_>>().join(", ")
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
