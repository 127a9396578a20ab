//! One person, as administrators keep them.

use handover::{
    model::{SessionId, UserId, UserRecord},
    people::{groups, sessions, tokens, users},
    store::{GroupFilter, Paging},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::add::{RolesExplained, platform_roles};
use crate::{
    actions::{
        ActivatePerson, EditPerson, EndSessionsOf, NEW_LINK, PersonLink, RevokeTokenOf,
        SetMembership,
    },
    components::{
        curl::{ApiCall, Code, call},
        field::{Choice, Field},
        time::When,
    },
    context,
    pages::{
        account::{TokenTable, sessions_of, token_row},
        id,
        layout::{Crumbs, Layout, Part},
    },
    session,
};

/// Groups on the page of a person.
const MOST_GROUPS: u64 = 200;

#[component]
pub fn PersonPage() -> impl IntoView {
    let id = id::<UserId>("id", "user");
    context::page(async move {
        let (house, caller) = context::door()?;
        let id = id?;
        let user = users::get(&house, &caller, &id).await?;
        if !caller.user.is_admin() {
            // It is the caller: nobody else can be read.
            context::go("/account");
            return Ok(().into_any());
        }
        let link = session::take_secret(&context::session()?, &house, NEW_LINK).await;
        let tokens = tokens::list(&house, &caller, &id).await?;
        let sessions = sessions::list(&house, &caller, &id).await?;
        let filter = GroupFilter { member: Some(id.clone()), search: None };
        let mine = groups::list(&house, &caller, &filter, Paging::first(MOST_GROUPS)).await?;
        let all =
            groups::list(&house, &caller, &GroupFilter::default(), Paging::first(MOST_GROUPS))
                .await?;
        let others: Vec<_> = all
            .items
            .into_iter()
            .filter(|group| mine.items.iter().all(|own| own.id != group.id))
            .map(|group| (group.id.to_string(), group.name))
            .collect();
        let mine: Vec<_> =
            mine.items.into_iter().map(|group| (group.id.to_string(), group.name)).collect();
        let some_tokens = !tokens.is_empty();
        let no_tokens = tokens.is_empty().then(|| view! { <p class="pad quiet">"No token."</p> });
        let token_rows = tokens.into_iter().map(|token| {
            let (user, token_id) = (id.to_string(), token.id.to_string());
            let revoke = view! {
                <form method="post" action=RevokeTokenOf::url() class="inline" data-inline="">
                    <input type="hidden" name="user" value=user/>
                    <input type="hidden" name="id" value=token_id/>
                    <button type="submit" class="tiny">"Revoke"</button>
                </form>
            };
            token_row(token, revoke.into_any())
        });
        let token_rows = token_rows.collect_view();
        let name = user.username.clone();
        Ok(view! {
            <Layout title=name.clone() part=Part::Team>
                <Crumbs links=vec![("/team".into(), "Team".into())] here=name.clone()/>
                <div class="head"><h1>{name.clone()}</h1>
                    {(!user.active).then(|| view! { <span class="chip">"deactivated"</span> })}
                    <div class="actions">{actions(&user)}</div>
                </div>
                {link.map(|link| view! { <Told link name=name.clone()/> })}
                <div class="cols">
                    <div class="stack">
                        {profile(&user)}
                        <section class="card" id="tokens">
                            <header><h2>"API tokens"</h2><span class="small quiet">"Only they can make new ones."</span></header>
                            {no_tokens}
                            {some_tokens.then(|| view! { <TokenTable>{token_rows}</TokenTable> })}
                        </section>
                        <section class="card" id="sessions">
                            <header><h2>"Sign-ins"</h2>{end_all(&id, sessions.len())}</header>
                            {sessions_of(sessions, None, |session| end_one(&id, session))}
                        </section>
                    </div>
                    <div class="stack">
                        {memberships(&user, mine, others)}
                        <section class="card"><header><h2>"Facts"</h2></header><dl class="facts">
                            <dt>"Here since"</dt><dd><When at=user.created_at/></dd>
                            <dt>"User ID"</dt><dd class="mono">{user.id.to_string()}</dd>
                            <dt>"What they did"</dt><dd><a href=format!("/audit?actor={}", crate::components::pager::escaped(&user.username))>"In the audit trail"</a></dd>
                        </dl></section>
                    </div>
                </div>
            </Layout>
        }
        .into_any())
    })
}

/// The link, this once.
#[component]
fn Told(link: String, name: String) -> impl IntoView {
    view! {
        <div class="banner go" role="status" id="told-link">
            <p class="strong">{format!("Hand this link to {name}: it is shown this once, lets them in once, and is good for an hour.")}</p>
            <Code text=link what="the sign-in link"/>
        </div>
    }
}

fn actions(user: &UserRecord) -> impl IntoView + use<> {
    let id = user.id.to_string();
    if user.active {
        view! {
            <form method="post" action=PersonLink::url() class="inline" data-inline="">
                <input type="hidden" name="id" value=id.clone()/>
                <button type="submit">"New sign-in link"</button>
            </form>
            <a class="btn danger" href=format!("/team/users/{id}/deactivate") data-dialog="">"Deactivate"</a>
        }
        .into_any()
    } else {
        view! {
            <form method="post" action=ActivatePerson::url() class="inline" data-inline="">
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="active" value="true"/>
                <button type="submit" class="solid">"Reactivate"</button>
            </form>
        }
        .into_any()
    }
}

fn profile(user: &UserRecord) -> impl IntoView + use<> {
    let body = serde_json::json!({
        "fullName": user.full_name, "email": user.email, "role": user.role,
    });
    let example = call("PATCH", &format!("/users/{}/", user.id), Some(&body));
    view! {
        <form id="profile" method="post" action=EditPerson::url() class="card form-card" data-inline="" data-guard="">
            <h2 class="spaced">"Profile"</h2>
            <input type="hidden" name="id" value=user.id.to_string()/>
            <Field label="Full name" name="full_name" field="fullName" value=user.full_name.clone()/>
            <Field label="E-mail" name="email" value=user.email.clone() kind="email"/>
            <Choice label="Role in the organisation" name="role" value=user.role.word() options=platform_roles()/>
            <RolesExplained/>
            <p class="small quiet">"A new role counts at once, with everything they come in with. The last administrator stays one."</p>
            <div class="foot"><button type="submit" class="solid">"Save"</button><ApiCall text=example/></div>
        </form>
    }
}

fn memberships(
    user: &UserRecord,
    mine: Vec<(String, String)>,
    others: Vec<(String, String)>,
) -> impl IntoView + use<> {
    let (id, active) = (user.id.to_string(), user.active);
    let back = format!("/team/users/{id}");
    let none = mine.is_empty().then(|| view! { <p class="pad quiet">"In no group."</p> });
    let rows = mine.into_iter().map(|(group, name)| {
        let (key, href) = (group.clone(), format!("/team/groups/{group}"));
        view! {
            <li data-key=key>
                <span class="who-is"><a href=href>{name.clone()}</a></span>
                <form method="post" action=SetMembership::url() class="inline end" data-inline="">
                    <input type="hidden" name="group" value=group/>
                    <input type="hidden" name="user" value=id.clone()/>
                    <input type="hidden" name="is_in" value="false"/>
                    <input type="hidden" name="back" value=back.clone()/>
                    <button type="submit" class="plain danger">"Take out"<span class="aside">{format!(" of {name}")}</span></button>
                </form>
            </li>
        }
    });
    let rows = rows.collect_view();
    let options = others
        .iter()
        .map(|(group, name)| view! { <option value=group.clone()>{name.clone()}</option> });
    let options = options.collect_view();
    let add = (active && !others.is_empty()).then(|| {
        view! {
            <form method="post" action=SetMembership::url() class="bar under" data-inline="">
                <input type="hidden" name="user" value=id.clone()/>
                <input type="hidden" name="is_in" value="true"/>
                <input type="hidden" name="back" value=back.clone()/>
                <select name="group" aria-label="Group">{options}</select>
                <button type="submit">"Put in"</button>
            </form>
        }
    });
    view! {
        <section class="card" id="groups">
            <header><h2>"Groups"</h2></header>
            {none}
            <ul class="people">{rows}</ul>
            {add}
        </section>
    }
}

fn end_all(user: &UserId, sessions: usize) -> Option<impl IntoView + use<>> {
    let user = user.to_string();
    (sessions > 0).then(|| {
        view! {
            <form method="post" action=EndSessionsOf::url() class="inline end" data-inline="">
                <input type="hidden" name="user" value=user/>
                <button type="submit" class="tiny">"End all"</button>
            </form>
        }
    })
}

fn end_one(user: &UserId, session: &SessionId) -> AnyView {
    view! {
        <form method="post" action=EndSessionsOf::url() class="inline" data-inline="">
            <input type="hidden" name="user" value=user.to_string()/>
            <input type="hidden" name="id" value=session.to_string()/>
            <button type="submit" class="tiny">"End"</button>
        </form>
    }
    .into_any()
}

/// Asks before somebody is kept out.
#[component]
pub fn DeactivatePage() -> impl IntoView {
    let id = id::<UserId>("id", "user");
    context::page(async move {
        let (house, caller) = context::door()?;
        let id = id?;
        let user = users::get(&house, &caller, &id).await?;
        let tokens = tokens::list(&house, &caller, &id).await?.len();
        let sessions = sessions::list(&house, &caller, &id).await?.len();
        let count = crate::components::format::plural;
        let body = serde_json::json!({ "active": false });
        let example = call("PATCH", &format!("/users/{id}/"), Some(&body));
        let own = user.id == *caller.id();
        let home = format!("/team/users/{id}");
        Ok(view! {
            <Layout title=format!("Deactivate {}", user.username) part=Part::Team width="narrow">
                <Crumbs links=vec![("/team".into(), "Team".into()), (home.clone(), user.username.clone())] here="Deactivate"/>
                <div class="head"><h1>{format!("Deactivate {}?", user.username)}</h1></div>
                <form method="post" action=ActivatePerson::url() class="card form-card" data-inline="">
                    <input type="hidden" name="id" value=id.to_string()/>
                    <input type="hidden" name="active" value="false"/>
                    <ul class="effects">
                        <li>{format!("They are out at once: {} and {} end, at endpoints too.", count(sessions as u64, "sign-in"), count(tokens as u64, "token"))}</li>
                        <li>"What they made stays and goes on running. Their roles stay written down and count for nothing."</li>
                        <li>"Reactivating lets them in again with the password of before. Tokens do not come back."</li>
                        {own.then(|| view! { <li class="warn-text">"This is you: you are signed out."</li> })}
                    </ul>
                    <div class="foot">
                        <button type="submit" class="solid danger">"Deactivate"</button>
                        <a class="btn" href=home data-close="">"Back"</a>
                        <ApiCall text=example/>
                    </div>
                </form>
            </Layout>
        })
    })
}
