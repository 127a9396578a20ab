//! Moments and lengths of time, as stored (integers) and as shown (RFC 3339 with zone).

use std::{fmt, ops::Add, str::FromStr, time::Duration};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment of the wall clock, in microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// How long after `earlier` this is; zero when it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Millis {
        Millis(u64::try_from((self.0 - earlier.0) / 1000).unwrap_or(0))
    }
}

impl Add<Millis> for Timestamp {
    type Output = Self;
    fn add(self, length: Millis) -> Self {
        let micros = i64::try_from(length.0.saturating_mul(1000)).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(moment) => write!(f, "{moment:.6}"),
            Err(_) => f.write_str("9999-12-31T00:00:00.000000Z"),
        }
    }
}

/// The text is not a moment in RFC 3339 form with a zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a time: write it as 2026-06-22T16:50:38Z (RFC 3339 with a zone)")]
pub struct NotATime;

impl FromStr for Timestamp {
    type Err = NotATime;
    fn from_str(text: &str) -> Result<Self, NotATime> {
        let moment: jiff::Timestamp = text.parse().map_err(|_| NotATime)?;
        Ok(Self(moment.as_microsecond()))
    }
}

super::schema::text_schema!(Timestamp: |text| {
    text.format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::DateTime)))
});

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A length of time in whole milliseconds.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Millis(pub u64);

impl Millis {
    pub const ZERO: Self = Self(0);

    #[must_use]
    pub const fn seconds(n: u64) -> Self {
        Self(n.saturating_mul(1000))
    }

    #[must_use]
    pub const fn minutes(n: u64) -> Self {
        Self(n.saturating_mul(60_000))
    }

    #[must_use]
    pub const fn hours(n: u64) -> Self {
        Self(n.saturating_mul(3_600_000))
    }

    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl From<Millis> for Duration {
    fn from(length: Millis) -> Duration {
        Duration::from_millis(length.0)
    }
}

impl From<Duration> for Millis {
    fn from(length: Duration) -> Millis {
        Millis(u64::try_from(length.as_millis()).unwrap_or(u64::MAX))
    }
}

/// Written for people: `420 ms`, `8.4 s`, `2:06 min`, `1 h 5 min`.
impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(ms) = *self;
        match ms {
            0..1_000 => write!(f, "{ms} ms"),
            1_000..60_000 if ms % 1000 < 50 => write!(f, "{} s", ms / 1000),
            1_000..60_000 => write!(f, "{}.{} s", ms / 1000, ms % 1000 / 100),
            60_000..3_600_000 if ms % 60_000 < 1000 => write!(f, "{} min", ms / 60_000),
            60_000..3_600_000 => write!(f, "{}:{:02} min", ms / 60_000, ms % 60_000 / 1000),
            _ if ms % 3_600_000 < 60_000 => write!(f, "{} h", ms / 3_600_000),
            _ => write!(f, "{} h {} min", ms / 3_600_000, ms % 3_600_000 / 60_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Millis, Timestamp};

    #[test]
    fn a_moment_survives_its_text() {
        let moment = Timestamp::from_micros(1_782_146_238_254_772);
        assert_eq!(moment.to_string(), "2026-06-22T16:37:18.254772Z");
        assert_eq!(moment.to_string().parse(), Ok(moment));
        assert!("".parse::<Timestamp>().is_err());
        assert!("2026-06-22T16:37:18".parse::<Timestamp>().is_err());
    }

    #[test]
    fn lengths_read_like_a_person_says_them() {
        let said = |ms| Millis(ms).to_string();
        assert_eq!(said(420), "420 ms");
        assert_eq!(said(8_400), "8.4 s");
        assert_eq!(said(60_000), "1 min");
        assert_eq!(said(126_000), "2:06 min");
        assert_eq!(said(28_800_000), "8 h");
    }
}
