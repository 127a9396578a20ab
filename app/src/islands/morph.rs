//! Makes a part of the page look like another one, touching only what differs.
//!
//! What stays the same stays the same element: it keeps its focus, its scroll position, its open state and its
//! running transition. Elements find each other by `id`, then by `data-key`, then by their tag in order.
//! Known limitation: an unkeyed element that moves among its like is not moved but rewritten.

use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlInputElement, HtmlOptionElement, HtmlTextAreaElement, Node};

/// Whose word counts when a person has typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// A look at what is now: a form that a person has touched is left alone.
    Look,
    /// The answer to what was typed: only the control that has the focus keeps what it holds.
    Answer,
    /// The same, asked for anew because something else has changed: what was said of the last action stays.
    Again,
}

/// Gives `from` the attributes and children of `to`.
pub(super) fn morph(document: &Document, mode: Mode, from: &Element, to: &Element) {
    if from.is_equal_node(Some(to)) && mode == Mode::Look || is_left_alone(mode, from) {
        return;
    }
    attributes(from, to);
    control(document, mode, from, to);
    if !from.is_instance_of::<HtmlTextAreaElement>() {
        children(document, mode, from, to);
    }
}

fn is_left_alone(mode: Mode, element: &Element) -> bool {
    let still = element.has_attribute("data-still") || element.has_attribute("data-dirty");
    element.tag_name().eq_ignore_ascii_case("leptos-island") || mode == Mode::Look && still
}

/// What the browser or a behaviour sets, and not the server.
fn is_ours(element: &Element, name: &str) -> bool {
    match name {
        "data-dirty" | "aria-busy" => true,
        "open" => matches!(element.tag_name().as_str(), "DETAILS" | "DIALOG"),
        "hidden" => element.has_attribute("data-selected"),
        _ => false,
    }
}

fn attributes(from: &Element, to: &Element) {
    for name in names(from) {
        if !to.has_attribute(&name) && !is_ours(from, &name) {
            let _ = from.remove_attribute(&name);
        }
    }
    for name in names(to) {
        let value = to.get_attribute(&name);
        if value != from.get_attribute(&name) && !is_ours(from, &name) {
            let _ = from.set_attribute(&name, value.as_deref().unwrap_or_default());
        }
    }
}

fn names(element: &Element) -> Vec<String> {
    element.get_attribute_names().iter().filter_map(|name| name.as_string()).collect()
}

/// What a control holds is not what its attribute says once somebody has typed.
fn control(document: &Document, mode: Mode, from: &Element, to: &Element) {
    if document.active_element().is_some_and(|active| active == *from) {
        return;
    }
    if let (Some(from), Some(to)) =
        (from.dyn_ref::<HtmlInputElement>(), to.dyn_ref::<HtmlInputElement>())
    {
        let typed = !matches!(from.type_().as_str(), "checkbox" | "radio" | "file");
        if typed && from.value() != to.value() {
            from.set_value(&to.value());
        }
        if mode != Mode::Look && !typed {
            from.set_checked(to.has_attribute("checked"));
        }
    } else if let (Some(from), Some(to)) =
        (from.dyn_ref::<HtmlTextAreaElement>(), to.dyn_ref::<HtmlTextAreaElement>())
    {
        if from.value() != to.value() {
            from.set_value(&to.value());
        }
    } else if let (Some(from), Some(to)) =
        (from.dyn_ref::<HtmlOptionElement>(), to.dyn_ref::<HtmlOptionElement>())
        && from.selected() != to.default_selected()
        && to.default_selected()
    {
        from.set_selected(true);
    }
}

fn children(document: &Document, mode: Mode, from: &Element, to: &Element) {
    let mut next = from.first_child();
    let mut wanted = to.first_child();
    while let Some(child) = wanted {
        wanted = child.next_sibling();
        // It stays where it was said.
        while let Some(said) = next.clone().filter(|next| stays(mode, next, to)) {
            next = said.next_sibling();
        }
        match partner(next.as_ref(), &child) {
            Some(found) => {
                if next.as_ref().is_some_and(|next| next.is_same_node(Some(&found))) {
                    next = found.next_sibling();
                } else {
                    let _ = from.insert_before(&found, next.as_ref());
                }
                one(document, mode, &found, &child);
            }
            None => {
                if let Ok(made) = document.import_node_with_deep(&child, true) {
                    let _ = from.insert_before(&made, next.as_ref());
                }
            }
        }
    }
    while let Some(rest) = next {
        next = rest.next_sibling();
        if mode == Mode::Answer || !is_said(&rest) {
            let _ = from.remove_child(&rest);
        }
    }
}

/// Whether it is something that was said and that `to` says nothing of.
fn stays(mode: Mode, node: &Node, to: &Element) -> bool {
    let Some(known) = key(node).filter(|_| mode != Mode::Answer && is_said(node)) else {
        return false;
    };
    let mut at = to.first_child();
    while let Some(other) = at {
        if key(&other).as_ref() == Some(&known) {
            return false;
        }
        at = other.next_sibling();
    }
    true
}

/// What came of an action is said once, and stays until the person goes on.
fn is_said(node: &Node) -> bool {
    node.dyn_ref::<Element>().is_some_and(|element| {
        element.has_attribute("data-still")
            || element.get_attribute("role").as_deref() == Some("alert")
    })
}

fn one(document: &Document, mode: Mode, from: &Node, to: &Node) {
    match (from.dyn_ref::<Element>(), to.dyn_ref::<Element>()) {
        (Some(from), Some(to)) => morph(document, mode, from, to),
        _ if from.node_value() != to.node_value() => {
            from.set_node_value(to.node_value().as_deref());
        }
        _ => {}
    }
}

/// The node, at `next` or after it, that is the same thing as `wanted`.
fn partner(next: Option<&Node>, wanted: &Node) -> Option<Node> {
    let mut at = next.cloned();
    if let Some(key) = key(wanted) {
        while let Some(node) = at {
            if self::key(&node).as_ref() == Some(&key) && node.node_name() == wanted.node_name() {
                return Some(node);
            }
            at = node.next_sibling();
        }
        return None;
    }
    // Nodes before the next that is alike are gone; but one with a key may still be wanted later.
    while let Some(node) = at {
        let alike =
            node.node_type() == wanted.node_type() && node.node_name() == wanted.node_name();
        if alike && key(&node).is_none() {
            return Some(node);
        }
        at = node.next_sibling();
    }
    None
}

fn key(node: &Node) -> Option<String> {
    let element = node.dyn_ref::<Element>()?;
    // Not its property: a form's would be the control called "id".
    element.get_attribute("id").or_else(|| element.get_attribute("data-key"))
}
