//! The axis of time: a few round moments, and times in words, as they are where they are read.

use handover::model::{Period, Timestamp};
use jiff::{ToSpan, civil::DateTime};

use crate::zone::{self, Zone};

/// Moments an axis shows at most.
const MOST: usize = 8;

/// A moment on the axis, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tick {
    pub at: Timestamp,
    pub label: String,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Minutes(i32),
    Days(i32),
    Months(i32),
}

/// From fine to coarse.
const STEPS: [Step; 18] = [
    Step::Minutes(1),
    Step::Minutes(2),
    Step::Minutes(5),
    Step::Minutes(10),
    Step::Minutes(15),
    Step::Minutes(30),
    Step::Minutes(60),
    Step::Minutes(120),
    Step::Minutes(180),
    Step::Minutes(360),
    Step::Minutes(720),
    Step::Days(1),
    Step::Days(2),
    Step::Days(7),
    Step::Months(1),
    Step::Months(3),
    Step::Months(6),
    Step::Months(12),
];

/// The round moments in a time, oldest first, as many as can be read beside each other.
pub(super) fn ticks(period: Period, zone: &Zone) -> Vec<Tick> {
    let (Some(start), Some(end)) = (zone.local(period.start), zone.local(period.end)) else {
        return Vec::new();
    };
    for step in STEPS {
        let all = moments(step, start, end);
        if all.len() <= MOST {
            let ticks = all.into_iter().filter_map(|at| tick(step, at, zone));
            // Where clocks are changed, what they say may be outside of the time.
            return ticks.filter(|tick| tick.at >= period.start && tick.at < period.end).collect();
        }
    }
    Vec::new()
}

/// No more than one too many are made.
fn moments(step: Step, start: DateTime, end: DateTime) -> Vec<DateTime> {
    let mut all = Vec::new();
    let mut at = Some(first(step, start));
    while let Some(moment) = at.filter(|moment| *moment < end) {
        if moment >= start {
            all.push(moment);
            if all.len() > MOST {
                break;
            }
        }
        at = match step {
            Step::Minutes(n) => moment.checked_add(n.minutes()),
            Step::Days(n) => moment.checked_add(n.days()),
            Step::Months(n) => moment.checked_add(n.months()),
        }
        .ok();
    }
    all
}

/// The round moment at or before this one.
fn first(step: Step, start: DateTime) -> DateTime {
    let midnight = start.date().to_datetime(jiff::civil::Time::midnight());
    let found = match step {
        Step::Minutes(n) => {
            let passed = i32::from(start.hour()) * 60 + i32::from(start.minute());
            midnight.checked_add((passed / n * n).minutes())
        }
        Step::Days(7) => {
            midnight.checked_sub(i32::from(start.weekday().to_monday_zero_offset()).days())
        }
        Step::Days(n) => midnight.checked_sub(((i32::from(start.day()) - 1) % n).days()),
        Step::Months(n) => {
            let month = i32::from(start.month()) - 1;
            let first = midnight.date().first_of_month().to_datetime(jiff::civil::Time::midnight());
            first.checked_sub((month % n).months())
        }
    };
    found.unwrap_or(midnight)
}

fn tick(step: Step, at: DateTime, zone: &Zone) -> Option<Tick> {
    let label = match step {
        Step::Minutes(_) if (at.hour(), at.minute()) != (0, 0) => clock(at),
        Step::Minutes(_) | Step::Days(_) => day(at),
        Step::Months(n) if n < 12 => format!("{} {}", month(at), at.year()),
        Step::Months(_) => at.year().to_string(),
    };
    Some(Tick { at: zone.moment(at)?, label })
}

/// A time in words: `24 Jun 2026, 14:00 to 15:00`, `24 Jun 2026`, `22 Jun to 29 Jun 2026`
pub fn span(period: Period, zone: &Zone) -> String {
    let (Some(start), Some(end)) = (zone.local(period.start), zone.local(period.end)) else {
        return format!("{} to {}", period.start, period.end);
    };
    if is_midnight(start) && is_midnight(end) {
        let last = end.date().yesterday().unwrap_or(end.date());
        if last <= start.date() {
            return format!("{} {}", day(start), start.year());
        }
        let last = last.to_datetime(jiff::civil::Time::midnight());
        return format!("{} to {} {}", day(start), day(last), last.year());
    }
    let from = format!("{} {}, {}", day(start), start.year(), clock(start));
    if start.date() == end.date() {
        return format!("{from} to {}", clock(end));
    }
    format!("{from} to {} {}, {}", day(end), end.year(), clock(end))
}

/// A bucket in words, beside others: `14:05`, `24 Jun 14:05 to 15:05`, `24 Jun`, `24 Jun 02:00 to 25 Jun 02:00`
pub(super) fn brief(period: Period, zone: &Zone) -> String {
    let (Some(start), Some(end)) = (zone.local(period.start), zone.local(period.end)) else {
        return period.start.to_string();
    };
    let length = period.end.since(period.start).0;
    if length <= 60_000 {
        return format!("{} {}", day(start), clock(start));
    }
    if length <= 12 * 3_600_000 {
        return format!("{} {} to {}", day(start), clock(start), clock(end));
    }
    if !is_midnight(start) || !is_midnight(end) {
        return format!("{} {} to {} {}", day(start), clock(start), day(end), clock(end));
    }
    let last = end.checked_sub(1.microseconds()).unwrap_or(end);
    if last.date() == start.date() {
        return day(start);
    }
    format!("{} to {}", day(start), day(last))
}

