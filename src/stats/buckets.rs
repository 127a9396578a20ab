//! The buckets of a series: calendar units in UTC, cut to the range that was asked for. Weeks begin on
//! Monday, months on their first day.
//!
//! Known limitation: what was counted is kept by the minute, and a minute belongs where it begins. A range
//! that begins within a minute leaves that minute out.

use super::read::in_order;
use crate::{
    error::Error,
    model::{Period, Resolution, Timestamp},
};

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// The epoch is a Thursday; the Monday before it.
const MONDAY: i64 = 3 * DAY;

/// A series has no more buckets than this: over 30 days of minutes, the longest that anything is kept.
const MOST: usize = 45_000;

/// The whole time that a series is about, and its buckets, oldest first.
#[derive(Debug)]
pub(crate) struct Buckets {
    pub(crate) whole: Period,
    pub(crate) periods: Vec<Period>,
}

impl Buckets {
    /// Without an end it is now; without a start, as many buckets as are usual.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a time that ends before it begins, or that is too long for such buckets.
    pub(crate) fn of(
        resolution: Resolution,
        start: Option<Timestamp>,
        end: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let end = end.unwrap_or(now);
        in_order(start, Some(end))?;
        let start = start.unwrap_or_else(|| usual_start(resolution, end));
        let whole = Period { start, end };
        let periods = buckets(resolution, whole).ok_or_else(|| {
            Error::BadRequest(format!(
                "more than {MOST} buckets of {resolution} fit between {start} and {end}: ask for a shorter time or a coarser resolution",
            ))
        })?;
        Ok(Self { whole, periods })
    }
}

/// When the bucket began that this moment is in.
fn floor(resolution: Resolution, at: Timestamp) -> Timestamp {
    let micros = at.micros();
    let (length, shift) = match resolution {
        Resolution::Minute => (MINUTE, 0),
        Resolution::FiveMinutes => (5 * MINUTE, 0),
        Resolution::Hour => (60 * MINUTE, 0),
        Resolution::Day => (DAY, 0),
        Resolution::Week => (7 * DAY, MONDAY),
        Resolution::Month => return month(at, 0),
    };
    Timestamp::from_micros((micros + shift).div_euclid(length) * length - shift)
}

/// When the next bucket begins.
fn next(resolution: Resolution, at: Timestamp) -> Timestamp {
    let length = match resolution {
        Resolution::Minute => MINUTE,
        Resolution::FiveMinutes => 5 * MINUTE,
        Resolution::Hour => 60 * MINUTE,
        Resolution::Day => DAY,
        Resolution::Week => 7 * DAY,
        Resolution::Month => return month(at, 1),
    };
    Timestamp::from_micros(floor(resolution, at).micros().saturating_add(length))
}

/// The first moment of a month: of that of `at`, or of one of those after it.
fn month(at: Timestamp, later: i32) -> Timestamp {
    let first = || {
        let utc =
            jiff::Timestamp::from_microsecond(at.micros()).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
        let date = utc.date().first_of_month();
        let date = date.checked_add(jiff::Span::new().try_months(later).ok()?).ok()?;
        let moment = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
        Some(Timestamp::from_micros(moment.as_microsecond()))
    };
    // Beyond the calendar, which ends with the year 9999, months are as long as the longest.
    first().unwrap_or(Timestamp::from_micros(
        at.micros().saturating_add(i64::from(later).saturating_mul(31 * DAY)),
    ))
}

/// How many buckets a series has when nobody says where it begins.
const fn usual(resolution: Resolution) -> usize {
    match resolution {
        Resolution::Minute => 60,
        Resolution::FiveMinutes => 72,
        Resolution::Hour => 24,
        Resolution::Day => 30,
        Resolution::Week | Resolution::Month => 12,
    }
}

/// Where a series up to `end` begins by itself: whole buckets, the one that `end` is in included.
fn usual_start(resolution: Resolution, end: Timestamp) -> Timestamp {
    let before = |at: Timestamp| floor(resolution, Timestamp::from_micros(at.micros() - 1));
    (0..usual(resolution)).fold(end, |start, _| before(start))
}

