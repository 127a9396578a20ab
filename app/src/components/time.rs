//! Times. The server writes what is true while it renders, in the zone of the person who reads; the browser keeps
//! relative times true (`islands::clock`).

use handover::model::Timestamp;
use leptos::prelude::*;

use super::{
    format::{ago, minutes, roughly},
    zone::{clock, day_second, day_time},
};
use crate::context;

/// When something was or will be: `today 14:25`.
#[component]
pub fn When(at: Timestamp) -> impl IntoView {
    time(at, day_time(at, context::now(), &context::zone()))
}

/// The same to the second, for records of what was done: `today 14:25:02`.
#[component]
pub fn Moment(at: Timestamp) -> impl IntoView {
    time(at, day_second(at, context::now(), &context::zone()))
}

/// The time of day to the second, for what happened within minutes: `14:25:02`.
#[component]
pub fn Clock(at: Timestamp) -> impl IntoView {
    let zone = context::zone();
    time(at, format!("{}{}", clock(at, &zone), zone.suffix()))
}

fn time(at: Timestamp, text: String) -> impl IntoView {
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
