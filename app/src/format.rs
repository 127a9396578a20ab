//! Numbers and lengths of time as people read them. Nothing here asks what time it is: `now` is given, so that the
//! server and the browser write the same text. Times of the calendar are `zone`'s.

use handover::model::{Millis, Timestamp};

/// `now`, `40 s ago`, `4 min ago`, `2 h ago`, `6 days ago`
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    let Millis(ms) = now.since(at);
    match ms / 1000 {
        0..5 => "now".into(),
        s @ 5..60 => format!("{s} s ago"),
        s @ 60..3_600 => format!("{} min ago", s / 60),
        s @ 3_600..172_800 => format!("{} h ago", s / 3_600),
        s => format!("{} days ago", s / 86_400),
    }
}

/// A countdown or a running time: `0:42`, `2:06`, `1:02:06`
pub fn minutes(length: Millis) -> String {
    let s = length.0 / 1000;
    match s {
        0..3_600 => format!("{}:{:02}", s / 60, s % 60),
        _ => format!("{}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60),
    }
}

/// A long wait, rounded: `52 min`, `7 h 12 min`, `40 s`
pub fn roughly(length: Millis) -> String {
    let s = length.0 / 1000;
    match s {
        0..90 => format!("{s} s"),
        90..3_600 => format!("{} min", s / 60),
        3_600..86_400 if s % 3_600 < 60 => format!("{} h", s / 3_600),
        3_600..86_400 => format!("{} h {} min", s / 3_600, s % 3_600 / 60),
        _ => format!("{} days", s / 86_400),
    }
}

/// `72,091`
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Requests per second: `412`, `3.2`, `0`
pub fn rate(per_second: f64) -> String {
    if (0.05..10.0).contains(&per_second) {
        format!("{per_second:.1}")
    } else {
        format!("{per_second:.0}")
    }
}

/// `1 replica`, `3 replicas`
pub fn plural(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {one}s", count(n)) }
}

#[cfg(test)]
mod tests {
    use super::{ago, count, minutes, plural, rate, roughly};
    use handover::model::{Millis, Timestamp};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn how_long_ago_is_said_in_words() {
        let now = at("2026-11-20T14:30:00Z");
        let earlier = at("2026-11-03T22:12:09Z");
        assert_eq!(ago(earlier, now), "16 days ago");
        assert_eq!(ago(at("2026-11-20T14:26:00Z"), now), "4 min ago");
        assert_eq!(ago(now, earlier), "now", "a clock that went back");
    }

    #[test]
    fn numbers_and_lengths() {
        assert_eq!(count(0), "0");
        assert_eq!(count(72_091), "72,091");
        assert_eq!(count(184_200_000), "184,200,000");
        assert_eq!(minutes(Millis(126_400)), "2:06");
        assert_eq!(minutes(Millis::hours(1)), "1:00:00");
        assert_eq!(roughly(Millis::minutes(432)), "7 h 12 min");
        assert_eq!(plural(1, "replica"), "1 replica");
        assert_eq!(plural(0, "replica"), "0 replicas");
        assert_eq!((rate(0.0), rate(3.21), rate(411.7)), ("0".into(), "3.2".into(), "412".into()));
    }
}
