//! The editor as a page.

use handover::{
    access::Caller,
    artifacts, credentials,
    error::Error,
    house::House,
    model::{ArtifactId, CredentialKind, RepositoryId, RepositoryRecord, WorkloadRecord},
    repositories,
    store::{Paging, WorkloadFilter},
    workloads::{self, WithStats},
};
use leptos::prelude::*;
use serde_json::json;

use super::{
    conflict::{Conflict, Last, mine},
    controls::Faults,
    draft::{Draft, Edition},
    form::{self, Offers},
    locate::line_of,
    save::{Found, Outcome, create, edit},
    sides::{Out, Stepped},
    typed::Sent,
};
use crate::{
    components::{
        curl::{ApiCall, call},
        field::{Area, Field},
        format::plural,
        person::person,
    },
    context::{self, Posted},
    pages::{
        artifacts::code::environments,
        id,
        layout::{Crumbs, Layout, Part},
        query,
    },
    refusal::{Fault, Refusal},
};

/// Credentials offered for choosing.
const OFFERED: u64 = 200;

#[component]
pub fn EditPage() -> impl IntoView {
    let id = id::<ArtifactId>("id", "artifact");
    let posted = context::posted();
    context::page(async move {
        let (house, caller) = context::door()?;
        let artifact = artifacts::get(&house, &caller, &id?).await?;
        let base = format!("/artifacts/{}", artifact.id);
        let name = artifact.name.clone();
        let draft = match &posted {
            Some(Posted(pairs)) => Draft::read(&Sent::new(pairs)),
            None => Draft::open(&artifact),
        };
        let stepped = draft.step();
        let outcome = match (&posted, artifact.version) {
            (Some(_), None) => edit(&house, &caller, &artifact, &draft, &stepped).await?,
            _ => Outcome::Open(Found::default()),
        };
        let found = match outcome {
            Outcome::Saved(_) => {
                context::say("Saved. What runs is not touched.").await;
                context::go(&base);
                return Ok(().into_any());
            }
            Outcome::Open(found) => found,
        };
        let offers = offers(&house, &caller, Some(&artifact.id)).await?;
        let users = users(&house, &caller, &artifact.id).await?;
        let last = match &found.theirs {
            Some(_) => last(&house, &caller, &artifact.id).await?,
            None => None,
        };
        let crumbs = vec![("/artifacts".into(), "Artifacts".into()), (base.clone(), name.clone())];
        let path = format!("{base}/edit");
        let conflict = found.theirs.clone().map(|theirs| {
            let mine = mine(&draft.name, &draft.description, &stepped);
            view! { <Conflict theirs mine last id=artifact.id.to_string()/> }
        });
        let body = json!({ "name": draft.name, "description": draft.description, "spec": stepped.sides.base });
        let example = call("PATCH", &format!("/artifacts/{}/", artifact.id), Some(&body));
        let locked = artifact.version.map(|version| view! {
            <div class="banner warn"><p>{format!("It is locked as v{version} and never changes. What is typed here can't be saved. ")}<a href=format!("{base}/clone") data-dialog="">"Clone it into a new draft"</a>" instead."</p></div>
        });
        Ok(view! {
            <Layout title=format!("Edit · {name}") part=Part::Artifacts width="wide">
                <Crumbs links=crumbs here="Edit"/>
                <div class="head"><h1>{format!("Edit {name}")}</h1></div>
                {locked}
                {running(&users)}
                <Editor path back=base draft stepped found offers checked=posted.is_some() example save="Save">{conflict}</Editor>
            </Layout>
        }
        .into_any())
    })
}

/// What a save does, and does not do, to what runs from this draft.
fn running(users: &[WorkloadRecord]) -> impl IntoView + use<> {
    let links = users
        .iter()
        .map(|user| view! { <li><a href=format!("/workloads/{}", user.id)>{user.name.clone()}</a>", "<a href=format!("/workloads/{}/replace?artifact={}", user.id, user.artifact_id)>"roll the draft out there"</a></li> })
        .collect_view();
    (!users.is_empty()).then(|| view! {
        <div class="banner">
            <p>"This draft is run by a workload. Saving does not touch what runs: it keeps what it was started with. The change comes into effect when the draft is rolled out there, or when the workload is stopped and started again."</p>
            <ul>{links}</ul>
        </div>
    })
}

