//! The API, for people: the same document that clients fetch, as pages.

pub mod operation;
pub mod schema;
pub mod shape;

use leptos::prelude::*;

use super::layout::{Layout, Part};
use crate::{
    components::curl,
    context,
    reference::{Operation, Reference},
};

fn reference() -> Reference {
    expect_context::<Reference>()
}

/// Every operation, under its heading.
#[component]
pub fn ReferencePage() -> impl IntoView {
    context::page(async {
        context::door()?;
        let reference = reference();
        let about = reference.0["info"]["description"].as_str().unwrap_or_default().to_owned();
        let version = reference.0["info"]["version"].as_str().unwrap_or_default().to_owned();
        let about: Vec<_> = about
            .split("\n\n")
            .map(|part| view! { <p class="quiet">{spelled(part)}</p> })
            .collect();
        let headings =
            reference.headings().map(|heading| section(&reference, heading)).collect_view();
        let schemas = reference.schemas().map(|name| {
            view! { <li><a href=schema::address(name)>{name.to_owned()}</a></li> }
        });
        let schemas = schemas.collect_view();
        let first = curl::call("GET", "/workloads/", None);
        Ok(view! {
            <Layout title="API" part=Part::Reference>
                <div class="head">
                    <h1>"API"</h1>
                    <span class="chip">{format!("version {version}")}</span>
                    <div class="actions">
                        <a class="btn" href="/api/v2/openapi.json">"OpenAPI as JSON"</a>
                        <a class="btn" href="/api/v2/openapi.yaml">"OpenAPI as YAML"</a>
                    </div>
                </div>
                {about}
                <curl::Code text=first what="the call"/>
                {headings}
                <section class="card">
                    <header><h2>"Shapes"</h2></header>
                    <div class="pad"><ul class="columns">{schemas}</ul></div>
                </section>
            </Layout>
        })
    })
}

fn section(reference: &Reference, heading: &str) -> impl IntoView + use<> {
    let rows = reference.operations().filter(|operation| operation.is_under(heading)).map(row);
    view! {
        <section class="card">
            <header><h2>{heading.to_owned()}</h2></header>
            <div class="scroll"><table class="folds">
                <thead><tr><th>"What it does"</th><th>"Method"</th><th>"Path"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table></div>
        </section>
    }
}

fn row(operation: Operation<'_>) -> impl IntoView + use<> {
    view! {
        <tr>
            <td class="lead">
                <a class="row-link" href=operation::address(operation.id())>{operation.summary().to_owned()}</a>
                {operation.is_deprecated().then(|| view! { <div class="sub">"for older clients"</div> })}
            </td>
            <td class="mono nowrap" data-k="Method">{operation.method.to_uppercase()}</td>
            <td class="mono anywhere" data-k="Path">{operation.path.to_owned()}</td>
        </tr>
    }
}

/// Text of the document: what stands between backquotes is code.
fn spelled(text: &str) -> impl IntoView + use<> {
    let parts = text.split('`').enumerate().map(|(position, part)| {
        let part = part.to_owned();
        if position % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() }
    });
    parts.collect_view()
}
