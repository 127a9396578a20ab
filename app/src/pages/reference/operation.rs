//! One operation: what to send, what comes back, and a call to paste.

use handover::error::Error;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde_json::Value;

use super::{
    super::layout::{Crumbs, Layout, Part},
    reference,
    shape::{Fields, Shape},
    spelled,
};
use crate::{
    components::curl,
    context,
    reference::{Operation, Reference},
};

pub(super) fn address(id: &str) -> String {
    format!("/api/docs/operations/{id}")
}

#[component]
pub fn OperationPage() -> impl IntoView {
    context::page(async {
        context::door()?;
        let reference = reference();
        let id = use_params_map().read_untracked().get("operation").unwrap_or_default();
        let operation = reference.operation(&id).ok_or(Error::NotFound("operation"))?;
        let summary = operation.summary().to_owned();
        let method = operation.method.to_uppercase();
        let sample = operation.body().map(|schema| reference.sample(schema, "value"));
        let call = curl::call_at(&method, &operation.path_for_shell(), sample.as_ref());
        let (deprecated, open) = (operation.is_deprecated(), !operation.needs_token());
        let says = operation.description().map(|text| view! { <p>{spelled(text)}</p> });
        let parameters = parameters(operation);
        let body = operation.body().map(|schema| body_card(&reference, schema));
        let answers = answers(&reference, operation);
        let address = format!("{method} {}", operation.path);
        let crumbs = vec![("/api/docs".to_owned(), "API".to_owned())];
        Ok(view! {
            <Layout title=summary.clone() part=Part::Reference>
                <Crumbs links=crumbs here=summary.clone()/>
                <div class="head">
                    <h1>{summary}</h1>
                    {deprecated.then(|| view! { <span class="chip warn">"for older clients"</span> })}
                    {open.then(|| view! { <span class="chip">"no token needed"</span> })}
                </div>
                <p class="mono anywhere">{address}</p>
                {says}
                <curl::Code text=call what="the call"/>
                {parameters}
                {body}
                {answers}
            </Layout>
        })
    })
}

fn parameters(operation: Operation<'_>) -> Option<impl IntoView + use<>> {
    let rows: Vec<_> = operation
        .parameters()
        .map(|parameter| {
            let text = |key: &str| parameter[key].as_str().unwrap_or_default().to_owned();
            let required = if parameter["required"] == true { "required" } else { "" };
            view! {
                <tr>
                    <td class="lead mono">{text("name")}<div class="sub">{required}</div></td>
                    <td class="nowrap" data-k="In">{text("in")}</td>
                    <td data-k="Value"><Shape schema=parameter["schema"].clone()/></td>
                    <td data-k="Meaning">{spelled(&text("description"))}</td>
                </tr>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="card">
                <header><h2>"Parameters"</h2></header>
                <div class="scroll"><table class="folds">
                    <thead><tr><th>"Name"</th><th>"In"</th><th>"Value"</th><th>"Meaning"</th></tr></thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table></div>
            </section>
        }
    })
}

fn body_card(reference: &Reference, schema: &Value) -> impl IntoView + use<> {
    let shape = reference.follow(schema).clone();
    view! {
        <section class="card">
            <header><h2>"Body"</h2><span class="end"><Shape schema=schema.clone()/></span></header>
            <Fields schema=shape/>
        </section>
    }
}

fn answers(reference: &Reference, operation: Operation<'_>) -> impl IntoView + use<> {
    let rows: Vec<_> = operation
        .answers()
        .map(|(status, answer)| {
            let answer = reference.follow(answer);
            let says = answer["description"].as_str().unwrap_or_default().to_owned();
            let contents = answer["content"].as_object().into_iter().flatten();
            let shapes: Vec<_> = contents
                .map(|(media_type, content)| {
                    let schema = content["schema"].clone();
                    view! { <div><Shape schema/>" "<span class="quiet">{media_type.clone()}</span></div> }
                })
                .collect();
            view! {
                <tr>
                    <td class="lead mono">{status.to_owned()}</td>
                    <td data-k="When">{says}</td>
                    <td data-k="Body">{if shapes.is_empty() { "none".into_any() } else { shapes.collect_view().into_any() }}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <section class="card">
            <header><h2>"Answers"</h2></header>
            <div class="scroll"><table class="folds">
                <thead><tr><th>"Status"</th><th>"When"</th><th>"Body"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table></div>
        </section>
    }
}
