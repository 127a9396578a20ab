//! People as the console names them, and at a glance: two letters, and another shape for what is not one person.

use handover::model::{RecipientKind, UserData};
use leptos::prelude::*;

/// What a person goes by: the name that they sign in with and are shared with. Of somebody who is not there any more
/// only the id is known.
pub fn person(user: &UserData) -> String {
    user.username
        .clone()
        .or_else(|| user.full_name.clone().filter(|name| !name.trim().is_empty()))
        .unwrap_or_else(|| format!("somebody who has left ({})", user.id))
}

/// The first letters of a name. Read by eyes alone; the name stands beside it.
#[component]
pub fn Face(
    #[prop(into)] name: String,
    #[prop(default = RecipientKind::User)] kind: RecipientKind,
) -> impl IntoView {
    let letters: String = name.chars().take(2).flat_map(char::to_uppercase).collect();
    let class = match kind {
        RecipientKind::User => "initials",
        RecipientKind::Group => "initials many",
        RecipientKind::Organization | RecipientKind::Role => "initials all",
    };
    view! { <span class=class aria-hidden="true">{letters}</span> }
}
