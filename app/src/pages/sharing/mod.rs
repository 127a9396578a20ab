//! Sharing: who may do what with a workload, an artifact, a repository or a deployment. One page for all of
//! them, and one that explains what a single person may do and why.

pub mod add;
mod present;
pub mod why;
pub mod words;

pub use why::{WhyArtifact, WhyDeployment, WhyRepository, WhyWorkload};

use handover::{
    error::Error,
    model::{
        EntityKind, RecipientKind, RoleChange, RoleWord, ShareOperation, ShareRequest, ShareRole,
    },
    sharing::{self, Overview, Shared},
};
use leptos::prelude::*;

use super::{
    layout::{Crumbs, Layout, Part},
    query,
};
use crate::{
    components::curl::{ApiCall, call},
    context,
};
use leptos_router::hooks::use_params_map;

/// The page of the thing itself.
pub fn home(shared: &Shared) -> String {
    let id = shared.id();
    match shared.kind() {
        EntityKind::Workload => format!("/workloads/{id}"),
        EntityKind::Artifact => format!("/artifacts/{id}"),
        EntityKind::Repository => format!("/repositories/{id}"),
        EntityKind::Deployment => format!("/deployments/{id}"),
    }
}

/// Its page of sharing.
pub fn path(shared: &Shared) -> String {
    format!("{}/share", home(shared))
}

/// One change, as the use case takes it.
pub fn request(kind: RecipientKind, id: String, role: RoleWord) -> ShareRequest {
    let change = RoleChange { share_recipient_type: kind, role, id: Some(id), username: None };
    ShareRequest { operation: ShareOperation::UpdateRoles, roles: vec![change] }
}

fn part(kind: EntityKind) -> Part {
    match kind {
        EntityKind::Workload => Part::Workloads,
        EntityKind::Artifact | EntityKind::Repository => Part::Artifacts,
        EntityKind::Deployment => Part::Deployments,
    }
}

fn all(kind: EntityKind) -> (&'static str, &'static str) {
    match kind {
        EntityKind::Workload => ("/workloads", "Workloads"),
        EntityKind::Artifact | EntityKind::Repository => ("/artifacts", "Artifacts"),
        EntityKind::Deployment => ("/deployments", "Deployments"),
    }
}

/// Below `/api/v2`.
fn api_path(shared: &Shared) -> String {
    let id = shared.id();
    match shared.kind() {
        EntityKind::Workload => format!("/workloads/{id}/sharedRoles/"),
        EntityKind::Artifact => format!("/artifacts/{id}/sharedRoles/"),
        EntityKind::Repository => format!("/artifactRepositories/{id}/sharedRoles/"),
        EntityKind::Deployment => format!("/console/deployments/{id}/sharedRoles/"),
    }
}

/// What the address is about.
fn shared(kind: EntityKind) -> Result<Shared, Error> {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    Shared::of(kind, &id)
}

fn crumbs(shared: &Shared, name: &str) -> Vec<(String, String)> {
    let (href, all) = all(shared.kind());
    vec![(href.into(), all.into()), (home(shared), name.to_owned())]
}

#[component]
pub fn ShareWorkload() -> impl IntoView {
    share(EntityKind::Workload)
}

#[component]
pub fn ShareArtifact() -> impl IntoView {
    share(EntityKind::Artifact)
}

#[component]
pub fn ShareRepository() -> impl IntoView {
    share(EntityKind::Repository)
}

#[component]
pub fn ShareDeployment() -> impl IntoView {
    share(EntityKind::Deployment)
}

fn share(kind: EntityKind) -> impl IntoView {
    let shared = shared(kind);
    let search = query("search").unwrap_or_default();
    context::page(async move {
        let (house, caller) = context::door()?;
        let shared = shared?;
        let overview = sharing::overview(&house, &caller, &shared).await?;
        let found = match overview.refusal {
            None => Some(sharing::candidates(&house, &caller, &shared, &search).await?),
            Some(_) => None,
        };
        let name = overview.name.clone();
        let body = serde_json::json!({ "operation": "updateRoles", "roles": [
            { "shareRecipientType": "user", "username": "ada", "role": "USER" },
        ] });
        let example = call("PATCH", &api_path(&shared), Some(&body));
        Ok(view! {
            <Layout title=format!("Share · {name}") part=part(kind) width="middle">
                <Crumbs links=crumbs(&shared, &name) here="Share"/>
                <div class="head"><h1>{format!("Share {name}")}</h1></div>
                {refused(&overview)}
                {found.map(|found| add::add(&shared, &search, found, &overview.may_give))}
                {present::present(&shared, &overview)}
                <Rules kind/>
                <div class="foot">
                    <a class="btn" href=home(&shared) data-close="">"Back"</a>
                    <ApiCall text=example/>
                </div>
            </Layout>
        })
    })
}

/// Why this person can't share it, and whom to ask.
fn refused(overview: &Overview) -> Option<impl IntoView + use<>> {
    let why = overview.refusal.clone()?;
    let owners = match &overview.owners[..] {
        [] => String::new(),
        owners => format!(" ({})", owners.join(", ")),
    };
    Some(
        view! { <div class="banner warn"><p>{format!("You can look, and not share: {why}{owners}.")}</p></div> },
    )
}

/// What the roles are good for, and what will be refused.
#[component]
fn Rules(kind: EntityKind) -> impl IntoView {
    let roles = sharing::CHOICES.map(|role| {
        view! { <dt>{words::role(role)}</dt><dd>{words::effect(role, kind)}</dd> }
    });
    let reaches = match kind {
        EntityKind::Workload => Some(
            "A role on a workload reaches its events, statistics, logs and replicas, and a look at the artifact it runs. It survives replacing, settings and promoting.",
        ),
        EntityKind::Repository => Some(
            "A role on a repository does not reach the artifacts in it: each is shared by itself.",
        ),
        EntityKind::Artifact => Some(
            "Whoever may see a workload that runs this artifact may see the artifact too, without a role here.",
        ),
        EntityKind::Deployment => None,
    };
    view! {
        <section class="card" id="share-rules">
            <header><h2>"What the roles may do"</h2></header>
            <dl class="facts">{roles.into_iter().collect_view()}</dl>
            <ul class="effects pad quiet">
                <li>"Somebody has to own it by name: the last owner can't be removed or made less."</li>
                <li>"You give and take roles up to your own, and not above."</li>
                <li>"Only active accounts of this organisation can be given a role."</li>
                <li>"Who has several roles, by name and by groups, may do what any of them allows."</li>
                {reaches.map(|text| view! { <li>{text}</li> })}
            </ul>
        </section>
    }
}

/// A choice of roles; those that can't be given are there and say why.
fn role_picker(label: String, may_give: &[ShareRole], has: Option<ShareRole>) -> AnyView {
    let mut roles: Vec<ShareRole> = sharing::CHOICES.to_vec();
    roles.extend(has.filter(|has| !sharing::CHOICES.contains(has)));
    let chosen = has.unwrap_or(ShareRole::User);
    let options = roles.into_iter().map(|role| {
        let may = may_give.contains(&role) || has == Some(role);
        let text = if may {
            words::role(role).to_owned()
        } else {
            format!("{} (above your own role)", words::role(role))
        };
        view! { <option value=role.word() selected=role == chosen disabled=!may>{text}</option> }
    });
    view! { <select name="role" aria-label=label>{options.collect_view()}</select> }.into_any()
}