#[component]
pub fn NewPage() -> impl IntoView {
    let wanted = query("repository").and_then(|text| text.parse::<RepositoryId>().ok());
    let posted = context::posted();
    context::page(async move {
        let (house, caller) = context::door()?;
        let draft = match &posted {
            Some(Posted(pairs)) => Draft::read(&Sent::new(pairs)),
            None => {
                let repository = into(&house, &caller, wanted.as_ref()).await?;
                Draft::new(wanted, repository.map(|one| one.name).unwrap_or_default())
            }
        };
        let repository = into(&house, &caller, draft.repository.as_ref()).await?;
        let stepped = draft.step();
        let outcome = match &posted {
            Some(_) => create(&house, &caller, &draft, &stepped).await?,
            None => Outcome::Open(Found::default()),
        };
        let found = match outcome {
            Outcome::Saved(id) => {
                context::say("Created as a draft.").await;
                context::go(&format!("/artifacts/{id}"));
                return Ok(().into_any());
            }
            Outcome::Open(found) => found,
        };
        let offers = offers(&house, &caller, None).await?;
        let mut body = json!({ "name": draft.name, "description": draft.description, "type": "service", "spec": stepped.sides.base });
        if let Some(repository) = &draft.repository {
            body["artifactRepositoryId"] = json!(repository);
        }
        let example = call("POST", "/artifacts/", Some(&body));
        let (title, back, note) = match &repository {
            Some(one) => (
                format!("New draft of {}", one.name),
                format!("/repositories/{}", one.id),
                "It is edited as a draft. Locked, it becomes the next version of its repository.",
            ),
            None => (
                "Add service artifact".to_owned(),
                "/artifacts".to_owned(),
                "It begins as a draft in a repository of its own. Locked, it becomes v1. The form, the JSON and the API call below say the same.",
            ),
        };
        Ok(view! {
            <Layout title=title.clone() part=Part::Artifacts width="wide">
                <Crumbs links=vec![("/artifacts".into(), "Artifacts".into())] here="New"/>
                <div class="head"><h1>{title}</h1></div>
                <p class="quiet">{note}</p>
                <Editor path="/artifacts/new".to_owned() back draft stepped found offers checked=posted.is_some() example save="Create the draft">{None::<()>}</Editor>
            </Layout>
        }
        .into_any())
    })
}

async fn into(
    house: &House,
    caller: &Caller,
    repository: Option<&RepositoryId>,
) -> Result<Option<RepositoryRecord>, Error> {
    match repository {
        Some(id) => Ok(Some(repositories::get(house, caller, id).await?)),
        None => Ok(None),
    }
}

async fn users(
    house: &House,
    caller: &Caller,
    id: &ArtifactId,
) -> Result<Vec<WorkloadRecord>, Error> {
    let filter = WorkloadFilter { artifact_id: Some(id.clone()), ..WorkloadFilter::default() };
    let page = workloads::list(house, caller, &filter, Paging::first(20), WithStats::No).await?;
    Ok(page.items)
}

async fn last(house: &House, caller: &Caller, id: &ArtifactId) -> Result<Option<Last>, Error> {
    let change = artifacts::last_change(house, caller, id).await?;
    Ok(change.and_then(|change| {
        let by = change.by?;
        let who =
            if by.id == *caller.id() { "You, in another window,".into() } else { person(&by) };
        Some(Last { who, at: change.at })
    }))
}

async fn offers(
    house: &House,
    caller: &Caller,
    artifact: Option<&ArtifactId>,
) -> Result<Offers, Error> {
    let found = credentials::list(house, caller, Vec::new(), Paging::first(OFFERED)).await?.items;
    let credentials = found
        .iter()
        .filter(|one| one.credential_type != CredentialKind::Registry)
        .flat_map(|one| {
            one.credential_type.fields().iter().map(move |key| {
                let value = format!("{} {}", one.credential_id, key.name);
                (value, format!("{}: {}", one.name, key.name))
            })
        })
        .collect();
    Ok(Offers { credentials, environments: environments(house), artifact: artifact.cloned() })
}

#[component]
fn Editor(
    /// Where the form goes; its own page.
    path: String,
    back: String,
    draft: Draft,
    stepped: Stepped,
    found: Found,
    offers: Offers,
    /// Whether what is typed has been looked at; a page that was just opened accuses nobody.
    checked: bool,
    example: String,
    save: &'static str,
    /// What has to be said before anything else.
    children: Children,
) -> impl IntoView {
    let mut faults = found.faults;
    for fault in &stepped.faults {
        if !faults.contains(fault) {
            faults.push(fault.clone());
        }
    }
    if !checked {
        faults.clear();
    }
    let of_artifact = Refusal { message: String::new(), fields: faults.clone() };
    let sides = &stepped.sides;
    let several = sides.typed.containers.len() > 1;
    let all = Faults(faults.clone());
    let cards = sides
        .typed
        .containers
        .iter()
        .enumerate()
        .map(|(index, one)| {
            let serves = !several || sides.typed.primary == Some(index);
            form::container(index, one, several, serves, &all, &offers)
        })
        .collect_view();
    let none = sides.typed.containers.is_empty();
    let text = |edition: &Option<Edition>| edition.as_ref().map(Edition::text).unwrap_or_default();
    let (opened, seen) = (text(&draft.opened), text(&found.theirs));
    let base = sides.base.to_string();
    let repository = draft.repository.as_ref().map(ToString::to_string).unwrap_or_default();
    let groups = all.at("containerGroups");
    view! {
        <form method="post" action=path.clone() data-check=path data-inline="" data-guard="" class="editor" id="editor">
            // Enter in a line checks; it does not save.
            <button type="submit" name="do" value="check" hidden=true></button>
            <input type="hidden" name="opened" value=opened/>
            <input type="hidden" name="seen" value=seen/>
            <input type="hidden" name="base" value=base/>
            <input type="hidden" name="repository" value=repository/>
            {children()}
            {found.refusal.map(|why| view! { <div class="banner bad" role="alert" data-key="refused"><p>{why}</p></div> })}
            {state(&stepped, &faults, checked)}
            <div class="sides">
                <div class="stack" id="form-side">
                    <section class="card form-card">
                        <Field label="Name of the artifact" name="name" value=draft.name required=true refusal=of_artifact.clone()/>
                        <Area label="Description of the artifact" name="description" value=draft.description rows=2 refusal=of_artifact/>
                    </section>
                    {none.then(|| view! { <p class="card form-card quiet">"The JSON has no container that a form could show."</p> })}
                    {groups.map(|wrong| view! { <p class="wrong">{wrong}</p> })}
                    {cards}
                    <div class="actions">
                        <button type="submit" name="do" value="add">"Add a container"</button>
                        <span class="hint">"CPU, memory and replicas belong to the workload that runs it, and are set there."</span>
                    </div>
                </div>
                <JsonSide stepped=stepped.clone() faults/>
            </div>
            <div class="foot sticky">
                <button type="submit" name="do" value="save" class="solid">{save}</button>
                <a class="btn" href=back>"Back"</a>
                <ApiCall text=example/>
            </div>
        </form>
    }
}

