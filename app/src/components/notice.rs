//! What went wrong with the form before, in place. There are no toasts.
//!
//! A server function that was refused sends the browser back with the refusal in the address. Anybody can
//! write such an address, so it is believed only when the browser says that one of our own pages led here.

use base64::{Engine, engine::general_purpose::URL_SAFE};
use http::request::Parts;
use leptos::{prelude::*, server_fn::error::FromServerFnError};
use leptos_router::hooks::use_query_map;

use crate::{context, refusal::Refusal};

/// A refusal as a banner.
#[component]
pub fn Refused(refusal: Option<Refusal>) -> impl IntoView {
    refusal.map(|refusal| {
        // A fault that no field of the form shows must not be lost.
        let several = (refusal.fields.len() > 1).then(|| {
            let items = refusal
                .fields
                .iter()
                .map(|fault| view! { <li>{format!("{}: {}", fault.field, fault.message)}</li> });
            view! { <ul>{items.collect_view()}</ul> }
        });
        view! { <div class="banner bad" role="alert" data-key="refused"><p>{refusal.message}</p>{several}</div> }
    })
}

/// What came of the form before: a refusal that the address carries, if it can be believed, or what was done.
#[component]
pub fn Notice() -> impl IntoView {
    let said = Suspend::new(async {
        context::take_said().await.map(|words| {
            view! { <div id="said" class="banner go" role="status" data-still=""><p>{words}</p></div> }
        })
    });
    view! { <Refused refusal=told()/>{said} }
}

fn told() -> Option<Refusal> {
    let text = use_query_map().read_untracked().get("__err")?;
    let believed = use_context::<Parts>().is_some_and(|parts| {
        let site = parts.headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
        // Without the header (plain http to another host) the browser can't say.
        matches!(site, None | Some("same-origin"))
    });
    let bytes = URL_SAFE.decode(text).ok()?;
    believed.then(|| Refusal::de(bytes.into()))
}
