//! The address of a workload, with a button that copies it.

use leptos::prelude::*;

use super::curl::CopyButton;

#[component]
pub fn Endpoint(url: String) -> impl IntoView {
    view! {
        <div class="endpoint">
            <a href=url.clone() class="mono anywhere">{url.clone()}</a>
            <CopyButton text=url what="the endpoint"/>
        </div>
    }
}
