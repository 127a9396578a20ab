//! The API call that does what the form beside it does.

use leptos::prelude::*;

use crate::context;

/// A call with a body, ready to paste. `path` begins below `/api/v2`.
pub fn call(method: &str, path: &str, body: Option<&serde_json::Value>) -> String {
    call_at(method, &format!("/api/v2{path}"), body)
}

/// The same for a whole path.
pub fn call_at(method: &str, path: &str, body: Option<&serde_json::Value>) -> String {
    let url = &context::house().settings.public_url;
    let mut text =
        format!("curl -X {method} {url}{path} \\\n  -H \"Authorization: Bearer $HANDOVER_TOKEN\"");
    if let Some(body) = body {
        // A quote inside single quotes, as shells want it.
        let body = body.to_string().replace('\'', r"'\''");
        text.push_str(&format!(" \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'"));
    }
    text
}

/// Folded away beside a submit button.
#[component]
pub fn ApiCall(text: String) -> impl IntoView {
    view! {
        <details class="end">
            <summary>"As an API call"</summary>
            <Code text what="the API call"/>
        </details>
    }
}

/// A button beside a text that one may want elsewhere. It needs scripts; the text is there to be selected.
#[component]
pub fn CopyButton(
    text: String,
    /// What is copied, for those who listen.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    view! {
        <button type="button" class="tiny needs-scripts" data-copy=text>"Copy"<span class="aside">{format!(" {what}")}</span></button>
    }
}

/// Code with a button that copies it.
#[component]
pub fn Code(text: String, #[prop(into)] what: String) -> impl IntoView {
    view! {
        <div class="code-block">
            <pre class="code">{text.clone()}</pre>
            <div class="code-head"><CopyButton text what/></div>
        </div>
    }
}
