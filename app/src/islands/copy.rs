//! `<button data-copy=text>`: copies text to the clipboard and says so. Without scripts the text is there to be
//! selected.

use std::time::Duration;

use leptos::{
    prelude::{document, set_timeout, window},
    task::spawn_local,
};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Element;

use super::on;

const SAID: Duration = Duration::from_secs(2);

pub(super) fn start() {
    on("click", |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let button = target.and_then(|target| target.closest("[data-copy]").ok()?);
        if let Some(button) = button {
            let text = button.get_attribute("data-copy").unwrap_or_default();
            spawn_local(copy(button, text));
        }
    });
}

/// On plain http to another host a browser has no clipboard for us.
async fn copy(button: Element, text: String) {
    let clipboard = window().navigator().clipboard();
    let done =
        !clipboard.is_undefined() && JsFuture::from(clipboard.write_text(&text)).await.is_ok();
    let words = if done { "Copied" } else { "Not allowed here: select and copy" };
    let Ok(said) = document().create_element("span") else { return };
    said.set_class_name("small go-text copied");
    let _ = said.set_attribute("role", "status");
    let _ = button.after_with_node_1(&said);
    said.set_text_content(Some(words));
    set_timeout(move || said.remove(), SAID);
}
