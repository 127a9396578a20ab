//! What a monitoring page is asked to show. All of it is in the address, so that it can be sent to somebody.

use handover::{
    model::{Millis, Period, Resolution, SeriesMetric, Timestamp, UsageMetric, WorkloadId},
    stats::{Of, SLOW_MS},
};

use crate::refusal::{Fault, Refusal};

/// Buckets a chart has when nobody chooses their length, and when somebody does.
const READABLE: u64 = 180;
const MOST: u64 = 400;

const MINUTE: Millis = Millis::minutes(1);

/// Which of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    Health,
    Resources,
    Metrics,
}

impl View {
    pub const ALL: [Self; 3] = [Self::Health, Self::Resources, Self::Metrics];

    pub fn name(self) -> &'static str {
        match self {
            Self::Health => "Service health",
            Self::Resources => "Resources",
            Self::Metrics => "OpenTelemetry metrics",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Health => "",
            Self::Resources => "/resources",
            Self::Metrics => "/metrics",
        }
    }
}

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

    fn length(self) -> Millis {
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

#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub id: WorkloadId,
    pub view: View,
    pub span: Span,
    /// What is shown when nobody says, which is not written into addresses.
    pub usual: Last,
    /// None to choose by the length of the time.
    pub resolution: Option<Resolution>,
    pub quantile: f64,
    pub slow_ms: u64,
    pub of: Of,
    pub counted: SeriesMetric,
    pub used: UsageMetric,
}

impl Asked {
    /// What can't be understood is left at its usual value, and named.
    pub fn read(
        id: WorkloadId,
        view: View,
        usual: Last,
        query: impl Fn(&str) -> Option<String>,
    ) -> (Self, Option<Refusal>) {
        let mut faults = Vec::new();
        let mut fault = |field: &str, message: &str| {
            faults.push(Fault { field: field.into(), message: message.into() });
        };
        let last = query("range").and_then(|word| Last::ALL.into_iter().find(|l| l.word() == word));
        let mut moment = |name: &str| {
            let text = query(name)?;
            let found = when(&text);
            if found.is_none() {
                fault(name, "not a time: write it as 2026-06-22T16:50");
            }
            found
        };
        let span = match (moment("startTime"), moment("endTime")) {
            (Some(start), Some(end)) if start < end => Span::Between(Period { start, end }),
            (Some(_), Some(_)) => {
                fault("endTime", "it is not after the beginning");
                Span::Last(last.unwrap_or(usual))
            }
            (Some(start), None) => {
                Span::Between(Period { start, end: start + last.unwrap_or(usual).length() })
            }
            (None, Some(end)) => {
                let start = before(end, last.unwrap_or(usual).length());
                Span::Between(Period { start, end })
            }
            (None, None) => Span::Last(last.unwrap_or(usual)),
        };
        let mut number = |name: &str, usual: f64, most: f64, message: &str| match query(name) {
            None => usual,
            Some(text) => match text.trim().parse::<f64>() {
                Ok(number) if (0.0..=most).contains(&number) => number,
                _ => {
                    fault(name, message);
                    usual
                }
            },
        };
        let quantile = number("responseTimeQuantile", 0.5, 1.0, "a number from 0 to 1");
        #[expect(clippy::cast_precision_loss, reason = "two seconds")]
        let slow = number(
            "slowRequestsThreshold",
            SLOW_MS as f64,
            86_400_000.0,
            "milliseconds, at most a day of them",
        );
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "milliseconds of a day"
        )]
        let slow_ms = slow.round() as u64;
        let word = |name: &str| query(name).filter(|word| !word.is_empty());
        let asked = Self {
            id,
            view,
            span,
            usual,
            resolution: word("resolution").and_then(|word| word.parse().ok()),
            quantile,
            slow_ms,
            of: whose(word("of"), word("protonId"), word("artifactId")),
            counted: word("metric")
                .and_then(|word| word.parse().ok())
                .unwrap_or(SeriesMetric::TotalRequests),
            used: word("metric")
                .and_then(|word| word.parse().ok())
                .unwrap_or(UsageMetric::Replicas),
        };
        let refusal = (!faults.is_empty()).then(|| Refusal {
            message: "Some of what was asked for could not be understood; the usual is shown."
                .into(),
            fields: faults,
        });
        (asked, refusal)
    }

    pub fn span_is_custom(&self) -> bool {
        matches!(self.span, Span::Between(_))
    }

    pub fn path(&self) -> String {
        format!("/workloads/{}/monitoring{}", self.id, self.view.path())
    }

    /// The address of exactly this.
    pub fn href(&self) -> String {
        let mut parts = Vec::new();
        match self.span {
            Span::Last(last) if last == self.usual => {}
            Span::Last(last) => parts.push(format!("range={}", last.word())),
            Span::Between(Period { start, end }) => {
                parts.push(format!("startTime={}&endTime={}", seconds(start), seconds(end)));
            }
        }
        if let Some(resolution) = self.resolution {
            parts.push(format!("resolution={resolution}"));
        }
        if (self.quantile - 0.5).abs() > f64::EPSILON {
            parts.push(format!("responseTimeQuantile={}", self.quantile));
        }
        if self.slow_ms != SLOW_MS {
            parts.push(format!("slowRequestsThreshold={}", self.slow_ms));
        }
        if self.of != Of::All {
            parts.push(format!("of={}", of_word(&self.of)));
        }
        if let Some(metric) = self.metric() {
            parts.push(format!("metric={metric}"));
        }
        let mark = if parts.is_empty() { "" } else { "?" };
        format!("{}{mark}{}", self.path(), parts.join("&"))
    }

    /// The chosen tile, unless it is the first one.
    pub fn metric(&self) -> Option<&'static str> {
        match self.view {
            View::Health if self.counted != SeriesMetric::TotalRequests => {
                Some(self.counted.word())
            }
            View::Resources if self.used != UsageMetric::Replicas => Some(self.used.word()),
            _ => None,
        }
    }

    /// The time that is meant, now, and the length of its buckets. When what was chosen would be too fine to
    /// be read, another one, and the second of the pair says so.
    pub fn resolve(&self, now: Timestamp) -> (Period, Resolution, bool) {
        let (start, end) = match self.span {
            Span::Last(last) => (before(now, last.length()), now),
            Span::Between(Period { start, end }) => (start, end),
        };
        let length = end.since(start);
        let wanted = self.resolution.filter(|one| buckets(*one, length) <= MOST);
        let resolution = wanted.unwrap_or_else(|| readable(length));
        let start = match self.span {
            // Whole buckets stay where they are while time goes on.
            Span::Last(_) => aligned(start, resolution),
            Span::Between(_) => start,
        };
        (Period { start, end }, resolution, self.resolution.is_some() && wanted.is_none())
    }

    /// A closer look at one bucket; none when there is nothing finer.
    pub fn closer(&self, bucket: Period) -> Option<String> {
        (bucket.end.since(bucket.start) > MINUTE)
            .then(|| Self { span: Span::Between(bucket), resolution: None, ..self.clone() }.href())
    }
}

