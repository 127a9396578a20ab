//! One named shape of bodies and answers.

use handover::error::Error;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    super::layout::{Crumbs, Layout, Part},
    reference,
    shape::Fields,
    spelled,
};
use crate::{components::curl::Code, context};

pub(super) fn address(name: &str) -> String {
    format!("/api/docs/shapes/{name}")
}

#[component]
pub fn SchemaPage() -> impl IntoView {
    context::page(async {
        context::door()?;
        let reference = reference();
        let name = use_params_map().read_untracked().get("name").unwrap_or_default();
        let schema = reference.schema(&name).ok_or(Error::NotFound("shape"))?.clone();
        let says = schema["description"].as_str().unwrap_or_default().to_owned();
        let written = serde_json::to_string_pretty(&schema).unwrap_or_default();
        let crumbs = vec![("/api/docs".to_owned(), "API".to_owned())];
        Ok(view! {
            <Layout title=name.clone() part=Part::Reference>
                <Crumbs links=crumbs here=name.clone()/>
                <div class="head"><h1>{name}</h1></div>
                <p>{spelled(&says)}</p>
                <section class="card">
                    <header><h2>"Fields"</h2></header>
                    <Fields schema/>
                </section>
                <details><summary>"As JSON Schema"</summary><Code text=written what="the schema"/></details>
            </Layout>
        })
    })
}
