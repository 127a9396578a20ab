//! Where the person who reads is, and times as they are written there.
//!
//! The browser says it in a cookie (`shell`), so the server writes every time right at once: in lists, in charts and
//! in controls alike. Rewriting them in the browser would move the page under the eyes of its reader, and would leave
//! out what is drawn. With scripts off nobody says it; then it is UTC, and every time says so.

use handover::model::Timestamp;
use jiff::{civil, tz::TimeZone};

/// The cookie that holds the name of the zone.
pub const ZONE_COOKIE: &str = "handover_zone";

/// As dates name them.
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The longest name that is looked up.
const LONGEST: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Default for Zone {
    fn default() -> Self {
        Self::UTC
    }
}

impl Zone {
    pub const UTC: Self = Self(TimeZone::UTC);

    /// By its name, such as `Europe/Berlin`. Whatever is unknown is no zone.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "UTC" | "Etc/UTC" | "GMT" | "Etc/GMT" => Some(Self::UTC),
            name if name.len() > LONGEST => None,
            name => TimeZone::get(name).ok().map(Self),
        }
    }

    /// As an address or a form names it; without a name UTC is meant.
    pub fn of_word(name: &str) -> Self {
        Self::named(name).unwrap_or_default()
    }

    /// `Europe/Berlin`
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// For an address or a form; empty for UTC, which need not be named.
    pub fn word(&self) -> String {
        if self.is_utc() { String::new() } else { self.name().to_owned() }
    }

    /// As people read it: `Europe/Berlin`, `America/New York`
    pub fn words(&self) -> String {
        self.name().replace('_', " ")
    }

    pub fn is_utc(&self) -> bool {
        *self == Self::UTC
    }

    /// What to write after a time, so that nobody takes UTC for their own.
    pub fn suffix(&self) -> &'static str {
        if self.is_utc() { " UTC" } else { "" }
    }

    /// What the clock and the calendar on the wall say.
    pub fn local(&self, at: Timestamp) -> Option<civil::DateTime> {
        let moment = jiff::Timestamp::from_microsecond(at.micros()).ok()?;
        Some(self.0.to_datetime(moment))
    }

    /// When they say that.
    pub fn moment(&self, local: civil::DateTime) -> Option<Timestamp> {
        let moment = self.0.to_timestamp(local).ok()?;
        Some(Timestamp::from_micros(moment.as_microsecond()))
    }

    /// A time as clients write it, or as a control for times does, which leaves the zone out: then it is this one.
    pub fn read(&self, text: &str) -> Option<Timestamp> {
        let text = text.trim();
        let typed = || self.moment(text.parse().ok()?);
        text.parse().ok().or_else(typed)
    }

    /// As a control for times wants it: `2026-06-24T14:05:00`
    pub fn field(&self, at: Timestamp) -> String {
        let local = self.local(at).map(|local| local.strftime("%Y-%m-%dT%H:%M:%S").to_string());
        local.unwrap_or_default()
    }

    /// What was typed there, as it is typed here. What is no time stays what it is.
    pub fn retype(&self, text: &str, there: &Self) -> String {
        if there == self {
            return text.to_owned();
        }
        there.read(text).map_or_else(|| text.to_owned(), |at| self.field(at))
    }
}

pub fn month(date: civil::Date) -> &'static str {
    usize::try_from(date.month() - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or("")
}

/// `14:25:02`
pub fn clock(at: Timestamp, zone: &Zone) -> String {
    match zone.local(at) {
        Some(t) => format!("{:02}:{:02}:{:02}", t.hour(), t.minute(), t.second()),
        None => at.to_string(),
    }
}

/// `today 14:25`, `3 Nov 09:12`, `3 Nov 2025 09:12`
pub fn day_time(at: Timestamp, now: Timestamp, zone: &Zone) -> String {
    dated(at, now, zone, |t| format!("{:02}:{:02}", t.hour(), t.minute()))
}

/// `today 14:25:02`: for what others are told apart from by the second.
pub fn day_second(at: Timestamp, now: Timestamp, zone: &Zone) -> String {
    dated(at, now, zone, |t| format!("{:02}:{:02}:{:02}", t.hour(), t.minute(), t.second()))
}

/// The day, as far as it needs to be said, before the time of day.
fn dated(
    at: Timestamp,
    now: Timestamp,
    zone: &Zone,
    time: impl Fn(civil::DateTime) -> String,
) -> String {
    let (Some(t), Some(today)) = (zone.local(at), zone.local(now)) else { return at.to_string() };
    let (date, time) = (t.date(), format!("{}{}", time(t), zone.suffix()));
    if date == today.date() {
        format!("today {time}")
    } else if date.year() == today.date().year() {
        format!("{} {} {time}", date.day(), month(date))
    } else {
        format!("{} {} {} {time}", date.day(), month(date), date.year())
    }
}

#[cfg(test)]
mod tests {
    use super::{Zone, clock, day_second, day_time};
    use handover::model::Timestamp;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn zone(name: &str) -> Zone {
        Zone::named(name).expect("a zone")
    }

    #[test]
    fn times_read_like_a_calendar_where_one_is() {
        let now = at("2026-11-20T14:30:00Z");
        let earlier = at("2026-11-03T22:12:09Z");
        assert_eq!(clock(earlier, &zone("Europe/Berlin")), "23:12:09");
        assert_eq!(day_time(earlier, now, &Zone::UTC), "3 Nov 22:12 UTC");
        assert_eq!(day_second(earlier, now, &Zone::UTC), "3 Nov 22:12:09 UTC");
        assert_eq!(day_time(earlier, now, &zone("Europe/Helsinki")), "4 Nov 00:12");
        assert_eq!(day_time(now, now, &zone("America/New_York")), "today 09:30");
        assert_eq!(day_time(at("2025-11-03T22:12:09Z"), now, &Zone::UTC), "3 Nov 2025 22:12 UTC");
        // In summer the same place is elsewhere.
        assert_eq!(clock(at("2026-07-03T22:12:09Z"), &zone("Europe/Berlin")), "00:12:09");
    }

    #[test]
    fn what_is_typed_is_what_was_shown() {
        for name in ["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Chatham"] {
            let zone = zone(name);
            for moment in ["2026-01-24T14:05:00Z", "2026-06-24T14:05:00Z"] {
                assert_eq!(zone.read(&zone.field(at(moment))), Some(at(moment)), "{name}");
                assert_eq!(zone.read(moment), Some(at(moment)), "a zone that is written counts");
            }
        }
        let (here, there) = (zone("Europe/Berlin"), zone("Asia/Tokyo"));
        assert_eq!(here.retype("2026-06-24T14:05", &there), "2026-06-24T07:05:00");
        assert_eq!(here.retype("yesterday", &there), "yesterday");
        assert_eq!(here.read("2026-06-24T14:05"), Some(at("2026-06-24T12:05:00Z")));
    }

    #[test]
    fn whatever_a_cookie_says_there_is_a_zone() {
        for name in ["", "Nowhere/At_All", "../../etc/passwd", "/etc/localtime", &"a".repeat(5000)]
        {
            assert_eq!(Zone::of_word(name), Zone::UTC, "{name}");
        }
        assert_eq!(zone("Etc/UTC").word(), "");
        assert_eq!(zone("America/New_York").words(), "America/New York");
    }
}