/// The buckets of a range, oldest first; none when they would be more than [`MOST`].
fn buckets(resolution: Resolution, whole: Period) -> Option<Vec<Period>> {
    let mut all = Vec::new();
    let mut start = whole.start;
    while start < whole.end {
        if all.len() == MOST {
            return None;
        }
        let end = next(resolution, start).min(whole.end);
        all.push(Period { start, end });
        start = end;
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::{MOST, buckets, floor, usual_start};
    use crate::model::{Millis, Period, Resolution, Timestamp};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn starts(resolution: Resolution, start: &str, end: &str) -> Vec<String> {
        let whole = Period { start: at(start), end: at(end) };
        let all = buckets(resolution, whole).unwrap();
        let joined = all.windows(2).all(|pair| pair[0].end == pair[1].start);
        assert!(joined && all[0].start == whole.start && all[all.len() - 1].end == whole.end);
        all.iter().map(|b| b.start.to_string()[..16].to_owned()).collect()
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let leap = starts(Resolution::Month, "2024-01-31T12:00:00Z", "2024-03-01T00:00:01Z");
        assert_eq!(leap, ["2024-01-31T12:00", "2024-02-01T00:00", "2024-03-01T00:00"]);
        assert_eq!(
            floor(Resolution::Month, at("2024-02-29T23:59:59Z")),
            at("2024-02-01T00:00:00Z")
        );
        let year = starts(Resolution::Month, "2025-12-15T00:00:00Z", "2026-01-15T00:00:00Z");
        assert_eq!(year, ["2025-12-15T00:00", "2026-01-01T00:00"]);
    }

    #[test]
    fn weeks_begin_on_monday_and_days_at_midnight_utc() {
        let weeks = starts(Resolution::Week, "2026-06-24T10:00:00Z", "2026-07-07T00:00:00Z");
        assert_eq!(weeks, ["2026-06-24T10:00", "2026-06-29T00:00", "2026-07-06T00:00"]);
        assert_eq!(floor(Resolution::Week, at("1969-12-31T00:00:00Z")), at("1969-12-29T00:00:00Z"));
        // A zone moves the moment, not the day that counts.
        let days = starts(Resolution::Day, "2026-06-24T23:30:00-02:00", "2026-06-26T00:00:00Z");
        assert_eq!(days, ["2026-06-25T01:30"]);
    }

    #[test]
    fn the_usual_range_is_whole_buckets_up_to_the_present_one() {
        let now = at("2026-06-24T10:07:30Z");
        let first = |resolution| usual_start(resolution, now).to_string()[..16].to_owned();
        assert_eq!(first(Resolution::Minute), "2026-06-24T09:08");
        assert_eq!(first(Resolution::FiveMinutes), "2026-06-24T04:10");
        assert_eq!(first(Resolution::Hour), "2026-06-23T11:00");
        assert_eq!(first(Resolution::Day), "2026-05-26T00:00");
        assert_eq!(first(Resolution::Week), "2026-04-06T00:00");
        assert_eq!(first(Resolution::Month), "2025-07-01T00:00");
        for resolution in Resolution::ALL {
            let whole = Period { start: usual_start(*resolution, now), end: now };
            let all = buckets(*resolution, whole).unwrap();
            assert_eq!(all.len(), super::usual(*resolution), "{resolution}");
            assert!(all.iter().all(|b| floor(*resolution, b.start) == b.start), "{resolution}");
        }
    }

    #[test]
    fn a_range_with_too_many_buckets_has_none() {
        let start = at("2026-01-01T00:00:00Z");
        let end = start + Millis::minutes(MOST as u64);
        assert_eq!(buckets(Resolution::Minute, Period { start, end }).unwrap().len(), MOST);
        let end = end + Millis::minutes(1);
        assert_eq!(buckets(Resolution::Minute, Period { start, end }), None);
        let ever = Period { start: at("-000001-01-01T00:00:00Z"), end: at("9999-12-30T00:00:00Z") };
        assert!(buckets(Resolution::Week, ever).is_none());
        assert!(buckets(Resolution::Month, ever).is_none());
    }
}
