//! Times. The server writes what is true while it renders, in the zone of the person who reads; the browser keeps
//! relative times true (`islands::clock`).

use handover::model::Timestamp;
use leptos::prelude::*;

use super::{
    format::{ago, minutes, roughly},
    zone::{clock, day_time},
};
use crate::context;

/// When something was or will be: `today 14:25`.
#[component]
pub fn When(
    at: Timestamp,
    /// The time of day alone, with seconds: for what happened within minutes.
    #[prop(optional)]
    seconds: bool,
) -> impl IntoView {
    let (now, zone) = (context::now(), context::zone());
    let text = if seconds {
        format!("{}{}", clock(at, &zone), zone.suffix())
    } else {
        day_time(at, now, &zone)
    };
    view! { <time class="nowrap" datetime=at.to_string() title=at.to_string()>{text}</time> }
}

/// How long ago something was: `4 min ago`.
#[component]
pub fn Ago(at: Timestamp) -> impl IntoView {
    let text = ago(at, context::now());
    view! { <time class="nowrap" datetime=at.to_string() title=at.to_string() data-ago=at.micros()>{text}</time> }
}

/// How long it is until something: `7 h 12 min`.
#[component]
pub fn Left(until: Timestamp) -> impl IntoView {
    let text = roughly(until.since(context::now()));
    view! { <time class="nowrap" datetime=until.to_string() title=until.to_string() data-left=until.micros()>{text}</time> }
}

/// How long something has been going on: `2:06`.
#[component]
pub fn Running(since: Timestamp) -> impl IntoView {
    let text = minutes(context::now().since(since));
    view! { <time class="nowrap" datetime=since.to_string() title=since.to_string() data-running=since.micros()>{text}</time> }
}

/// How long it is until something, to the second: `0:42`.
#[component]
pub fn Countdown(until: Timestamp) -> impl IntoView {
    let text = minutes(until.since(context::now()));
    view! { <time class="nowrap" datetime=until.to_string() title=until.to_string() data-countdown=until.micros()>{text}</time> }
}
