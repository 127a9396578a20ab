//! The line that says how fresh the page is.

use std::cell::Cell;

use leptos::prelude::document;

use super::{clock, forms, page};

/// Whether the page is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Connection {
    /// As the server rendered it.
    Still,
    Live,
    Lost,
    /// The page follows nothing, and what was asked for got no answer.
    Unreachable,
    /// Nobody is signed in any more.
    SignedOut,
}

thread_local! {
    static STATE: Cell<(Connection, f64)> = const { Cell::new((Connection::Still, 0.0)) };
}

/// The page shows what the server knows now.
pub(super) fn observed() {
    forms::reached();
    // What was live may be gone, and what is there instead follows nothing.
    if page::all(&document(), "main[data-live]").is_empty() {
        still();
        return hide();
    }
    STATE.set((Connection::Live, page::browser_millis()));
    tick();
}

/// The stream or the server is gone. What is shown is as old as it was last observed.
pub(super) fn lost() {
    let (_, at) = STATE.get();
    STATE.set((Connection::Lost, if at == 0.0 { page::browser_millis() } else { at }));
    tick();
}

/// Something was asked for, and the server is gone.
pub(super) fn unreachable() {
    match STATE.get() {
        (Connection::Still | Connection::Unreachable, _) => {
            STATE.set((Connection::Unreachable, page::browser_millis()));
            tick();
        }
        _ => lost(),
    }
}

/// What is typed here would be lost by going where one signs in.
pub(super) fn signed_out() {
    STATE.set((Connection::SignedOut, page::browser_millis()));
    tick();
}

/// The page follows nothing.
pub(super) fn still() {
    STATE.set((Connection::Still, 0.0));
}

fn hide() {
    if let Some(line) = document().get_element_by_id("freshness") {
        let _ = line.set_attribute("hidden", "");
    }
}

pub(super) fn tick() {
    let Some(line) = document().get_element_by_id("freshness") else { return };
    let (state, at) = STATE.get();
    let age = clock::since(at).0 / 1000;
    let (class, words, aloud) = match state {
        Connection::Still => return,
        Connection::Live => ("live-line", format!("live, observed {age} s ago"), ""),
        Connection::Lost => (
            "live-line lost",
            format!("connection lost, last observed {age} s ago, trying again"),
            "Connection lost, trying again",
        ),
        Connection::Unreachable => (
            "live-line lost",
            format!("the console could not be reached {age} s ago; try again when it is back"),
            "The console can't be reached",
        ),
        Connection::SignedOut => (
            "live-line lost",
            "you are signed out: sign in again in another tab; what you have typed here stays"
                .into(),
            "You are signed out",
        ),
    };
    line.set_class_name(class);
    let _ = line.remove_attribute("hidden");
    for (part, text) in [(".words", words.as_str()), (".aside", aloud)] {
        if let Ok(Some(part)) = line.query_selector(part)
            && part.text_content().as_deref() != Some(text)
        {
            part.set_text_content(Some(text));
        }
    }
}
