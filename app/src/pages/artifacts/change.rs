//! What can be done with a version, and the pages that ask before something lasting is done: clone, lock,
//! delete. Each names the effects first.

use handover::{
    artifacts,
    model::{ArtifactId, ArtifactRecord, ArtifactStatus, Permission, RepositoryId, WorkloadRecord},
    repositories,
    store::{ArtifactFilter, Paging, WorkloadFilter},
    workloads::{self, WithStats},
};
use leptos::{prelude::*, server_fn::ServerFn};
use serde_json::json;

use super::{may, short_name};
use crate::{
    actions::{CloneArtifact, DeleteArtifact, DeleteRepository, LockArtifact},
    components::{
        curl::{ApiCall, call},
        field::Field,
        format::plural,
        header::Item,
    },
    context,
    pages::{
        id,
        layout::{Crumbs, Layout, Part},
    },
};

/// Workloads that are named before something is done to what they run.
const NAMED: u64 = 20;

/// What changes an artifact for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Edit,
    Tag,
    Lock,
    Delete,
}

/// Why it can't be done now, as far as the artifact itself tells.
pub fn refusal(artifact: &ArtifactRecord, change: Change) -> Option<String> {
    let needed = if change == Change::Delete { Permission::Delete } else { Permission::Update };
    match (change, artifact.version) {
        (Change::Edit, Some(version)) => {
            Some(format!("it is locked as v{version} and never changes; clone it into a draft"))
        }
        (Change::Lock, Some(version)) => Some(format!("it is locked as v{version} already")),
        (Change::Delete, Some(version)) => Some(format!(
            "it is locked as v{version}; a locked version goes only with its whole repository"
        )),
        _ => (!may(&artifact.permissions, needed)).then(|| NOT_YOURS.to_owned()),
    }
}

/// The menu of a row or a page. What the person may not do leads to the page that says why.
#[component]
pub fn Menu(artifact: ArtifactRecord) -> impl IntoView {
    let base = format!("/artifacts/{}", artifact.id);
    let draft = artifact.status == ArtifactStatus::Draft;
    let label = format!("Actions for {}", short_name(&artifact));
    let item = |path: &str, name: &'static str, change: Change, dialog: bool| {
        let why = refusal(&artifact, change);
        view! { <Item href=format!("{base}{path}") name why dialog/> }
    };
    let compare =
        format!("/repositories/{}/compare?pick={}", artifact.artifact_repository_id, artifact.id);
    view! {
        <details class="menu">
            <summary class="btn" aria-label=label>"⋮"</summary>
            <div class="menu-items">
                <a href=base.clone()>"Open"</a>
                {draft.then(|| item("/edit", "Edit", Change::Edit, false))}
                <a href=format!("{base}/clone") data-dialog="">"Clone"</a>
                {draft.then(|| item("/lock", "Lock", Change::Lock, true))}
                <a href=compare>"Compare"</a>
                <a href=format!("{base}/share") data-dialog="">"Share"</a>
                <a href=format!("{base}#tags")>"Tags"</a>
                {draft.then(|| item("/delete", "Delete draft", Change::Delete, true))}
            </div>
        </details>
    }
}

/// The frame of a question about an artifact.
#[component]
fn Ask(artifact: ArtifactRecord, title: &'static str, children: Children) -> impl IntoView {
    let name = artifact.name.clone();
    view! {
        <Layout title=format!("{title} · {name}") part=Part::Artifacts width="narrow">
            <Crumbs links=vec![
                ("/artifacts".into(), "Artifacts".into()),
                (format!("/artifacts/{}", artifact.id), name.clone()),
            ] here=title/>
            <div class="head"><h1>{format!("{title} {name}")}</h1></div>
            {children()}
        </Layout>
    }
}

