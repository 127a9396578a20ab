//! The address of a workload, with a button that copies it.

use leptos::prelude::*;

use crate::islands::copy::copy;

#[component]
pub fn Endpoint(url: String) -> impl IntoView {
    let copied = RwSignal::new(false);
    let text = url.clone();
    view! {
        <div class="endpoint">
            <a href=url.clone() class="mono anywhere">{url.clone()}</a>
            <button type="button" class="tiny" on:click=move |_| copy(&text, copied)>
                "Copy"<span class="aside">" the endpoint"</span>
            </button>
            <span role="status" class="small go-text">{move || copied.get().then_some("Copied")}</span>
        </div>
    }
}