/// Whether it could be saved as it is.
fn state(stepped: &Stepped, faults: &[Fault], checked: bool) -> AnyView {
    match &stepped.out {
        Some(Out::Both) => view! {
            <div class="banner warn" role="alert" data-key="conflict">
                <p>"The form and the JSON were both changed, in different ways, so neither was carried over to the other. Nothing is lost. Which one do you want to go on with?"</p>
                <p class="actions">
                    <button type="submit" name="do" value="form">"The form: write the JSON anew"</button>
                    <button type="submit" name="do" value="json">"The JSON: fill the form anew"</button>
                </p>
            </div>
        }
        .into_any(),
        Some(Out::NoJson { line, column, .. }) => view! {
            <div class="banner warn" role="status"><p>{format!("The JSON can't be read, from {} on. The form waits until it can.", place(*line, *column))}</p></div>
        }
        .into_any(),
        None if !faults.is_empty() => view! {
            <div class="banner warn" role="status"><p>{format!("{} another look before it can be saved.", needs(faults.len()))}</p></div>
        }
        .into_any(),
        None if checked => view! { <p class="live-line" role="status"><span class="dot" aria-hidden="true"></span>"Nothing is wrong with it. It is not saved yet."</p> }.into_any(),
        None => view! { <p class="live-line" role="status">"What is typed is checked while you type, and stored only when you save."</p> }.into_any(),
    }
}

/// A line that ended too early has no column.
fn place(line: usize, column: usize) -> String {
    if column == 0 { format!("line {line}") } else { format!("line {line}, column {column}") }
}

fn needs(count: usize) -> String {
    if count == 1 {
        "One thing needs".into()
    } else {
        format!("{} need", plural(count as u64, "thing"))
    }
}

/// The JSON with everything that is wrong, by line.
#[component]
fn JsonSide(stepped: Stepped, faults: Vec<Fault>) -> impl IntoView {
    let json = stepped.sides.json.clone();
    let rows = json.lines().count().clamp(16, 60);
    let broken = match &stepped.out {
        Some(Out::NoJson { line, column, why }) => {
            Some(format!("From {} on: {why}.", place(*line, *column)))
        }
        _ => None,
    };
    let about_spec =
        faults.iter().filter(|fault| !matches!(fault.field.as_str(), "name" | "description"));
    let items: Vec<_> = about_spec
        .map(|fault| {
            let line = line_of(&json, &fault.field);
            let place = if fault.field.is_empty() { "all of it".to_owned() } else { fault.field.clone() };
            view! { <li><b>{format!("Line {line}")}</b>" "<span class="mono anywhere">{place}</span>": "{fault.message.clone()}</li> }
        })
        .collect();
    let wrong = broken.is_some() || !items.is_empty();
    view! {
        <section class="card json-side" id="json-side">
            <header><h2><label for="json">"As JSON"</label></h2>
                <span class="end actions">
                    <button type="submit" name="do" value="check" class="tiny">"Show as JSON"</button>
                    <button type="submit" name="do" value="check" class="tiny">"Show as form"</button>
                </span>
            </header>
            <div class="pad">
                <textarea id="json" name="json" rows=rows spellcheck="false" autocomplete="off" aria-invalid=wrong.then_some("true")
                    aria-describedby="json-hint json-wrong">{json}</textarea>
                <p class="hint" id="json-hint">"The whole specification. What you change on one side appears on the other; fields that the form does not know stay."</p>
                <div id="json-wrong">
                    {broken.map(|why| view! { <p class="wrong">{why}</p> })}
                    {(!items.is_empty()).then(|| view! { <ul class="wrong-list">{items}</ul> })}
                </div>
            </div>
        </section>
    }
}