/// The button, the way out, and the call that does the same.
#[component]
fn Answer(
    back: String,
    refusal: Option<String>,
    #[prop(into)] button: String,
    #[prop(optional)] class: &'static str,
    example: String,
) -> impl IntoView {
    let ok = refusal.is_none();
    view! {
        {refusal.map(|why| view! { <div class="banner warn gap"><p>"Not now: "{why}"."</p></div> })}
        <div class="foot">
            {ok.then(|| view! { <button type="submit" class=format!("solid {class}")>{button}</button> })}
            <a class="btn" href=back data-close="">"Back"</a>
            <ApiCall text=example/>
        </div>
    }
}

pub const NOT_YOURS: &str = "your role on it does not allow that; ask one of its owners";

#[component]
pub fn ClonePage() -> impl IntoView {
    let id = id::<ArtifactId>("id", "artifact");
    context::page(async move {
        let (house, caller) = context::door()?;
        let artifact = artifacts::get(&house, &caller, &id?).await?;
        let (name, refusal) = match context::take_kept::<String>("clone-artifact").await {
            Some((name, refusal)) => (name, Some(refusal)),
            None => (artifact.name.clone(), None),
        };
        let id = artifact.id.to_string();
        let example =
            call("POST", &format!("/artifacts/{id}/clone/"), Some(&json!({ "name": name })));
        let from = short_name(&artifact);
        Ok(view! {
            <Ask artifact title="Clone">
                <form method="post" action=CloneArtifact::url() class="card form-card">
                    <input type="hidden" name="id" value=id.clone()/>
                    <p>"A new draft with the same specification as "<b>{from}</b>" in the same repository. Edit it and lock it: it becomes the next version. What runs is not touched."</p>
                    <Field label="Name of the new draft" name="name" value=name required=true refusal=refusal.unwrap_or_default()/>
                    <Answer back=format!("/artifacts/{id}") refusal=None button="Clone into a new draft" example/>
                </form>
            </Ask>
        })
    })
}

#[component]
pub fn LockPage() -> impl IntoView {
    let id = id::<ArtifactId>("id", "artifact");
    context::page(async move {
        let (house, caller) = context::door()?;
        let artifact = artifacts::get(&house, &caller, &id?).await?;
        let users = users(&house, &caller, &artifact.id).await?;
        let repository =
            repositories::get(&house, &caller, &artifact.artifact_repository_id).await.ok();
        let next = repository.map(|repository| repository.last_version_number + 1);
        let refusal = refusal(&artifact, Change::Lock);
        let draft = artifact.status == ArtifactStatus::Draft;
        let id = artifact.id.to_string();
        let example =
            call("PATCH", &format!("/artifacts/{id}/"), Some(&json!({ "status": "locked" })));
        let version = next.map_or_else(
            || "the next version number".to_owned(),
            |next| format!("version v{next}"),
        );
        let button = next.map_or_else(|| "Lock it".to_owned(), |next| format!("Lock as v{next}"));
        let running = users.iter().map(|user| user.name.clone()).collect::<Vec<_>>().join(", ");
        Ok(view! {
            <Ask artifact title="Lock">
                <form method="post" action=LockArtifact::url()>
                    <input type="hidden" name="id" value=id.clone()/>
                    {draft.then(|| view! {
                        <section class="card"><header><h2>"What it does, at once"</h2></header>
                            <div class="pad"><ul class="effects">
                                <li>"It gets "<b>{version}</b>" of its repository."</li>
                                <li>"It can't be edited any more. This can't be undone: a change needs a clone."</li>
                                <li>"Workloads that run locked versions can be replaced with it."</li>
                                {(!running.is_empty()).then(|| view! { <li>{format!("{running} runs it: it goes on untouched, and no longer ends by itself.")}</li> })}
                            </ul></div>
                        </section>
                    })}
                    <Answer back=format!("/artifacts/{id}") refusal button example/>
                </form>
            </Ask>
        })
    })
}

