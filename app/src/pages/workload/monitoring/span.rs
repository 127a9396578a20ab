//! How much time is looked at, and by how long buckets.

use handover::model::{Millis, Period, Resolution, Timestamp};

/// Buckets a chart has when nobody chooses their length, and when somebody does.
const READABLE: u64 = 180;
const MOST: u64 = 400;

const MINUTE: Millis = Millis::minutes(1);

/// The last so and so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    Hour,
    SixHours,
    Day,
    Week,
    Month,
}

impl Last {
    pub const ALL: [Self; 5] = [Self::Hour, Self::SixHours, Self::Day, Self::Week, Self::Month];

    pub fn word(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::SixHours => "6h",
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "1 hour",
            Self::SixHours => "6 hours",
            Self::Day => "24 hours",
            Self::Week => "7 days",
            Self::Month => "30 days",
        }
    }

    pub fn length(self) -> Millis {
        match self {
            Self::Hour => Millis::hours(1),
            Self::SixHours => Millis::hours(6),
            Self::Day => Millis::hours(24),
            Self::Week => Millis::hours(7 * 24),
            Self::Month => Millis::hours(30 * 24),
        }
    }

    /// For something that has been there so long: all of it, or a day.
    pub fn usual(age: Millis) -> Self {
        match age.0 {
            0..3_600_000 => Self::Hour,
            3_600_000..21_600_000 => Self::SixHours,
            _ => Self::Day,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    Last(Last),
    Between(Period),
}

impl Span {
    /// The time that is meant, now, and the length of its buckets: as long as was `chosen`, or the finest that can be
    /// read. When what was chosen would be too fine, another one, and the last of the three says so.
    pub fn resolve(self, chosen: Option<Resolution>, now: Timestamp) -> (Period, Resolution, bool) {
        let (start, end) = match self {
            Self::Last(last) => (before(now, last.length()), now),
            Self::Between(Period { start, end }) => (start, end),
        };
        let length = end.since(start);
        let wanted = chosen.filter(|one| buckets(*one, length) <= MOST);
        let resolution = wanted.unwrap_or_else(|| readable(length));
        let start = match self {
            // Whole buckets stay where they are while time goes on.
            Self::Last(_) => aligned(start, resolution),
            Self::Between(_) => start,
        };
        (Period { start, end }, resolution, chosen.is_some() && wanted.is_none())
    }
}

pub fn before(end: Timestamp, length: Millis) -> Timestamp {
    let micros = i64::try_from(length.0.saturating_mul(1000)).unwrap_or(i64::MAX);
    Timestamp::from_micros(end.micros().saturating_sub(micros))
}

/// About how long a bucket is.
const fn length(resolution: Resolution) -> Millis {
    match resolution {
        Resolution::Minute => MINUTE,
        Resolution::FiveMinutes => Millis::minutes(5),
        Resolution::Hour => Millis::hours(1),
        Resolution::Day => Millis::hours(24),
        Resolution::Week => Millis::hours(7 * 24),
        Resolution::Month => Millis::hours(30 * 24),
    }
}

fn buckets(resolution: Resolution, whole: Millis) -> u64 {
    whole.0.div_ceil(length(resolution).0)
}

/// The finest that can be read.
fn readable(whole: Millis) -> Resolution {
    let fine = Resolution::ALL.iter().copied().find(|one| buckets(*one, whole) <= READABLE);
    fine.unwrap_or(Resolution::Month)
}

/// Weeks and months begin where they are cut.
fn aligned(start: Timestamp, resolution: Resolution) -> Timestamp {
    let micros = match resolution {
        Resolution::Week | Resolution::Month => return start,
        other => i64::try_from(length(other).0 * 1000).unwrap_or(1),
    };
    Timestamp::from_micros(start.micros().div_euclid(micros) * micros)
}

#[cfg(test)]
mod tests {
    use super::{Last, Period, Resolution, Span, Timestamp};
    use handover::model::Millis;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn buckets_are_as_fine_as_can_be_read() {
        let now = at("2026-06-24T14:07:30Z");
        let of = |span: Span, chosen| {
            let (period, resolution, coarser) = span.resolve(chosen, now);
            (period.start.to_string()[..19].to_owned(), resolution, coarser)
        };
        let last = |last| of(Span::Last(last), None);
        assert_eq!(last(Last::Hour), ("2026-06-24T13:07:00".into(), Resolution::Minute, false));
        assert_eq!(
            last(Last::SixHours),
            ("2026-06-24T08:05:00".into(), Resolution::FiveMinutes, false)
        );
        assert_eq!(last(Last::Day), ("2026-06-23T14:00:00".into(), Resolution::Hour, false));
        assert_eq!(last(Last::Week).1, Resolution::Hour);
        assert_eq!(last(Last::Month).1, Resolution::Day);
        let by = |span, chosen| of(Span::Last(span), Some(chosen));
        assert_eq!(by(Last::Month, Resolution::Minute).1, Resolution::Day);
        assert!(
            by(Last::Month, Resolution::Minute).2,
            "and it says that it is not what was chosen"
        );
        assert_eq!(by(Last::Day, Resolution::FiveMinutes).1, Resolution::FiveMinutes);
        let ages = Period { start: at("2001-01-01T00:00:00Z"), end: at("2026-01-01T00:00:00Z") };
        assert_eq!(of(Span::Between(ages), None).1, Resolution::Month);
    }

    #[test]
    fn something_young_is_shown_from_its_beginning() {
        let usual = |hours: u64| Last::usual(Millis::minutes(hours * 60 + 1));
        assert_eq!([usual(0), usual(3), usual(7)], [Last::Hour, Last::SixHours, Last::Day]);
    }
}