/// By one word, or by the names that clients use.
fn whose(of: Option<String>, proton: Option<String>, artifact: Option<String>) -> Of {
    let of_proton = |text: &str| text.parse().ok().map(Of::Proton);
    let of_artifact = |text: &str| text.parse().ok().map(Of::Artifact);
    let chosen = of.as_deref().and_then(|word| match word.split_once('-') {
        Some(("proton", id)) => of_proton(id),
        Some(("artifact", id)) => of_artifact(id),
        _ => (word == "serving").then_some(Of::Serving),
    });
    chosen
        .or_else(|| proton.as_deref().and_then(of_proton))
        .or_else(|| artifact.as_deref().and_then(of_artifact))
        .unwrap_or(Of::All)
}

/// How a choice is written in an address.
pub fn of_word(of: &Of) -> String {
    match of {
        Of::All => String::new(),
        Of::Serving => "serving".into(),
        Of::Proton(id) => format!("proton-{id}"),
        Of::Artifact(id) => format!("artifact-{id}"),
    }
}

/// As clients write times, and as a browser's field for them does, which has no zone: UTC is meant.
fn when(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let local = || {
        let at: jiff::civil::DateTime = text.parse().ok()?;
        let moment = at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
        Some(Timestamp::from_micros(moment.as_microsecond()))
    };
    text.parse().ok().or_else(local)
}

/// `2026-06-24T14:05:00Z`
fn seconds(at: Timestamp) -> String {
    format!("{}Z", field(at))
}

/// As a browser's field for times wants it: `2026-06-24T14:05:00`
pub fn field(at: Timestamp) -> String {
    at.to_string().chars().take(19).collect()
}

