//! Pages for what can't be shown.

use handover::{
    error::Error,
    model::WorkloadId,
    workloads::{self, Farewell},
};
use http::StatusCode;
use leptos::prelude::*;

use super::layout::{Layout, Part};
use crate::{
    components::{person::person, time::Moment},
    context,
    refusal::Refusal,
};

/// Where something went wrong.
#[derive(Debug, Clone)]
pub struct Wrong {
    /// What the address is about, if that is a workload.
    workload: Option<WorkloadId>,
}

impl Wrong {
    pub fn here() -> Self {
        let path = context::path();
        let id = path.strip_prefix("/workloads/").and_then(|rest| rest.split('/').next());
        Self { workload: id.and_then(|id| id.parse().ok()) }
    }

    /// The page of an error. Of a workload that was deleted it says so to those who could look at it.
    pub async fn page(self, error: Error) -> AnyView {
        if let (Error::NotFound(_), Some(id)) = (&error, &self.workload)
            && let Ok((house, caller)) = context::door()
            && let Ok(Some(gone)) = workloads::farewell(&house, &caller, id).await
        {
            context::status(StatusCode::NOT_FOUND);
            return view! { <Gone gone/> }.into_any();
        }
        plain(error).into_any()
    }
}

#[component]
fn Gone(gone: Farewell) -> impl IntoView {
    let by = gone.by.as_ref().map(|by| format!(" by {}", person(by)));
    view! {
        <Layout title="Deleted" part=Part::Door width="middle">
            <h1>{format!("{} was deleted", gone.name)}</h1>
            <p><Moment at=gone.at/>{by}". Nothing of it runs any more, and its endpoint does not answer. The artifacts that it ran are still there."</p>
            <p><a href="/workloads">"All workloads"</a></p>
        </Layout>
    }
}

/// The page of an error, with the status that belongs to it.
fn plain(error: Error) -> impl IntoView {
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