/// `24 Jun 14:05`
pub fn moment(at: Timestamp, zone: &Zone) -> String {
    zone.local(at).map_or_else(|| at.to_string(), |at| format!("{} {}", day(at), clock(at)))
}

fn is_midnight(at: DateTime) -> bool {
    at.time() == jiff::civil::Time::midnight()
}

fn clock(at: DateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

fn day(at: DateTime) -> String {
    format!("{} {}", at.day(), month(at))
}

fn month(at: DateTime) -> &'static str {
    zone::month(at.date())
}

#[cfg(test)]
mod tests {
    use super::{brief, moment, span, ticks};
    use crate::zone::Zone;
    use handover::model::{Period, Timestamp};

    fn period(start: &str, end: &str) -> Period {
        let at = |text: &str| format!("{text}Z").parse::<Timestamp>().expect("a time");
        Period { start: at(start), end: at(end) }
    }

    fn labels(start: &str, end: &str) -> Vec<String> {
        let period = period(start, end);
        let all = ticks(period, &Zone::UTC);
        let inside = |at| at >= period.start && at < period.end;
        assert!(all.iter().all(|tick| inside(tick.at)), "{all:?}");
        all.into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn moments_on_the_axis_are_round_and_few() {
        assert_eq!(
            labels("2026-06-24T13:07:30", "2026-06-24T14:07:30"),
            ["13:10", "13:20", "13:30", "13:40", "13:50", "14:00"]
        );
        assert_eq!(
            labels("2026-06-23T15:00:00", "2026-06-24T14:10:00"),
            ["15:00", "18:00", "21:00", "24 Jun", "03:00", "06:00", "09:00", "12:00"]
        );
        assert_eq!(
            labels("2026-06-17T10:00:00", "2026-06-24T10:00:00"),
            ["18 Jun", "19 Jun", "20 Jun", "21 Jun", "22 Jun", "23 Jun", "24 Jun"]
        );
        assert_eq!(
            labels("2026-05-26T00:00:00", "2026-06-24T10:00:00"),
            ["1 Jun", "8 Jun", "15 Jun", "22 Jun"]
        );
        assert_eq!(
            labels("2025-11-05T00:00:00", "2026-06-24T10:00:00"),
            ["Dec 2025", "Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026", "May 2026", "Jun 2026"]
        );
        assert_eq!(labels("2020-02-01T00:00:00", "2026-06-24T10:00:00").last().unwrap(), "2026");
    }

    #[test]
    fn a_time_too_long_or_too_short_for_round_moments_has_none() {
        assert_eq!(labels("0001-01-01T00:00:00", "2026-06-24T10:00:00"), [""; 0]);
        assert_eq!(labels("2026-06-24T10:00:01", "2026-06-24T10:00:30"), [""; 0]);
    }

    #[test]
    fn times_in_words_say_no_more_than_needed() {
        let said = |start, end| span(period(start, end), &Zone::UTC);
        assert_eq!(
            said("2026-06-24T14:00:00", "2026-06-24T15:00:00"),
            "24 Jun 2026, 14:00 to 15:00"
        );
        assert_eq!(
            said("2026-06-24T14:00:00", "2026-06-25T15:00:00"),
            "24 Jun 2026, 14:00 to 25 Jun 2026, 15:00"
        );
        assert_eq!(said("2026-06-24T00:00:00", "2026-06-25T00:00:00"), "24 Jun 2026");
        assert_eq!(said("2026-06-22T00:00:00", "2026-06-29T00:00:00"), "22 Jun to 28 Jun 2026");
        let said = |start, end| brief(period(start, end), &Zone::UTC);
        assert_eq!(said("2026-06-24T14:05:00", "2026-06-24T14:06:00"), "24 Jun 14:05");
        assert_eq!(said("2026-06-24T14:00:00", "2026-06-24T15:00:00"), "24 Jun 14:00 to 15:00");
        assert_eq!(said("2026-06-24T00:00:00", "2026-06-25T00:00:00"), "24 Jun");
        assert_eq!(said("2026-06-22T00:00:00", "2026-06-29T00:00:00"), "22 Jun to 28 Jun");
        let at = period("2026-06-24T14:05:09", "2026-06-24T14:06:00").start;
        assert_eq!(moment(at, &Zone::UTC), "24 Jun 14:05");
    }

    #[test]
    fn elsewhere_the_same_time_has_other_words() {
        let zone = Zone::named("Europe/Berlin").expect("a zone");
        let day = period("2026-06-24T00:00:00", "2026-06-25T00:00:00");
        assert_eq!(brief(day, &zone), "24 Jun 02:00 to 25 Jun 02:00");
        assert_eq!(span(day, &zone), "24 Jun 2026, 02:00 to 25 Jun 2026, 02:00");
        assert_eq!(moment(day.start, &zone), "24 Jun 02:00");
        // The night in which clocks go from 3:00 back to 2:00.
        let night = period("2026-10-24T22:00:00", "2026-10-25T04:00:00");
        let ticks = ticks(night, &zone);
        let labels: Vec<_> = ticks.iter().map(|tick| tick.label.as_str()).collect();
        assert_eq!(labels, ["25 Oct", "01:00", "02:00", "03:00", "04:00"]);
        assert!(ticks.windows(2).all(|two| two[0].at < two[1].at), "{ticks:?}");
    }
}
