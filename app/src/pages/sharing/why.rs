//! "Why can they see this?": what one person may do here, by what, and what takes some of it away.

use handover::{
    model::{AccessReason, AccessSource, EffectiveAccess, EntityKind, Scope},
    sharing::{self, Person},
};
use leptos::prelude::*;

use super::{api_path, crumbs, part, path, shared, words};
use crate::{
    components::{
        curl::{ApiCall, call},
        time::When,
    },
    context,
    pages::{
        layout::{Crumbs, Layout},
        query,
    },
};

#[component]
pub fn WhyWorkload() -> impl IntoView {
    why(EntityKind::Workload)
}

#[component]
pub fn WhyArtifact() -> impl IntoView {
    why(EntityKind::Artifact)
}

#[component]
pub fn WhyRepository() -> impl IntoView {
    why(EntityKind::Repository)
}

#[component]
pub fn WhyDeployment() -> impl IntoView {
    why(EntityKind::Deployment)
}

fn why(kind: EntityKind) -> impl IntoView {
    let shared = shared(kind);
    let (by_id, by_name) = (query("user"), query("username"));
    context::page(async move {
        let (house, caller) = context::door()?;
        let shared = shared?;
        let overview = sharing::overview(&house, &caller, &shared).await?;
        let person = match (by_id.and_then(|id| id.parse().ok()), by_name.clone()) {
            (_, Some(name)) => Person::Name(name),
            (Some(id), None) => Person::Id(id),
            (None, None) => Person::Id(caller.id().clone()),
        };
        let explained = sharing::explain(&house, &caller, &shared, &person).await;
        let (answer, unknown) = match explained {
            Ok(access) => (Some(access), None),
            Err(handover::error::Error::NotFound("user")) => {
                (None, Some(by_name.clone().unwrap_or_default()))
            }
            Err(other) => return Err(other),
        };
        let known = answer.as_ref().and_then(|access| access.user.username.clone());
        let typed = by_name.or(known.clone()).unwrap_or_default();
        let name = overview.name;
        let who = known.unwrap_or_else(|| "somebody".to_owned());
        let example = call("GET", &format!("{}effective/?username={who}", api_path(&shared)), None);
        let here = format!("{}/why", path(&shared));
        let mut links = crumbs(&shared, &name);
        links.push((path(&shared), "Share".into()));
        let ask = overview.refusal.is_none().then(|| {
            view! {
                <form class="search gap-below" role="search" action=here.clone() data-check=here>
                    <input type="search" name="username" id="why-username" value=typed autocomplete="off" aria-label="Username" placeholder="Username"/>
                    <button type="submit">"Explain"</button>
                </form>
            }
        });
        Ok(view! {
            <Layout title=format!("Why? · {name}") part=part(kind) width="middle">
                <Crumbs links here=who.clone()/>
                <div class="head"><h1>{format!("What {who} may do with {name}")}</h1></div>
                {ask}
                <div id="why-answer" aria-live="polite">
                    {unknown.map(|typed| view! { <p class="gap">{format!("There is nobody called “{typed}” in the organisation. Names are typed whole here.")}</p> })}
                    {answer.map(explanation)}
                </div>
                <div class="foot">
                    <a class="btn" href=path(&shared) data-close="">"Back to sharing"</a>
                    <ApiCall text=example/>
                </div>
            </Layout>
        })
    })
}

fn explanation(access: EffectiveAccess) -> impl IntoView + use<> {
    let name = access.user.username.clone().unwrap_or_else(|| access.user.id.to_string());
    let sum = format!("{name} may {}.", words::may(&access.permissions));
    let tone = if access.permissions.is_empty() { "banner warn" } else { "banner go" };
    let nothing = access.reasons.is_empty().then(|| {
        view! { <p class="pad quiet">{format!("No role reaches {name}: none by name, by a group, by the organisation or by the platform role.")}</p> }
    });
    let rows = access.reasons.iter().map(row).collect_view();
    view! {
        <div class=tone><p class="strong">{sum}</p>{access.withheld.clone().map(|why| view! { <p>{format!("Less than what was granted: {why}.")}</p> })}</div>
        <section class="card" id="why-reasons">
            <header><h2>"By what"</h2></header>
            {nothing}
            <div class="scroll"><table class="folds">
                <thead><tr><th scope="col">"By"</th><th scope="col">"Role"</th><th scope="col">"Allows to"</th><th scope="col">"Since"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        </section>
        {scoped(&access)}
    }
}

fn row(reason: &AccessReason) -> impl IntoView + use<> {
    let id = reason.id.clone().unwrap_or_default();
    let by = match reason.source {
        AccessSource::User => view! { "A role of their own" }.into_any(),
        AccessSource::Group => {
            view! { "The group "<a href=format!("/team/groups/{id}")>{reason.name.clone()}</a> }.into_any()
        }
        AccessSource::Organization => {
            view! { {format!("The organisation {}", reason.name)} }.into_any()
        }
        AccessSource::Role => view! { {format!("A role for {}", reason.name)} }.into_any(),
        AccessSource::Administrator => {
            view! { "Being an administrator of the organisation" }.into_any()
        }
        AccessSource::Workload if id.is_empty() => {
            view! { {format!("Running in {}", reason.name)} }.into_any()
        }
        AccessSource::Workload => {
            view! { "Running in the workload "<a href=format!("/workloads/{id}/share")>{reason.name.clone()}</a> }.into_any()
        }
    };
    let role = reason.role.map_or("none needed", words::role);
    view! {
        <tr>
            <td class="lead">{by}</td>
            <td class="nowrap" data-k="Role">{role}</td>
            <td data-k="Allows to">{words::may(&reason.permissions)}</td>
            <td class="nowrap" data-k="Since">{reason.granted_at.map(|at| view! { <When at/> })}</td>
        </tr>
    }
}

/// What tokens make of it.
fn scoped(access: &EffectiveAccess) -> impl IntoView + use<> {
    let scopes = access.scopes.iter().map(|one| {
        view! {
            <tr><td class="lead">{scope_words(&[one.scope])}</td><td data-k="Leaves">{words::may(&one.permissions)}</td></tr>
        }
    });
    let scopes = scopes.collect_view();
    let tokens = access.tokens.as_ref().map(|tokens| {
        let rows = tokens.iter().map(|token| {
            view! {
                <tr><td class="lead">"Their token “"{token.name.clone()}"” ("{scope_words(&token.scopes)}")"</td><td data-k="Leaves">{words::may(&token.permissions)}</td></tr>
            }
        });
        rows.collect_view()
    });
    view! {
        <section class="card" id="why-scopes">
            <header><h2>"With an API token"</h2><span class="small quiet">"A token does what its person may do, within its scopes."</span></header>
            <div class="scroll"><table class="folds">
                <thead><tr><th scope="col">"Scope"</th><th scope="col">"What is left"</th></tr></thead>
                <tbody>{scopes}{tokens}</tbody>
            </table></div>
        </section>
    }
}

fn scope_words(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.word()).collect::<Vec<_>>().join(", ")
}
