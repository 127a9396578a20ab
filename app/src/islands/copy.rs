//! Copies text to the clipboard. Without scripts the text is there to be selected.

use leptos::prelude::*;

/// A button beside a text that one may want elsewhere.
#[island]
pub fn CopyButton(
    text: String,
    /// What is copied, for those who listen.
    what: String,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    view! {
        <button type="button" class="tiny" on:click=move |_| copy(&text, copied)>
            "Copy"<span class="aside">{format!(" {what}")}</span>
        </button>
        <span role="status" class="small go-text">{move || copied.get().then_some("Copied")}</span>
    }
}

/// `copied` is set when the browser let it happen; on plain http to another host it does not.
pub fn copy(text: &str, copied: RwSignal<bool>) {
    #[cfg(feature = "hydrate")]
    {
        let clipboard = window().navigator().clipboard();
        let written = clipboard.write_text(text);
        leptos::task::spawn_local(async move {
            let done = wasm_bindgen_futures::JsFuture::from(written).await.is_ok();
            copied.set(done);
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (text, copied);
}
