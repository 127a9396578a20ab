//! What a monitoring page is asked to show. All of it is in the address, so that it can be sent to somebody.

use handover::{
    model::{Millis, Period, Resolution, SeriesMetric, Timestamp, UsageMetric, WorkloadId},
    stats::{Of, SLOW_MS},
};

use super::{
    slider,
    span::{Last, Span, before},
};
use crate::{
    refusal::{Fault, Refusal},
    zone::Zone,
};

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
            // An address says in which zone it was typed, so that it means the same to whom it is sent.
            let found = Zone::of_word(&query("zone").unwrap_or_default()).read(&text);
            if found.is_none() {
                fault(name, "not a time: write it as 2026-06-22T16:50");
            }
            found
        };
        let slid = slider::read(&query);
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
            (None, None) => slid.map_or(Span::Last(last.unwrap_or(usual)), Span::Between),
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
        parts.extend(self.besides().iter().map(|(name, value)| format!("{name}={value}")));
        let mark = if parts.is_empty() { "" } else { "?" };
        format!("{}{mark}{}", self.path(), parts.join("&"))
    }

    /// What is chosen besides the time, as far as it is not the usual. Its words need no escaping.
    pub fn besides(&self) -> Vec<(&'static str, String)> {
        let resolution = self.resolution.map(|one| one.to_string());
        let quantile = (self.quantile - 0.5).abs() > f64::EPSILON;
        let parts = [
            ("resolution", resolution),
            ("responseTimeQuantile", quantile.then(|| self.quantile.to_string())),
            ("slowRequestsThreshold", (self.slow_ms != SLOW_MS).then(|| self.slow_ms.to_string())),
            ("of", (self.of != Of::All).then(|| of_word(&self.of))),
            ("metric", self.metric().map(str::to_owned)),
        ];
        parts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
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

    /// A closer look at one bucket; none when there is nothing finer.
    pub fn closer(&self, bucket: Period) -> Option<String> {
        (bucket.end.since(bucket.start) > Millis::minutes(1))
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

/// `2026-06-24T14:05:00Z`
fn seconds(at: Timestamp) -> String {
    format!("{}Z", Zone::UTC.field(at))
}

#[cfg(test)]
mod tests {
    use super::{Asked, Last, Millis, Of, Period, Span, Timestamp, View};
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
        let (asked, _) = read("endTime=2026-06-24T22:00&range=6h&zone=Europe/Berlin");
        assert_eq!(asked.span, Span::Between(whole), "as it was typed there");
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
}
