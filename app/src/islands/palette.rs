//! The palette opens at once, before the server has said what there is to go to: what is typed meanwhile stands in it.

use leptos::{prelude::document, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlTemplateElement, Node};

use super::{dialog, forms, page};

/// The link to it, which nobody has who is not signed in.
pub(super) const LINK: &str = "palette-link";
/// What it looks like before it is filled.
const BLANK: &str = "palette-blank";

pub(super) fn is_there() -> bool {
    document().get_element_by_id(LINK).is_some()
}

pub(super) fn open() {
    // It would take the place of a dialog that something is typed into.
    if dialog::is_typed() {
        return;
    }
    let from = page::here();
    let path = format!("/palette?from={}", forms::escaped(&from));
    spawn_local(dialog::open(path, blank(&from)));
}

fn blank(from: &str) -> Option<Node> {
    let template = document().get_element_by_id(BLANK)?.dyn_into::<HtmlTemplateElement>().ok()?;
    let blank = document().import_node_with_deep(&template.content(), true).ok()?;
    let origin = blank.dyn_ref::<web_sys::DocumentFragment>()?.query_selector("[name=from]");
    if let Some(origin) = origin.ok().flatten()?.dyn_ref::<HtmlInputElement>() {
        origin.set_value(from);
    }
    Some(blank)
}
