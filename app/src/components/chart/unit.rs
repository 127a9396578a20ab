//! What a number counts, and how it is said.

use handover::model::{Bytes, Millis};

use crate::components::format::count;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Requests,
    PerMinute,
    Millis,
    /// From 0 to 1; said in percent.
    Share,
    Cores,
    Bytes,
    Replicas,
}

impl Unit {
    /// `1,204 requests`, `18 ms`, `0.4 %`
    pub fn words(self, value: f64) -> String {
        match self {
            Self::Requests if whole(value) == 1 => "1 request".into(),
            Self::Requests => format!("{} requests", count(whole(value))),
            Self::PerMinute => format!("{} per minute", decimal(value)),
            Self::Cores => format!("{} cores", decimal(value)),
            Self::Replicas if (value - 1.0).abs() < 0.005 => "1 replica".into(),
            Self::Replicas => format!("{} replicas", decimal(value)),
            Self::Millis | Self::Share | Self::Bytes => self.short(value),
        }
    }

    /// The same beside an axis or in a column that says what it is.
    pub fn short(self, value: f64) -> String {
        match self {
            Self::Requests => count(whole(value)),
            Self::Millis => Millis(whole(value)).to_string(),
            Self::Share => percent(value * 100.0),
            Self::Bytes if whole(value) == 0 => "0".into(),
            Self::Bytes => Bytes(whole(value)).to_string(),
            Self::PerMinute | Self::Cores | Self::Replicas => decimal(value),
        }
    }

    /// What a table's column says of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requests => "Requests",
            Self::PerMinute => "Requests per minute",
            Self::Millis => "Time",
            Self::Share => "Share",
            Self::Cores => "Cores",
            Self::Bytes => "Memory",
            Self::Replicas => "Replicas",
        }
    }

    /// Whether there is nothing between one and two.
    pub fn is_whole(self) -> bool {
        matches!(self, Self::Requests | Self::Millis | Self::Replicas | Self::Bytes)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is counted is not negative and far below 2^52"
)]
fn whole(value: f64) -> u64 {
    value.round().max(0.0) as u64
}

/// A hundredth is as fine as it gets; less than that is still not nothing.
fn percent(value: f64) -> String {
    if value > 0.0 && value < 0.01 {
        return "under 0.01 %".into();
    }
    let rounded = if value < 1.0 { (value * 100.0).round() / 100.0 } else { value };
    format!("{} %", decimal(rounded))
}

/// As many decimals as say something: `1,204`, `12.5`, `3.21`, `0.004`
pub fn decimal(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 => return count(whole(value)),
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        size if size >= 0.0005 => 3,
        _ => return "0".into(),
    };
    let text = format!("{value:.digits$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Unit, decimal};

    #[test]
    fn numbers_have_as_many_decimals_as_say_something() {
        let said = [0.0, 0.0001, 0.004, 0.25, 1.0, 3.217, 12.5, 99.96, 1204.4].map(decimal);
        assert_eq!(said, ["0", "0", "0.004", "0.25", "1", "3.22", "12.5", "100", "1,204"]);
    }

    #[test]
    fn values_are_said_with_what_they_count() {
        assert_eq!(Unit::Requests.words(1.0), "1 request");
        assert_eq!(Unit::Requests.words(1204.0), "1,204 requests");
        assert_eq!(Unit::Millis.words(18.0), "18 ms");
        assert_eq!(Unit::Share.words(0.004_163), "0.42 %");
        assert_eq!(
            [0.0, 0.000_01, 0.2, 1.0].map(|v| Unit::Share.words(v)),
            ["0 %", "under 0.01 %", "20 %", "100 %"]
        );
        assert_eq!(Unit::Bytes.words(58_200_000.0), "58.2 MB");
        assert_eq!(Unit::Replicas.words(1.0), "1 replica");
        assert_eq!(Unit::Replicas.words(1.5), "1.5 replicas");
        assert_eq!(Unit::PerMinute.short(3.2), "3.2");
    }
}
