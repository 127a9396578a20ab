//! Somebody at a glance: two letters, and another shape for what is not one person.

use handover::model::RecipientKind;
use leptos::prelude::*;

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
