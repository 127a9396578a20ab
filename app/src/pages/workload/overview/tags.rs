//! The tags of a workload: names with values, to find it again.

use handover::model::{Action, WorkloadRecord};
use leptos::{either::Either, prelude::*, server_fn::ServerFn};

use super::about::{Editing, refused};
use crate::{
    actions::{AddWorkloadTag, RemoveWorkloadTag, TagForm},
    components::{
        curl::{ApiCall, call},
        field::Field,
    },
    refusal::Refusal,
};

#[component]
pub fn Tags(
    workload: WorkloadRecord,
    kept: Option<(TagForm, Refusal)>,
    editing: Editing,
) -> impl IntoView {
    let may = refused(&workload, Action::Edit).is_none();
    let list = if workload.tags.is_empty() {
        Either::Left(
            view! { <p class="quiet">"None. A tag is a name with a value, such as team and risk; the list of workloads can be narrowed by it."</p> },
        )
    } else {
        let id = workload.id.to_string();
        let tags = workload.tags.iter().map(|tag| {
            let remove = may.then(|| view! {
                <form method="post" action=RemoveWorkloadTag::url() class="inline" data-inline="">
                    <input type="hidden" name="id" value=id.clone()/>
                    <input type="hidden" name="tag" value=tag.id.to_string()/>
                    <button type="submit" class="plain remove" title="Remove">
                        <span aria-hidden="true">"×"</span><span class="aside">{format!("Remove the tag {}", tag.name)}</span>
                    </button>
                </form>
            });
            view! { <li class="chip tag" data-key=tag.id.to_string()><span class="anywhere">{tag.name.clone()}<span class="quiet">" = "</span>{tag.value.clone()}</span>{remove}</li> }
        });
        Either::Right(view! { <ul class="tags">{tags.collect_view()}</ul> })
    };
    view! {
        <section class="card" id="tags">
            <header><h2>"Tags"</h2></header>
            <div class="pad">
                {list}
                {may.then(|| view! { <Add workload kept editing/> })}
            </div>
        </section>
    }
}

#[component]
fn Add(
    workload: WorkloadRecord,
    kept: Option<(TagForm, Refusal)>,
    editing: Editing,
) -> impl IntoView {
    let (form, refusal) = match kept {
        Some((form, refusal)) => (form, Some(refusal)),
        None => (TagForm::default(), None),
    };
    let wrong = || refusal.clone().unwrap_or_default();
    let at_fields = refusal.as_ref().is_some_and(|refusal| !refusal.fields.is_empty());
    let above = refusal.clone().filter(|_| !at_fields);
    let key =
        editing.saved.filter(|saved| saved.starts_with("tags")).unwrap_or_else(|| "tags".into());
    let body = serde_json::json!({ "name": "team", "value": "risk" });
    let api = call("POST", &format!("/workloads/{}/tags/", workload.id), Some(&body));
    view! {
        <details class="edit wide" data-key=key open=refusal.is_some()>
            <summary>"+ Add a tag"</summary>
            <form method="post" action=AddWorkloadTag::url() data-inline="" data-guard="" id="add-tag">
                {above.map(|refusal| view! { <p class="wrong" role="alert">{refusal.message}</p> })}
                <input type="hidden" name="id" value=workload.id.to_string()/>
                <div class="row-fields">
                    <Field label="Tag name" name="tag[name]" field="name" value=form.name required=true refusal=wrong()/>
                    <Field label="Value" name="tag[value]" field="value" value=form.value refusal=wrong()/>
                </div>
                <div class="foot"><button type="submit" class="solid">"Add"<span class="aside">" the tag"</span></button><ApiCall text=api/></div>
            </form>
        </details>
    }
}
