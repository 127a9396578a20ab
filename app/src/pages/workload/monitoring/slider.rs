//! The time as two sliders, from and until, over all that may have been kept.
//!
//! Each is a control of its own, so both are reached by the keyboard, say what they stand for, and can't cover each
//! other. They tell whole minutes since 1970, which mean the same when the address is opened later; the page then
//! leads to the address with the times in words. Known limitation: with scripts off the words beside them are those
//! of the last answer.

use handover::model::{Millis, Period, Timestamp};
use leptos::prelude::*;

use super::asked::Asked;
use crate::{components::chart::moment, zone::Zone};

pub const FROM: &str = "fromMinute";
const UNTIL: &str = "untilMinute";

/// What is kept of a locked version.
const MOST: Millis = Millis::hours(30 * 24);
/// Something young has at least this to choose from.
const LEAST: Millis = Millis::hours(1);
/// Positions of a slider, about. More can't be told apart.
const POSITIONS: i64 = 300;
/// Minutes from one position to the next.
const STEPS: [i64; 6] = [1, 5, 15, 30, 60, 180];

const MINUTE: i64 = 60_000_000;
/// From 1970 to beyond the life of anything that runs today.
const EVER: std::ops::Range<i64> = 0..100_000_000;

/// Where the two stand, in minutes since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slider {
    first: i64,
    last: i64,
    step: i64,
    from: i64,
    until: i64,
}

impl Slider {
    /// For something that has been there so long.
    fn of(shown: Period, age: Millis, now: Timestamp) -> Self {
        let length = i64::try_from(age.0.clamp(LEAST.0, MOST.0) / 60_000).unwrap_or(60);
        let last = now.micros().div_euclid(MINUTE) + 1;
        let step = STEPS.into_iter().find(|step| length / step <= POSITIONS).unwrap_or(180);
        // Positions are counted from the first one, and the last must be one of them.
        let first = last - (length + step - 1) / step * step;
        let nearest = |minute: i64| {
            let minutes = (minute - first).clamp(0, last - first);
            first + (minutes + step / 2) / step * step
        };
        let from = nearest(shown.start.micros().div_euclid(MINUTE));
        let until = nearest((shown.end.micros() - 1).div_euclid(MINUTE) + 1);
        Self { first, last, step, from, until }
    }
}

/// What they were moved to; either may be the later one.
pub fn read(query: impl Fn(&str) -> Option<String>) -> Option<Period> {
    let minute = |name| query(name)?.parse::<i64>().ok().filter(|minute| EVER.contains(minute));
    let (one, other) = (minute(FROM)?, minute(UNTIL)?);
    let (start, end) = (one.min(other), one.max(other).max(one.min(other) + 1));
    let at = |minute: i64| Timestamp::from_micros(minute * MINUTE);
    Some(Period { start: at(start), end: at(end) })
}

/// A form of its own: beside times that were typed it would not be known which of the two is meant.
#[component]
pub fn Sliders(
    asked: Asked,
    shown: Period,
    age: Millis,
    now: Timestamp,
    zone: Zone,
) -> impl IntoView {
    let slider = Slider::of(shown, age, now);
    let Slider { first, last, step, .. } = slider;
    // Where they stand is the nearest position; what is shown may lie between two, or before the first.
    let one = move |id: &'static str, label: &'static str, value: i64, at: Timestamp| {
        let words = moment(at, &zone);
        view! {
            <label for=id>{label}</label>
            <input type="range" id=id name=id min=first max=last step=step value=value aria-valuetext=words.clone()/>
            <output for=id>{words}</output>
        }
    };
    let kept = asked.besides().into_iter().map(|(name, value)| {
        view! { <input type="hidden" name=name value=value/> }
    });
    view! {
        <form method="get" action=asked.path() data-check="" id="slide" class="slide" aria-label="The time, by sliding">
            {kept.collect_view()}
            {one(FROM, "From", slider.from, shown.start)}
            {one(UNTIL, "Until", slider.until, shown.end)}
            <button type="submit" class="without-scripts">"Show this time"</button>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::{MINUTE, Millis, POSITIONS, Period, Slider, Timestamp, read};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn both_stand_at_a_position_whatever_is_shown() {
        let now = at("2026-06-24T14:07:30Z");
        let shown = [
            ("2026-06-24T13:07:00Z", "2026-06-24T14:07:30Z"),
            ("2001-01-01T00:00:00Z", "2001-01-02T00:00:00Z"),
            ("2026-06-20T11:11:11Z", "2030-01-01T00:00:00Z"),
        ];
        for (start, end) in shown {
            for hours in [0, 1, 5, 24, 100, 24 * 30, 24 * 400] {
                let period = Period { start: at(start), end: at(end) };
                let slider = Slider::of(period, Millis::hours(hours), now);
                let Slider { first, last, step, from, until } = slider;
                assert!(last * MINUTE > now.micros(), "all of the present can be reached");
                assert!((last - first) / step <= POSITIONS + 1, "{slider:?}");
                for value in [last, from, until] {
                    assert!(
                        (first..=last).contains(&value) && (value - first) % step == 0,
                        "{slider:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_they_stand_at_is_a_time_in_any_order() {
        let minute = |text: &str| (at(text).micros() / MINUTE).to_string();
        let (one, other) = (minute("2026-06-24T13:00:00Z"), minute("2026-06-24T14:00:00Z"));
        let of = |from: &str, until: &str| {
            read(|name| Some(if name == "fromMinute" { from } else { until }.to_owned()))
        };
        let whole = Period { start: at("2026-06-24T13:00:00Z"), end: at("2026-06-24T14:00:00Z") };
        assert_eq!((of(&one, &other), of(&other, &one)), (Some(whole), Some(whole)));
        assert_eq!(of(&one, &one).map(|short| short.end), Some(at("2026-06-24T13:01:00Z")));
        for odd in ["", "soon", "9223372036854775807"] {
            assert_eq!(of(&one, odd), None, "{odd:?}");
        }
    }
}
