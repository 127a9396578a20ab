//! Forms: sent without leaving the page, checked while one types, and not lost.

use std::{cell::Cell, time::Duration};

use js_sys::{Array, encode_uri_component};
use leptos::{
    prelude::{document, set_timeout, window},
    task::spawn_local,
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    BeforeUnloadEvent, Element, Event, FormData, HtmlElement, HtmlFormElement, MouseEvent,
    SubmitEvent, UrlSearchParams,
};

use super::{
    dialog,
    morph::Mode,
    on, on_window,
    page::{self, Ask, Missing, Page},
};

/// Typing pauses this long before what is typed is checked.
const PAUSE: Duration = Duration::from_millis(250);

/// On a banner that says so.
const UNREACHED: &str = "data-unreached";

thread_local! {
    static TYPED: Cell<u64> = const { Cell::new(0) };
}

pub(super) fn start() {
    on("click", clicked);
    on("submit", submit);
    on("input", touched);
    on("change", touched);
    on_window("beforeunload", |event| {
        let dirty = !page::all(&document(), "form[data-guard][data-dirty]").is_empty();
        if dirty && let Some(event) = event.dyn_ref::<BeforeUnloadEvent>() {
            event.prevent_default();
            event.set_return_value("unsaved");
        }
    });
}

/// The second press of a double click may meet another button than the first: what was pressed has been answered by
/// then.
fn clicked(event: &Event) {
    let Some(mouse) = event.dyn_ref::<MouseEvent>() else { return };
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let button =
        target.and_then(|target| target.closest("form button[type=submit]").ok().flatten());
    if mouse.detail() > 1 && button.is_some() {
        event.prevent_default();
    }
}

fn submit(event: &Event) {
    let Some(event) = event.dyn_ref::<SubmitEvent>() else { return };
    let target = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
    let Some(form) = target else { return };
    let submitter = event.submitter().map(Element::from);
    let ours = form.has_attribute("data-inline") || dialog::holds(&form);
    let refused = submitter
        .as_ref()
        .is_some_and(|button| button.get_attribute("aria-disabled").as_deref() == Some("true"));
    // A button may say that it sends the form another way than the form says of itself.
    let method = submitter.as_ref().and_then(|button| button.get_attribute("formmethod"));
    let method = method.unwrap_or_else(|| attribute(&form, "method"));
    let posts = method.eq_ignore_ascii_case("post");
    if refused || form.has_attribute("aria-busy") {
        event.prevent_default();
    } else if ours && posts {
        event.prevent_default();
        spawn_local(send(form, submitter));
    } else if form.has_attribute("data-check") && !posts {
        event.prevent_default();
        spawn_local(async move {
            check(form.clone(), Mode::Answer).await;
            take_first(&form);
        });
    } else {
        // Its answer is another page; nothing is lost by that.
        let _ = form.remove_attribute("data-dirty");
        if ours && let Some(query) = body(&form, submitter.as_ref()) {
            event.prevent_default();
            let query = String::from(query.unchecked_into::<UrlSearchParams>().to_string());
            page::go(&format!("{}?{query}", attribute(&form, "action")));
        }
    }
}

/// Sends a form, and shows the page that the answer is.
async fn send(form: HtmlFormElement, submitter: Option<Element>) {
    let Some(body) = body(&form, submitter.as_ref()) else { return };
    // What was typed is in what is sent. A check that still waits would show its answer on the page that comes.
    TYPED.set(TYPED.get() + 1);
    let dialog = dialog::of(&form);
    let from = dialog.as_ref().map_or_else(page::here, dialog::Dialog::path);
    let url = submitter.and_then(|button| button.get_attribute("formaction"));
    let url = url.unwrap_or_else(|| attribute(&form, "action"));
    let _ = form.set_attribute("aria-busy", "true");
    let answer = page::fetch(&url, Ask::Post { body, from: &from }).await;
    let _ = form.remove_attribute("aria-busy");
    match answer {
        Ok(answer) => match dialog {
            Some(dialog) if answer.place() == dialog.place() => dialog.show(&answer),
            Some(dialog) => {
                dialog.close();
                page::arrive(&answer);
            }
            None => page::arrive(&answer),
        },
        Err(Missing::NotAPage) => page::reload(),
        Err(Missing::Unreachable) => {
            say(
                &form,
                "The console can't be reached. Nothing is known to be done: try again when it is back.",
            );
        }
    }
}

