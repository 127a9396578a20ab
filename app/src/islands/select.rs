//! Choosing many rows: all at once, and how many there are.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement};

use super::{on, page::all};

pub(super) fn start() {
    on("change", changed);
    show();
}

fn changed(event: &Event) {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    let Some(input) = target else { return };
    if let Some(form) = input.get_attribute("data-select-all") {
        for one in boxes(&form) {
            one.set_checked(input.checked());
        }
    }
    show();
}

/// Shows what stands for a choice only while there is one.
pub(super) fn show() {
    for element in all(&document(), "[data-selected]") {
        let form = element.get_attribute("data-selected").unwrap_or_default();
        toggle(&element, chosen(&form) == 0);
    }
    for element in all(&document(), "[data-selected-count]") {
        let form = element.get_attribute("data-selected-count").unwrap_or_default();
        element.set_text_content(Some(&chosen(&form).to_string()));
    }
    for all_of in all(&document(), "input[data-select-all]") {
        let Some(input) = all_of.dyn_ref::<HtmlInputElement>() else { continue };
        let form = input.get_attribute("data-select-all").unwrap_or_default();
        let (chosen, of) = (chosen(&form), boxes(&form).len());
        input.set_checked(of > 0 && chosen == of);
        input.set_indeterminate(chosen > 0 && chosen < of);
    }
}

fn toggle(element: &Element, hidden: bool) {
    if hidden {
        let _ = element.set_attribute("hidden", "");
    } else {
        let _ = element.remove_attribute("hidden");
    }
}

fn boxes(form: &str) -> Vec<HtmlInputElement> {
    all(&document(), "input[type=checkbox][form]")
        .into_iter()
        .filter(|one| one.get_attribute("form").as_deref() == Some(form))
        .filter_map(|one| one.dyn_into().ok())
        .collect()
}

fn chosen(form: &str) -> usize {
    boxes(form).iter().filter(|one| one.checked()).count()
}
