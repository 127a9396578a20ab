//! The tags of an artifact or a repository: what there is, and a line to add one.

use handover::model::Tag;
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    actions::{AddTag, RemoveTag},
    components::curl::{ApiCall, call},
};

#[component]
pub fn Tags(
    /// `artifact` or `repository`.
    of: &'static str,
    id: String,
    tags: Vec<Tag>,
    /// Whether the person may change them.
    writes: bool,
) -> impl IntoView {
    let collection = if of == "artifact" { "artifacts" } else { "artifactRepositories" };
    let example = call(
        "POST",
        &format!("/{collection}/{id}/tags"),
        Some(&serde_json::json!({ "name": "team", "value": "search" })),
    );
    let none = tags.is_empty();
    let items = tags
        .into_iter()
        .map(|tag| {
            let text = if tag.value.is_empty() {
                tag.name.clone()
            } else {
                format!("{}={}", tag.name, tag.value)
            };
            let label = format!("Remove the tag {text}");
            view! {
                <li class="tag">
                    <span class="anywhere">{text}</span>
                    {writes.then(|| view! {
                        <form method="post" action=RemoveTag::url() data-inline="" class="inline">
                            <input type="hidden" name="of" value=of/>
                            <input type="hidden" name="id" value=id.clone()/>
                            <input type="hidden" name="tag" value=tag.id.to_string()/>
                            <button type="submit" class="plain tiny" aria-label=label>"×"</button>
                        </form>
                    })}
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="card" id="tags">
            <header><h2>"Tags"</h2></header>
            <div class="pad">
                {none.then(|| view! { <p class="quiet">"None. Tags help to find it again, and change nothing that runs."</p> })}
                {(!none).then(|| view! { <ul class="tags">{items}</ul> })}
                {writes.then(|| view! {
                    <form method="post" action=AddTag::url() data-inline="" class="add-tag">
                        <input type="hidden" name="of" value=of/>
                        <input type="hidden" name="id" value=id.clone()/>
                        <input type="text" name="name" aria-label="Name of a new tag" placeholder="Name" required=true autocomplete="off"/>
                        <input type="text" name="value" aria-label="Value of a new tag" placeholder="Value" autocomplete="off"/>
                        <button type="submit">"Add tag"</button>
                    </form>
                    <ApiCall text=example/>
                })}
            </div>
        </section>
    }
}
