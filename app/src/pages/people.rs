//! Coming in: a name and a password, or a link that is good once.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    layout::{Layout, Part},
    query,
};
use crate::{
    actions::{ChoosePassword, SignIn, UseLink},
    components::field::Field,
    context,
};

#[component]
pub fn SignInPage() -> impl IntoView {
    let next = query("next").unwrap_or_default();
    let tried = crate::tried::name();
    view! {
        <Layout title="Sign in" part=Part::Door width="small-page">
            <h1>"Sign in"</h1>
            <form method="post" action=SignIn::url() class="card form-card">
                <input type="hidden" name="next" value=next/>
                <Field label="Username" name="username" value=tried required=true autocomplete="username"/>
                <Field label="Password" name="password" value="" kind="password" required=true autocomplete="current-password"/>
                <button type="submit" class="solid">"Sign in"</button>
            </form>
            <p class="small quiet">"No password yet, or forgotten it? An administrator can make you a sign-in link. For the first one of them, run "<code>"handover admin link"</code>
                " on the machine this console runs on, and open the link it prints."</p>
        </Layout>
    }
}

/// Opening the link does nothing yet: programs that look at links in messages open them too.
#[component]
pub fn Welcome() -> impl IntoView {
    let link = query("link").unwrap_or_default();
    view! {
        <Layout title="Welcome" part=Part::Door width="small-page">
            <h1>"Welcome to Handover"</h1>
            <form method="post" action=UseLink::url() class="card form-card">
                <input type="hidden" name="link" value=link/>
                <p>"This link signs the person it was made for in, once. It is good for an hour after it was made."</p>
                <button type="submit" class="solid">"Sign in and choose a password"</button>
            </form>
        </Layout>
    }
}

#[component]
pub fn NewPassword() -> impl IntoView {
    context::page(async {
        let (_, caller) = context::door()?;
        let hint = "At least 12 characters. A sentence is easy to remember and hard to guess.";
        Ok(view! {
            <Layout title="Choose a password" part=Part::Door width="small-page">
                <h1>"Choose a password"</h1>
                <form method="post" action=ChoosePassword::url() class="card form-card">
                    <p>"You are signed in as "<b>{caller.user.username.clone()}</b>"."</p>
                    // For password managers, which want to know whose password it is.
                    <input type="text" name="username" autocomplete="username" value=caller.user.username hidden=true/>
                    <Field label="New password" name="password" value="" kind="password" required=true autocomplete="new-password" hint/>
                    <Field label="Once more" name="again" value="" kind="password" required=true autocomplete="new-password"/>
                    <button type="submit" class="solid">"Set the password"</button>
                </form>
            </Layout>
        })
    })
}
