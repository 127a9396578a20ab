//! The small line under a stage's name: a time, how long it took, or how long it will. Times keep ticking and
//! are put into the reader's zone in the browser, so they are kept apart from the words.

use handover::model::{Millis, Timestamp};
use leptos::prelude::*;

use crate::components::{
    format::minutes,
    time::{Clock, Countdown, Running},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Under {
    Nothing,
    Words(&'static str),
    At(Timestamp),
    /// How long it took.
    After(Millis),
    Length(Millis),
    /// Going on since then.
    SoFar(Timestamp),
    HeldFor(Timestamp),
    /// Going on since then, and this long in all.
    Of {
        since: Timestamp,
        whole: Millis,
    },
    Left(Timestamp),
}

impl Under {
    pub fn view(self) -> impl IntoView {
        match self {
            Self::Nothing => ().into_any(),
            Self::Words(words) => words.into_any(),
            Self::At(at) => view! { <Clock at/> }.into_any(),
            Self::After(length) => format!("after {length}").into_any(),
            Self::Length(length) => minutes(length).into_any(),
            Self::SoFar(since) => view! { <Running since/>" so far" }.into_any(),
            Self::HeldFor(since) => view! { "for "<Running since/> }.into_any(),
            Self::Of { since, whole } => {
                view! { <Running since/>{format!(" of {}", minutes(whole))} }.into_any()
            }
            Self::Left(until) => view! { <Countdown until/>" left" }.into_any(),
        }
    }
}