/// What the browser would send.
fn body(form: &HtmlFormElement, submitter: Option<&Element>) -> Option<JsValue> {
    let data = FormData::new_with_form(form).ok()?;
    if let Some(name) = submitter.and_then(|button| button.get_attribute("name")) {
        let value = submitter.and_then(|button| button.get_attribute("value")).unwrap_or_default();
        data.append_with_str(&name, &value).ok()?;
    }
    if attribute(form, "enctype").eq_ignore_ascii_case("multipart/form-data") {
        return Some(data.into());
    }
    UrlSearchParams::new_with_str_sequence_sequence(&Array::from(&data)).ok().map(JsValue::from)
}

/// Marks the form as typed into, and has it checked when it wants that.
fn touched(event: &Event) {
    let control = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(form) = control.and_then(|control| owner(&control)) else { return };
    let _ = form.set_attribute("data-dirty", "");
    if !form.has_attribute("data-check") {
        return;
    }
    let typed = TYPED.get() + 1;
    TYPED.set(typed);
    set_timeout(
        move || {
            if TYPED.get() == typed {
                spawn_local(check(form, Mode::Answer));
            }
        },
        PAUSE,
    );
}

/// The form of a control, also of one that names it by `form=`.
fn owner(control: &Element) -> Option<HtmlFormElement> {
    let form = match control.get_attribute("form") {
        Some(id) => document().get_element_by_id(&id)?,
        None => control.closest("form").ok()??,
    };
    form.dyn_into().ok()
}

/// Shows what the page says of what is typed.
async fn check(form: HtmlFormElement, mode: Mode) {
    let dialog = dialog::of(&form);
    let from = dialog.as_ref().map_or_else(page::here, dialog::Dialog::path);
    let Some(body) = body(&form, None) else { return };
    let typed = TYPED.get();
    let posts = attribute(&form, "method").eq_ignore_ascii_case("post");
    let answer = if posts {
        page::fetch(&attribute(&form, "data-check"), Ask::Check(Some((body, &from)))).await
    } else {
        let path = attribute(&form, "action");
        let query = String::from(body.unchecked_into::<UrlSearchParams>().to_string());
        page::fetch(&format!("{path}?{query}"), Ask::Check(None)).await
    };
    match answer {
        Ok(answer) if answer.is_newest() && TYPED.get() == typed => {
            checked(&answer, dialog, posts, mode);
        }
        // Typed on meanwhile.
        Ok(_) => {}
        Err(Missing::NotAPage) => page::reload(),
        Err(Missing::Unreachable) => {
            say(&form, "The console can't be reached, so this is not checked.");
        }
    }
}

/// Enter in what is searched for takes the first of what was found, where that is a list of ways to go.
fn take_first(form: &HtmlFormElement) {
    let Ok(Some(list)) = form.closest("[data-steps]") else { return };
    let first = list.query_selector("li a[href], li button[type=submit]").ok().flatten();
    if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
        first.click();
    }
}

/// A look leaves a form alone that is being filled in, and what the page says of it would grow old meanwhile. So
/// that is asked for anew, with what is typed now.
pub(super) fn check_again() {
    for form in page::all(&document(), "form[data-dirty][data-check][method=post]") {
        if let Ok(form) = form.dyn_into::<HtmlFormElement>() {
            spawn_local(check(form, Mode::Again));
        }
    }
}

fn checked(answer: &Page, dialog: Option<dialog::Dialog>, posted: bool, mode: Mode) {
    match dialog {
        Some(dialog) if answer.place() == dialog.place() => dialog.show_as(answer, mode),
        _ => {
            // A filter is part of the address, so that it can be kept and sent on.
            if !posted && let Ok(history) = window().history() {
                let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&answer.path));
            }
            page::show(answer, mode);
        }
    }
}

/// The console is reached again, and what said that it was not is over.
pub(super) fn reached() {
    for banner in page::all(&document(), &format!("[{UNREACHED}]")) {
        banner.remove();
    }
}

/// Says beside the form why nothing happened.
fn say(form: &HtmlFormElement, words: &str) {
    let Ok(banner) = document().create_element("p") else { return };
    banner.set_class_name("banner bad");
    let _ = banner.set_attribute("role", "alert");
    let _ = banner.set_attribute(UNREACHED, "");
    banner.set_text_content(Some(words));
    let before = form.query_selector(":scope > .banner[role=alert]").ok().flatten();
    if let Some(before) = before {
        before.remove();
    }
    let _ = form.prepend_with_node_1(&banner);
}

fn attribute(form: &HtmlFormElement, name: &str) -> String {
    form.get_attribute(name).unwrap_or_default()
}

/// Text as part of a query.
pub(super) fn escaped(text: &str) -> String {
    encode_uri_component(text).into()
}
