//! Adding a person, and making a group.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    actions::{AddPerson, CreateGroup, PersonForm},
    components::{
        curl::{ApiCall, call},
        field::{Choice, Field},
        notice::Refused,
    },
    context,
    pages::{
        layout::{Crumbs, Layout, Part},
        sharing::words,
    },
};
use handover::{
    access::administrator,
    model::{Permission, PlatformRole},
};

/// The platform roles as a choice, the usual one first.
pub(super) fn platform_roles() -> Vec<(&'static str, &'static str)> {
    [PlatformRole::Member, PlatformRole::Reader, PlatformRole::Admin]
        .map(|role| (role.word(), words::platform(role)))
        .into()
}

/// What each platform role means.
#[component]
pub(super) fn RolesExplained() -> impl IntoView {
    let roles = [PlatformRole::Member, PlatformRole::Reader, PlatformRole::Admin].map(|role| {
        view! { <dt>{words::platform(role)}</dt><dd>{words::platform_effect(role)}</dd> }
    });
    view! { <dl class="facts flat small">{roles.into_iter().collect_view()}</dl> }
}

#[component]
pub fn AddPersonPage() -> impl IntoView {
    context::page(async {
        let (_, caller) = context::door()?;
        administrator(&caller, Permission::Update)?;
        let (form, refusal) = match context::take_kept::<PersonForm>("add-person").await {
            Some((form, why)) => (form, Some(why)),
            None => {
                let role = PlatformRole::Member.word().to_owned();
                (PersonForm { role, way: "link".into(), ..PersonForm::default() }, None)
            }
        };
        let at = refusal.clone().unwrap_or_default();
        let body = serde_json::json!({ "username": "ada", "fullName": "Ada L.", "role": "member" });
        let example = call("POST", "/users/", Some(&body));
        let by_password = form.way == "password";
        Ok(view! {
            <Layout title="Add a person" part=Part::Team width="narrow">
                <Crumbs links=vec![("/team".into(), "Team".into())] here="Add a person"/>
                <div class="head"><h1>"Add a person"</h1></div>
                <Refused refusal/>
                <form method="post" action=AddPerson::url() class="card form-card" data-inline="" data-guard="">
                    <Field label="Username" name="form[username]" field="username" value=form.username required=true refusal=at.clone() hint="They sign in with it. No blanks, no colon; it can't be changed later."/>
                    <Field label="Full name" name="form[full_name]" field="fullName" value=form.full_name refusal=at.clone()/>
                    <Field label="E-mail" name="form[email]" field="email" value=form.email kind="email" refusal=at.clone() hint="Others find them by it. Nothing is sent."/>
                    <Choice label="Role in the organisation" name="form[role]" value=form.role options=platform_roles()/>
                    <RolesExplained/>
                    <fieldset class="field"><legend>"How they come in"</legend>
                        <label class="check"><input type="radio" name="form[way]" value="link" checked=!by_password/>
                            <span><b>"A sign-in link"</b><span class="hint">"Good once and for an hour. You see it on the next page and hand it over; they choose a password."</span></span></label>
                        <label class="check"><input type="radio" name="form[way]" value="password" checked=by_password/>
                            <span><b>"A password"</b><span class="hint">"You choose it now and tell them."</span></span></label>
                    </fieldset>
                    <Field label="Password" name="form[password]" field="password" value="" kind="password" autocomplete="new-password" refusal=at hint="Only for the second way: at least 12 characters."/>
                    <div class="foot">
                        <button type="submit" class="solid">"Add"</button>
                        <a class="btn" href="/team" data-close="">"Back"</a>
                        <ApiCall text=example/>
                    </div>
                </form>
            </Layout>
        })
    })
}

#[component]
pub fn NewGroupPage() -> impl IntoView {
    context::page(async {
        let (_, caller) = context::door()?;
        administrator(&caller, Permission::Update)?;
        let (name, refusal) = match context::take_kept::<String>("create-group").await {
            Some((name, why)) => (name, Some(why)),
            None => (String::new(), None),
        };
        let at = refusal.clone().unwrap_or_default();
        let example = call("POST", "/groups/", Some(&serde_json::json!({ "name": "Risk" })));
        Ok(view! {
            <Layout title="New group" part=Part::Team width="narrow">
                <Crumbs links=vec![("/team/groups".into(), "Groups".into())] here="New group"/>
                <div class="head"><h1>"New group"</h1></div>
                <Refused refusal/>
                <form method="post" action=CreateGroup::url() class="card form-card" data-inline="">
                    <Field label="Name" name="name" value=name required=true refusal=at hint="Everybody sees it where they share something."/>
                    <div class="foot">
                        <button type="submit" class="solid">"Make the group"</button>
                        <a class="btn" href="/team/groups" data-close="">"Back"</a>
                        <ApiCall text=example/>
                    </div>
                </form>
            </Layout>
        })
    })
}
