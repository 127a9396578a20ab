//! The keyboard: the palette, and ways through lists and menus.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDetailsElement, HtmlElement, KeyboardEvent};

use super::{on, page::all, palette};

pub(super) fn start() {
    on("keydown", pressed);
    on("click", |event| {
        let target: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
        // What is chosen from a menu and asks over the page gives the focus back to what stays of the menu.
        let asks = |target: &Element| target.closest("a[data-dialog]").ok().flatten().is_some();
        close_menus(target.filter(|target| !asks(target)).as_ref());
    });
}

fn pressed(event: &Event) {
    let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
    let target: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
    match key.key().as_str() {
        "k" if (key.ctrl_key() || key.meta_key()) && palette::is_there() => {
            event.prevent_default();
            palette::open();
        }
        "/" if !is_typing(target.as_ref()) => focus_first("input[type=search]", event),
        "ArrowDown" => step(target.as_ref(), 1, event),
        "ArrowUp" => step(target.as_ref(), -1, event),
        "Escape" => close_menus(None),
        _ => {}
    }
}

fn is_typing(target: Option<&Element>) -> bool {
    target.is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
    })
}

fn focus_first(selector: &str, event: &Event) {
    if let Ok(Some(found)) = document().query_selector(selector)
        && let Some(found) = found.dyn_ref::<HtmlElement>()
    {
        event.prevent_default();
        let _ = found.focus();
    }
}

/// From one choice of a list to the next: in the palette and in menus.
fn step(target: Option<&Element>, by: isize, event: &Event) {
    let Some(list) =
        target.and_then(|target| target.closest("[data-steps], details.menu[open]").ok()?)
    else {
        return;
    };
    let Ok(found) =
        list.query_selector_all("input[type=search], a[href], button:not([tabindex='-1'])")
    else {
        return;
    };
    let choices: Vec<HtmlElement> =
        (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect();
    let active = document().active_element();
    let at = choices
        .iter()
        .position(|choice| active.as_ref().is_some_and(|a| a.is_same_node(Some(choice))));
    let next = match at {
        Some(at) => at.checked_add_signed(by),
        None => Some(0),
    };
    if let Some(choice) = next.and_then(|at| choices.get(at)) {
        event.prevent_default();
        let _ = choice.focus();
    }
}

/// Closes every open menu but the one that `inside` is in.
fn close_menus(inside: Option<&Element>) {
    for menu in all(&document(), "details.menu[open]") {
        let keep = inside.is_some_and(|inside| menu.contains(Some(inside)));
        if !keep && let Some(menu) = menu.dyn_ref::<HtmlDetailsElement>() {
            let held =
                document().active_element().is_some_and(|active| menu.contains(Some(&active)));
            menu.set_open(false);
            let summary = menu.query_selector("summary").ok().flatten();
            if held && let Some(summary) = summary.and_then(|s| s.dyn_into::<HtmlElement>().ok()) {
                let _ = summary.focus();
            }
        }
    }
}
