//! An open dialog is an entry of the browser's history, whose state is the path it shows: Back closes it, Forward
//! and reloading open it again, and where it leads to takes its place.

use leptos::prelude::window;
use wasm_bindgen::JsValue;
use web_sys::History;

fn history() -> Option<History> {
    window().history().ok()
}

/// What the entry that is shown says is open.
pub(super) fn dialog() -> Option<String> {
    history()?.state().ok()?.as_string()
}

/// Makes what is open an entry, or this entry another one's.
pub(super) fn open(path: &str) {
    let Some(history) = history() else { return };
    let state = JsValue::from_str(path);
    let _ = match dialog() {
        Some(_) => history.replace_state_with_url(&state, "", None),
        None => history.push_state_with_url(&state, "", None),
    };
}

/// What was open is closed: its entry is left.
pub(super) fn close() {
    if let (Some(_), Some(history)) = (dialog(), history()) {
        let _ = history.back();
    }
}

/// Another page is shown in the place of this one, without being loaded. From a dialog it takes the dialog's place.
pub(super) fn move_to(path: &str) {
    let Some(history) = history() else { return };
    let _ = match dialog() {
        Some(_) => history.replace_state_with_url(&JsValue::NULL, "", Some(path)),
        None => history.push_state_with_url(&JsValue::NULL, "", Some(path)),
    };
}

/// Leaves for another page. From a dialog it takes the dialog's place.
pub(super) fn leave_for(path: &str) {
    let location = window().location();
    let _ = match dialog() {
        Some(_) => location.replace(path),
        None => location.assign(path),
    };
}