fn before(end: Timestamp, length: Millis) -> Timestamp {
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
    use super::{Asked, Last, Millis, Of, Period, Resolution, Span, Timestamp, View, field};
    use crate::refusal::Refusal;

    const ID: &str = "0123456789abcdef01234567";

    fn read(query: &str) -> (Asked, Option<Refusal>) {
        let find = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned()).next()
        };
        Asked::read(ID.parse().expect("an id"), View::Health, Last::Day, find)
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn an_address_says_exactly_what_is_shown() {
        let path = format!("/workloads/{ID}/monitoring");
        let same = [
            String::new(),
            "range=7d&resolution=PT1H".into(),
            "startTime=2026-06-24T14:00:00Z&endTime=2026-06-24T15:00:00Z&metric=responseTime"
                .into(),
            format!("responseTimeQuantile=0.99&slowRequestsThreshold=300&of=proton-{ID}"),
            format!("of=artifact-{ID}"),
            "of=serving".into(),
        ];
        for query in same {
            let (asked, refusal) = read(&query);
            let mark = if query.is_empty() { "" } else { "?" };
            assert_eq!((asked.href(), refusal), (format!("{path}{mark}{query}"), None));
        }
        let (usual, _) = read("range=24h&metric=totalRequests&of=&resolution=");
        assert_eq!(usual.href(), path, "what is usual is not written");
        assert_eq!(read(&format!("protonId={ID}")).0.of, Of::Proton(ID.parse().expect("an id")));
    }

    #[test]
    fn what_is_not_understood_is_named_and_left_as_usual() {
        let (asked, refusal) = read(
            "startTime=yesterday&slowRequestsThreshold=-1&responseTimeQuantile=half&resolution=PT2M&of=x",
        );
        assert_eq!(asked.href(), format!("/workloads/{ID}/monitoring"));
        let fields: Vec<_> = refusal.expect("faults").fields.into_iter().map(|f| f.field).collect();
        assert_eq!(fields, ["startTime", "responseTimeQuantile", "slowRequestsThreshold"]);
        let (asked, refusal) = read("startTime=2026-06-24T15:00&endTime=2026-06-24T14:00");
        assert_eq!(asked.span, Span::Last(Last::Day));
        assert_eq!(refusal.expect("a fault").fields[0].field, "endTime");
    }

    #[test]
    fn one_end_of_a_time_is_enough() {
        let (asked, _) = read("startTime=2026-06-24T14:00&range=6h");
        let whole = Period { start: at("2026-06-24T14:00:00Z"), end: at("2026-06-24T20:00:00Z") };
        assert_eq!(asked.span, Span::Between(whole));
        let (asked, _) = read("endTime=2026-06-24T20:00:00Z&range=6h");
        assert_eq!(asked.span, Span::Between(whole));
        assert_eq!(field(whole.start), "2026-06-24T14:00:00");
    }

    #[test]
    fn buckets_are_as_fine_as_can_be_read() {
        let now = at("2026-06-24T14:07:30Z");
        let of = |query: &str| {
            let (period, resolution, coarser) = read(query).0.resolve(now);
            (period.start.to_string()[..19].to_owned(), resolution, coarser)
        };
        assert_eq!(of("range=1h"), ("2026-06-24T13:07:00".into(), Resolution::Minute, false));
        assert_eq!(of("range=6h"), ("2026-06-24T08:05:00".into(), Resolution::FiveMinutes, false));
        assert_eq!(of("range=24h"), ("2026-06-23T14:00:00".into(), Resolution::Hour, false));
        assert_eq!(of("range=7d").1, Resolution::Hour);
        assert_eq!(of("range=30d").1, Resolution::Day);
        assert_eq!(of("range=30d&resolution=PT1M").1, Resolution::Day);
        assert!(of("range=30d&resolution=PT1M").2, "and it says that it is not what was chosen");
        assert_eq!(of("range=24h&resolution=PT5M").1, Resolution::FiveMinutes);
        assert_eq!(of("startTime=2001-01-01T00:00&endTime=2026-01-01T00:00").1, Resolution::Month);
    }

    #[test]
    fn a_closer_look_ends_at_a_minute() {
        let start = at("2026-06-24T14:00:00Z");
        let closer = |length| read("").0.closer(Period { start, end: start + length });
        assert_eq!(
            closer(Millis::hours(1)),
            Some(format!(
                "/workloads/{ID}/monitoring?startTime=2026-06-24T14:00:00Z&endTime=2026-06-24T15:00:00Z"
            ))
        );
        assert_eq!(closer(Millis::minutes(1)), None);
    }

    #[test]
    fn something_young_is_shown_from_its_beginning() {
        let usual = |hours: u64| Last::usual(Millis::minutes(hours * 60 + 1));
        assert_eq!([usual(0), usual(3), usual(7)], [Last::Hour, Last::SixHours, Last::Day]);
    }
}
