//! Pages for what can't be shown.

use handover::error::Error;
use http::StatusCode;
use leptos::prelude::*;

use super::layout::{Layout, Part};
use crate::{context, refusal::Refusal};

/// The page of an error, with the status that belongs to it.
pub fn page(error: Error) -> impl IntoView {
    let (code, title) = match &error {
        Error::NotFound(_) => (StatusCode::NOT_FOUND, "Not here"),
        Error::Unauthorized | Error::Forbidden(_) => (StatusCode::FORBIDDEN, "Not for you"),
        error if error.is_passing() => (StatusCode::SERVICE_UNAVAILABLE, "Not right now"),
        Error::Store(_) => (StatusCode::INTERNAL_SERVER_ERROR, "Something is wrong here"),
        _ => (StatusCode::BAD_REQUEST, "That did not work"),
    };
    context::status(code);
    let refusal = Refusal::from(error);
    view! { <Plain title text=refusal.message/> }
}

/// An address that no page has.
#[component]
pub fn NoPage() -> impl IntoView {
    context::status(StatusCode::NOT_FOUND);
    view! { <Plain title="Not here" text="There is no page at this address.".to_owned()/> }
}

#[component]
fn Plain(title: &'static str, text: String) -> impl IntoView {
    view! {
        <Layout title part=Part::Door width="middle">
            <h1>{title}</h1>
            <p>{text}</p>
            <p><a href="/workloads">"All workloads"</a></p>
        </Layout>
    }
}
