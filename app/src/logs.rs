//! Which log lines a page shows, as the address says it. The page and its download read the same words.

use handover::{
    logs::LogFilter,
    model::{LogLevel, LogRecord, Millis, Timestamp},
};
use serde::Deserialize;

use crate::{components::pager::escaped, zone::Zone};

/// What is empty does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct LogsWanted {
    /// The lowest level.
    pub level: String,
    /// In the line.
    pub text: String,
    /// Not in the line.
    pub without: String,
    /// The id of a proton, or the name of one of its replicas.
    pub of: String,
    /// `15m`, `1h`, `24h`, `7d`. What `from` and `to` say comes first.
    pub last: String,
    /// As a browser writes it: `2026-11-21T06:30`.
    pub from: String,
    pub to: String,
    /// Where that was typed; UTC when nobody says.
    pub zone: String,
    /// The exact moment at which an older page begins.
    pub until: String,
    /// Anything: the page goes on showing the newest lines.
    pub follow: String,
}

/// The spans that can be chosen.
pub const SPANS: [(&str, &str, Millis); 4] = [
    ("15m", "Last 15 minutes", Millis::minutes(15)),
    ("1h", "Last hour", Millis::hours(1)),
    ("24h", "Last 24 hours", Millis::hours(24)),
    ("7d", "Last 7 days", Millis::hours(7 * 24)),
];

impl LogsWanted {
    pub fn filter(&self, now: Timestamp) -> LogFilter {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let span = SPANS.iter().find(|(word, ..)| *word == self.last);
        let since = span.map(|(_, _, length)| earlier(now, *length));
        let until: Option<Timestamp> = self.until.parse().ok();
        let zone = Zone::of_word(&self.zone);
        let to = [zone.read(&self.to), until].into_iter().flatten().min();
        LogFilter {
            lowest: self.lowest(),
            from: zone.read(&self.from).or(since),
            to,
            includes: some(&self.text).into_iter().collect(),
            excludes: some(&self.without).into_iter().collect(),
            attributes: self.source(),
            ..LogFilter::default()
        }
    }

    /// The same times as they are typed in `zone`.
    #[must_use]
    pub fn retyped(self, zone: &Zone) -> Self {
        let there = Zone::of_word(&self.zone);
        Self {
            from: zone.retype(&self.from, &there),
            to: zone.retype(&self.to, &there),
            zone: zone.word(),
            ..self
        }
    }

    /// A replica is named after its proton, so only that one's files need to be read.
    fn source(&self) -> Vec<(String, String)> {
        let of = self.of.trim();
        if of.is_empty() {
            return Vec::new();
        }
        let attribute = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        match of.split_once('-') {
            Some((proton, _)) => vec![attribute("proton_id", proton), attribute("replica", of)],
            None => vec![attribute("proton_id", of)],
        }
    }

    fn lowest(&self) -> LogLevel {
        match self.level.as_str() {
            "info" => LogLevel::Info,
            "warning" => LogLevel::Warning,
            "error" => LogLevel::Error,
            "critical" => LogLevel::Critical,
            _ => LogLevel::Debug,
        }
    }

    /// Whether it leaves anything out.
    pub fn narrows(&self) -> bool {
        let Self { level, text, without, of, last, from, to, until, zone: _, follow: _ } = self;
        [level, text, without, of, last, from, to, until].iter().any(|text| !text.trim().is_empty())
    }

    pub fn follows(&self) -> bool {
        !self.follow.is_empty()
    }

    /// The same as a query.
    pub fn query(&self) -> String {
        let Self { level, text, without, of, last, from, to, zone, until, follow } = self;
        let typed = !from.is_empty() || !to.is_empty();
        let zone = if typed { zone } else { "" };
        let all = [
            ("level", level.as_str()),
            ("text", text),
            ("without", without),
            ("of", of),
            ("last", last),
            ("from", from),
            ("to", to),
            ("zone", zone),
            ("until", until),
            ("follow", follow),
        ];
        let given = all.iter().filter(|(_, value)| !value.is_empty());
        let pairs = given.map(|(name, value)| format!("{name}={}", escaped(value)));
        pairs.collect::<Vec<_>>().join("&")
    }
}

fn earlier(now: Timestamp, length: Millis) -> Timestamp {
    let micros = i64::try_from(length.0.saturating_mul(1000)).unwrap_or(i64::MAX);
    Timestamp::from_micros(now.micros().saturating_sub(micros))
}

/// A line as it stands in a file: moment, level, replica, text.
pub fn plain(line: &LogRecord) -> String {
    let mut text =
        format!("{} {:<8} {} {}\n", line.timestamp, line.level.word(), line.replica, line.message);
    if !line.stacktrace.is_empty() {
        text.push_str(line.stacktrace.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::LogsWanted;
    use crate::zone::Zone;
    use handover::model::{LogLevel, Millis, Timestamp};

    #[test]
    fn the_address_says_what_is_read() {
        let now: Timestamp = "2026-11-21T06:30:00Z".parse().expect("a time");
        let wanted = LogsWanted {
            level: "warning".into(),
            text: " a&b ".into(),
            of: "0123456789abcdef01234567-2/side".into(),
            last: "1h".into(),
            ..LogsWanted::default()
        };
        let filter = wanted.filter(now);
        assert_eq!((filter.lowest, filter.includes), (LogLevel::Warning, vec!["a&b".to_owned()]));
        assert_eq!(filter.attributes[0].1, "0123456789abcdef01234567");
        assert_eq!(filter.attributes[1].1, wanted.of);
        assert_eq!(filter.from.map(|from| from + Millis::hours(1)), Some(now));
        assert!(wanted.query().contains("text=%20a%26b%20&of=0123"), "{}", wanted.query());
        let span = LogsWanted {
            from: "2026-11-20T00:00".into(),
            to: "2026-11-20T10:00:30".into(),
            until: "2026-11-20T09:00:00Z".into(),
            last: "1h".into(),
            ..LogsWanted::default()
        };
        let filter = span.filter(now);
        assert_eq!(filter.from, "2026-11-20T00:00:00Z".parse().ok());
        assert_eq!(filter.to, "2026-11-20T09:00:00Z".parse().ok(), "the earlier of the two");
        assert!(!LogsWanted { follow: "1".into(), ..LogsWanted::default() }.narrows());
        let elsewhere = LogsWanted { zone: "Asia/Tokyo".into(), until: String::new(), ..span };
        let berlin = Zone::named("Europe/Berlin").expect("a zone");
        let here = elsewhere.clone().retyped(&berlin);
        assert_eq!(
            (here.from.as_str(), here.zone.as_str()),
            ("2026-11-19T16:00:00", "Europe/Berlin")
        );
        assert_eq!(here.filter(now).from, elsewhere.filter(now).from, "the same moment");
        assert!(here.query().contains("zone=Europe%2FBerlin"), "{}", here.query());
    }
}
