//! Who one is here, and one's password.

use handover::{
    people::{MIN_PASSWORD, groups},
    store::{GroupFilter, Paging},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{Frame, Tab};
use crate::{
    actions::{ChangePassword, EditAccount},
    components::{
        curl::{ApiCall, call},
        field::Field,
        notice::Refused,
    },
    context,
    pages::sharing::words,
};

/// Groups that are named; more are counted.
const MOST_GROUPS: u64 = 100;

#[component]
pub fn Account() -> impl IntoView {
    context::page(async {
        let (house, caller) = context::door()?;
        let user = caller.user.clone();
        let filter = GroupFilter { member: Some(user.id.clone()), search: None };
        let mine = groups::list(&house, &caller, &filter, Paging::first(MOST_GROUPS)).await?;
        let more = mine.total.saturating_sub(mine.items.len() as u64);
        let names = mine.items.into_iter().map(|group| {
            view! { <a href=format!("/team/groups/{}", group.id) class="chip">{group.name}</a> }
        });
        let names = names.collect_view();
        let refusal = context::take_kept::<()>("change-password").await.map(|((), why)| why);
        let body = serde_json::json!({ "fullName": user.full_name, "email": user.email });
        let example = call("PATCH", "/account/info/", Some(&body));
        let password = user.password_hash.is_some();
        Ok(view! {
            <Frame title="Account" here=Tab::Profile>
                <div class="cols">
                    <div class="stack">
                        <form id="profile" method="post" action=EditAccount::url() class="card form-card" data-inline="" data-guard="">
                            <h2 class="spaced">"Profile"</h2>
                            <Field label="Full name" name="full_name" field="fullName" value=user.full_name.clone() autocomplete="name" hint="As others see it beside your username."/>
                            <Field label="E-mail" name="email" value=user.email.clone() kind="email" autocomplete="email" hint="Others find you by it. Nothing is sent."/>
                            <div class="foot"><button type="submit" class="solid">"Save"</button><ApiCall text=example/></div>
                        </form>
                        {password.then(|| view! { <Password username=user.username.clone() refusal/> })}
                    </div>
                    <section class="card">
                        <header><h2>"Who you are here"</h2></header>
                        <dl class="facts">
                            <dt>"Username"</dt><dd>{user.username.clone()}</dd>
                            <dt>"Role"</dt><dd>{words::platform(user.role)}<div class="small quiet">{words::platform_effect(user.role)}</div></dd>
                            <dt>"Groups"</dt><dd class="chips">{(mine.total == 0).then_some("none")}{names}{(more > 0).then(|| format!(" and {more} more"))}</dd>
                            <dt>"User ID"</dt><dd class="mono">{user.id.to_string()}</dd>
                            <dt>"Organisation ID"</dt><dd class="mono">{user.org_id.to_string()}</dd>
                        </dl>
                        <p class="pad small quiet">"Your username, role and groups are kept by administrators."</p>
                    </section>
                </div>
            </Frame>
        })
    })
}

#[component]
fn Password(username: String, refusal: Option<crate::refusal::Refusal>) -> impl IntoView {
    let at = refusal.clone().unwrap_or_default();
    view! {
        <form id="change-password" method="post" action=ChangePassword::url() class="card form-card" data-inline="">
            <h2 class="spaced">"Password"</h2>
            <Refused refusal/>
            <input type="text" name="username" autocomplete="username" value=username hidden=true disabled=true/>
            <Field label="Present password" name="current" value="" kind="password" required=true autocomplete="current-password" refusal=at.clone()/>
            <Field label="New password" name="password" value="" kind="password" required=true autocomplete="new-password" refusal=at.clone()
                hint="At least 12 characters. A sentence is easy to remember and hard to guess."/>
            <Field label="Once more" name="again" value="" kind="password" required=true autocomplete="new-password" refusal=at/>
            <p class="small quiet">"You are signed out everywhere else. API tokens go on working."</p>
            <div class="foot"><button type="submit">"Change the password"</button></div>
        </form>
    }
}

/// The hint above says how long a password must be.
const _: () = assert!(MIN_PASSWORD == 12);
