//! Times on the page, kept true while it is open.
//!
//! Time is the server's: what it said when it rendered the page plus what has passed here since. A browser with
//! a wrong clock still counts down correctly.

use std::{cell::Cell, time::Duration};

use handover::model::{Millis, Timestamp};
use leptos::prelude::{document, set_interval};
use web_sys::Element;

use super::{freshness, page};
use crate::format::{ago, minutes, roughly};

thread_local! {
    /// What the server's clock is ahead of ours, in milliseconds.
    static AHEAD: Cell<f64> = const { Cell::new(0.0) };
}

pub(super) fn start() {
    set();
    set_interval(tick, Duration::from_secs(1));
}

/// Takes over what the page says the time is.
pub(super) fn set() {
    if let Some(at) = number(document().query_selector("main").ok().flatten().as_ref(), "data-now")
    {
        AHEAD.set(at / 1000.0 - page::browser_millis());
    }
    tick();
}

/// The server's time.
fn now() -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "microseconds of a clock")]
    let micros = ((page::browser_millis() + AHEAD.get()) * 1000.0) as i64;
    Timestamp::from_micros(micros)
}

fn tick() {
    let now = now();
    for element in
        page::all(&document(), "[data-ago], [data-left], [data-running], [data-countdown]")
    {
        let shown = |name: &str, words: &dyn Fn(Timestamp) -> String| {
            let at = number(Some(&element), name).map(micros)?;
            Some(words(Timestamp::from_micros(at)))
        };
        let text = shown("data-ago", &|at| ago(at, now))
            .or_else(|| shown("data-left", &|at| roughly(at.since(now))))
            .or_else(|| shown("data-running", &|at| minutes(now.since(at))))
            .or_else(|| shown("data-countdown", &|at| minutes(at.since(now))));
        if text != element.text_content() {
            element.set_text_content(text.as_deref());
        }
    }
    freshness::tick();
}

fn number(element: Option<&Element>, name: &str) -> Option<f64> {
    element?.get_attribute(name)?.parse().ok()
}

#[expect(clippy::cast_possible_truncation, reason = "microseconds of a clock")]
fn micros(number: f64) -> i64 {
    number as i64
}

/// How long ago `then` (milliseconds of this browser's clock) was.
pub(super) fn since(then: f64) -> Millis {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "milliseconds of a clock"
    )]
    Millis((page::browser_millis() - then).max(0.0) as u64)
}