#[component]
pub fn DeletePage() -> impl IntoView {
    let id = id::<ArtifactId>("id", "artifact");
    context::page(async move {
        let (house, caller) = context::door()?;
        let artifact = artifacts::get(&house, &caller, &id?).await?;
        let users = users(&house, &caller, &artifact.id).await?;
        let names = users.iter().map(|user| user.name.clone()).collect::<Vec<_>>().join(", ");
        let used = (!names.is_empty())
            .then(|| format!("{names} runs it; replace what that runs, or delete it, first"));
        let refusal = refusal(&artifact, Change::Delete).or(used);
        let draft = artifact.status == ArtifactStatus::Draft;
        let id = artifact.id.to_string();
        let example = call("DELETE", &format!("/artifacts/{id}/"), None);
        Ok(view! {
            <Ask artifact title="Delete">
                <form method="post" action=DeleteArtifact::url()>
                    <input type="hidden" name="id" value=id.clone()/>
                    {draft.then(|| view! {
                        <section class="card"><header><h2>"What it does"</h2></header>
                            <div class="pad"><ul class="effects">
                                <li>"The draft, its tags and who may use it are gone for good."</li>
                                <li>"Other drafts and versions of its repository stay."</li>
                            </ul></div>
                        </section>
                    })}
                    <Answer back=format!("/artifacts/{id}") refusal button="Delete the draft" class="danger" example/>
                </form>
            </Ask>
        })
    })
}

async fn users(
    house: &handover::house::House,
    caller: &handover::access::Caller,
    artifact: &ArtifactId,
) -> Result<Vec<WorkloadRecord>, handover::error::Error> {
    let filter =
        WorkloadFilter { artifact_id: Some(artifact.clone()), ..WorkloadFilter::default() };
    let paging = Paging::first(NAMED);
    Ok(workloads::list(house, caller, &filter, paging, WithStats::No).await?.items)
}

#[component]
pub fn DeleteRepositoryPage() -> impl IntoView {
    let id = id::<RepositoryId>("id", "artifact repository");
    context::page(async move {
        let (house, caller) = context::door()?;
        let repository = repositories::get(&house, &caller, &id?).await?;
        let filter = WorkloadFilter {
            repository_id: Some(repository.id.clone()),
            ..WorkloadFilter::default()
        };
        let paging = Paging::first(NAMED);
        let users = workloads::list(&house, &caller, &filter, paging, WithStats::No).await?;
        let names: Vec<_> = users.items.iter().map(|user| user.name.clone()).collect();
        let refusal = if !may(&repository.permissions, Permission::Delete) {
            Some(NOT_YOURS.to_owned())
        } else if names.is_empty() {
            None
        } else {
            Some(format!("one of its artifacts is run by {}; delete that first", names.join(", ")))
        };
        let filter = ArtifactFilter {
            repository_id: Some(repository.id.clone()),
            status: vec![ArtifactStatus::Locked],
            ..ArtifactFilter::default()
        };
        let locked = artifacts::list(&house, &caller, &filter, Paging::first(1)).await?.total;
        let all = plural(repository.num_artifacts, "artifact");
        let id = repository.id.to_string();
        let example = call("DELETE", &format!("/artifactRepositories/{id}/"), None);
        let name = repository.name;
        let button = format!("Delete {all}");
        Ok(view! {
            <Layout title=format!("Delete · {name}") part=Part::Artifacts width="narrow">
                <Crumbs links=vec![
                    ("/artifacts".into(), "Artifacts".into()),
                    (format!("/repositories/{id}"), name.clone()),
                ] here="Delete"/>
                <div class="head"><h1>{format!("Delete the repository {name}")}</h1></div>
                <form method="post" action=DeleteRepository::url()>
                    <input type="hidden" name="id" value=id.clone()/>
                    <section class="card"><header><h2>"What it does"</h2></header>
                        <div class="pad"><ul class="effects">
                            <li>"It goes for good with all that is in it: "<b>{all}</b>{format!(", of which {locked} are locked versions.")}</li>
                            <li>"The history of workloads that ran them stays, but they can't be gone back to."</li>
                        </ul></div>
                    </section>
                    <Answer back=format!("/repositories/{id}") refusal button class="danger" example/>
                </form>
            </Layout>
        })
    })
}
