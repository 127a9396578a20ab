//! One's own account: profile and password, API tokens, and where one is signed in.

pub mod profile;
pub mod sessions;
pub mod tokens;

pub use profile::Account;
pub use sessions::{SessionList, sessions_of};
pub use tokens::{RevokeTokenPage, TokenTable, Tokens, token_row};

use leptos::prelude::*;

use super::layout::{Layout, Part};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Profile,
    Tokens,
    Sessions,
}

/// The frame of the account's pages.
#[component]
fn Frame(title: &'static str, here: Tab, children: Children) -> impl IntoView {
    let tab = move |of: Tab, href: &'static str, name: &'static str| {
        view! { <a href=href aria-current=(of == here).then_some("page")>{name}</a> }
    };
    view! {
        <Layout title part=Part::Account width="middle">
            <div class="head"><h1>"Account"</h1></div>
            <nav class="tabs" aria-label="Account">
                {tab(Tab::Profile, "/account", "Profile")}
                {tab(Tab::Tokens, "/account/tokens", "API tokens")}
                {tab(Tab::Sessions, "/account/sessions", "Sign-ins")}
            </nav>
            {children()}
        </Layout>
    }
}
