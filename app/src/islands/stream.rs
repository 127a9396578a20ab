//! Follows the stream that the page names, and looks at the page again when it says that something changed.
//!
//! `EventSource` comes back by itself after a lost connection, but it gives up for good after an answer other
//! than 200, so it is made anew when it is closed. A hidden tab closes it: a browser allows six connections to
//! a host, and a seventh tab must not hang.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use leptos::{
    prelude::{document, set_timeout},
    task::spawn_local,
};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Event, EventSource, VisibilityState};

use super::{freshness, on, page};

/// Between a connection that the browser has given up and the next try.
const PAUSE: Duration = Duration::from_secs(2);

struct Open {
    url: String,
    source: EventSource,
    _heard: [Closure<dyn Fn(Event)>; 3],
}

impl Drop for Open {
    fn drop(&mut self) {
        self.source.close();
    }
}

thread_local! {
    static OPEN: RefCell<Option<Open>> = const { RefCell::new(None) };
    /// Whether there was a stream before.
    static OPENED: Cell<bool> = const { Cell::new(false) };
}

pub(super) fn start() {
    follow();
    on("visibilitychange", |_| {
        if is_hidden() {
            close();
        } else {
            follow();
        }
    });
}

/// Follows what the page that is shown wants to follow, if it does not already.
pub(super) fn follow() {
    let wanted = document()
        .query_selector("main[data-live]")
        .ok()
        .flatten()
        .and_then(|main| main.get_attribute("data-live"));
    let known = OPEN.with_borrow(|open| open.as_ref().map(|open| open.url.clone()));
    if is_hidden() || wanted == known {
        return;
    }
    close();
    let Some(url) = wanted else { return freshness::still() };
    let Ok(source) = EventSource::new(&url) else { return };
    let heard = [
        Closure::new(|_: Event| spawn_local(page::look())),
        Closure::new(|_: Event| opened()),
        Closure::new(|_: Event| failed()),
    ];
    for (name, closure) in ["look", "open", "error"].into_iter().zip(&heard) {
        let _ = source.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    }
    OPEN.set(Some(Open { url, source, _heard: heard }));
}

fn close() {
    drop(OPEN.take());
}

/// The page was rendered a moment ago, or, after a time without a stream, it was not.
fn opened() {
    if OPENED.replace(true) {
        spawn_local(page::look());
    } else {
        freshness::observed();
    }
}

fn failed() {
    freshness::lost();
    let closed = OPEN.with_borrow(|open| {
        open.as_ref().is_some_and(|open| open.source.ready_state() == EventSource::CLOSED)
    });
    if closed {
        // Not from within its own listener: closing drops that.
        set_timeout(
            || {
                close();
                follow();
            },
            PAUSE,
        );
    }
}

fn is_hidden() -> bool {
    document().visibility_state() == VisibilityState::Hidden
}
