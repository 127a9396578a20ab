//! The team: people and groups. Administrators keep them; others see the groups that they are in.

pub mod add;
pub mod group;
pub mod groups;
pub mod people;
pub mod person;

pub use add::{AddPersonPage, NewGroupPage};
pub use group::{DeleteGroupPage, GroupPage};
pub use groups::Groups;
pub use people::Team;
pub use person::{DeactivatePage, PersonPage};

use handover::model::UserRecord;
use leptos::prelude::*;

use super::layout::{Layout, Part};
use crate::components::person::Face;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    People,
    Groups,
}

/// The frame of the two lists.
#[component]
fn Frame(title: &'static str, here: Tab, actions: AnyView, children: Children) -> impl IntoView {
    let tab = move |of: Tab, href: &'static str, name: &'static str| {
        view! { <a href=href aria-current=(of == here).then_some("page")>{name}</a> }
    };
    view! {
        <Layout title part=Part::Team>
            <div class="head"><h1>"Team"</h1><div class="actions">{actions}</div></div>
            <nav class="tabs" aria-label="Team">
                {tab(Tab::People, "/team", "People")}
                {tab(Tab::Groups, "/team/groups", "Groups")}
            </nav>
            {children()}
        </Layout>
    }
}

/// A person in a list: letters, username, full name.
fn named(user: &UserRecord) -> impl IntoView + use<> {
    let off = (!user.active).then(|| view! { <span class="chip">"deactivated"</span> });
    view! {
        <Face name=user.username.clone()/>
        <span class="who-is"><a class="row-link" href=format!("/team/users/{}", user.id)>{user.username.clone()}</a>
            <span class="sub">{user.full_name.clone()}</span></span>
        {off}
    }
}
