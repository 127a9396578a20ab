//! Reading what replicas wrote, also after they are gone.
//!
//! Files are read backwards, in blocks, and each container's for an equal share of what may be read in all.
//! A container that writes much is so read less far back than one that writes little. Where the first of them
//! was left off, the answer ends for all: a line that is missing between two others would be a lie.

use std::{cmp::Reverse, path::Path};

use super::{
    log_file::{Newest, RawLine},
    log_level::{self, Said},
    record::{self, SERVING},
};
use crate::{
    engine::{LogPage, LogQuery},
    model::{LogLine, Millis, ProtonId, Timestamp},
};

/// The clock of the host may be set back a little while lines are written.
const SLACK: Millis = Millis::minutes(1);

/// Every container is read for one block at least.
const LEAST_BYTES: u64 = 64 * 1024;

/// The lines of a proton that the query asks for, newest first.
pub(in crate::engine) fn read(folder: &Path, proton: &ProtonId, query: &LogQuery) -> LogPage {
    let units = record::units(folder);
    let share = (query.bytes / units.len().max(1) as u64).max(LEAST_BYTES);
    let wanted = Wanted::of(query);
    let mut page = LogPage::default();
    for (number, container, path) in units {
        let label = label(proton, number, &container);
        let mut newest = Newest::of(&path).until(query.to).at_most(share);
        let mut found = 0;
        let mut last = None;
        for raw in newest.by_ref() {
            last = Some(raw.at);
            if query.from.is_some_and(|from| raw.at + SLACK < from) || found == query.limit {
                break;
            }
            if let Some(line) = wanted.line(raw, &label) {
                page.lines.push(line);
                found += 1;
            }
        }
        if newest.was_cut() {
            page.complete_since = page.complete_since.max(last);
        }
    }
    page.lines.sort_by_key(|line| Reverse(line.at));
    if let Some(since) = page.complete_since {
        page.lines.retain(|line| line.at >= since);
    }
    page.lines.truncate(query.limit);
    page
}

/// A query, prepared for looking at many lines.
struct Wanted<'q> {
    query: &'q LogQuery,
    includes: Vec<String>,
    excludes: Vec<String>,
}

impl<'q> Wanted<'q> {
    fn of(query: &'q LogQuery) -> Self {
        let folded = |texts: &[String]| texts.iter().map(|text| text.to_lowercase()).collect();
        Self { query, includes: folded(&query.includes), excludes: folded(&query.excludes) }
    }

    fn line(&self, raw: RawLine, replica: &str) -> Option<LogLine> {
        let Self { query, includes, excludes } = self;
        let outside = |at: Timestamp| {
            query.from.is_some_and(|from| at < from) || query.to.is_some_and(|to| at > to)
        };
        if outside(raw.at) {
            return None;
        }
        if !includes.is_empty() || !excludes.is_empty() {
            let text = raw.text.to_lowercase();
            let holds = |part: &String| text.contains(part.as_str());
            if !includes.iter().all(holds) || excludes.iter().any(holds) {
                return None;
            }
        }
        let said = log_level::read(&raw.text);
        let is = |asked: &Option<String>, own: &str| asked.as_deref().is_none_or(|id| id == own);
        let fits = said.level >= query.lowest
            && is(&query.span_id, &said.span_id)
            && is(&query.trace_id, &said.trace_id)
            && query.attributes.iter().all(|(key, value)| has(&said, replica, key, value));
        fits.then(|| LogLine {
            at: raw.at,
            replica: replica.to_owned(),
            level: said.level,
            message: said.message,
            stacktrace: said.stacktrace,
            span_id: said.span_id,
            trace_id: said.trace_id,
        })
    }
}

/// Whether a line has this attribute: of where it comes from, or one that it names itself.
fn has(said: &Said, replica: &str, key: &str, value: &str) -> bool {
    match key {
        "replica" => replica == value,
        "level" => said.level.word() == value,
        _ => said.field(key).as_deref() == Some(value),
    }
}

/// The last thing that a unit said.
pub(in crate::engine) fn last_line(unit: &Path) -> Option<String> {
    Newest::of(unit)
        .map(|line| log_level::read(&line.text).message)
        .find(|text| !text.trim().is_empty())
}

/// What a unit is called in logs and flight records; helpers are told apart from the container that serves.
pub(in crate::engine) fn label(proton: &ProtonId, number: u32, container: &str) -> String {
    let replica = format!("{proton}-{number}");
    if container == SERVING { replica } else { format!("{replica}/{container}") }
}

#[cfg(test)]
mod tests {
    use super::{
        super::log_file::{LogWriter, Stream},
        read,
    };
    use crate::{
        engine::LogQuery,
        model::{LogLevel, ProtonId, Timestamp},
    };

    /// Two replicas: one has written a line each second, the other a line a minute.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (replica, seconds) in [("0", 1), ("1", 60)] {
            let unit = folder.path().join(replica).join("serving");
            std::fs::create_dir_all(&unit).unwrap();
            let mut log = LogWriter::open(&unit);
            for n in (0..3600).step_by(seconds) {
                let level = if n % 600 == 0 { "ERROR" } else { "INFO" };
                let text = format!("{level} line {n} {}", "x".repeat(100));
                log.line(second(n), Stream::Out, text.as_bytes());
            }
        }
        folder
    }

    fn second(n: usize) -> Timestamp {
        Timestamp::from_micros(i64::try_from(n).unwrap() * 1_000_000)
    }

    fn found(folder: &tempfile::TempDir, query: &LogQuery) -> (Vec<i64>, Option<i64>) {
        let page = read(folder.path(), &ProtonId::from_bytes([1; 12]), query);
        let seconds = |at: Timestamp| at.micros() / 1_000_000;
        (page.lines.iter().map(|line| seconds(line.at)).collect(), page.complete_since.map(seconds))
    }

    #[test]
    fn filters_narrow_and_order_is_newest_first() {
        let folder = folder();
        let all = LogQuery { bytes: u64::MAX, ..LogQuery::last(usize::MAX) };
        let (lines, cut) = found(&folder, &all);
        assert_eq!((lines.len(), cut), (3660, None));
        assert!(lines.windows(2).all(|pair| pair[0] >= pair[1]));
        let errors = LogQuery { lowest: LogLevel::Error, ..all.clone() };
        assert_eq!(
            found(&folder, &errors).0,
            [3000, 3000, 2400, 2400, 1800, 1800, 1200, 1200, 600, 600, 0, 0]
        );
        let range = LogQuery { from: Some(second(100)), to: Some(second(121)), ..all.clone() };
        assert_eq!(found(&folder, &range).0.len(), 22 + 1);
        let text = LogQuery {
            includes: vec!["LINE 36".into()],
            excludes: vec!["line 360 ".into(), "error".into()],
            ..all.clone()
        };
        let (lines, _) = found(&folder, &text);
        assert!(lines.iter().all(|n| n.to_string().starts_with("36") && *n != 360), "{lines:?}");
        let one = ("replica".to_owned(), format!("{}-1", ProtonId::from_bytes([1; 12])));
        let replica = LogQuery { attributes: vec![one], ..all };
        assert_eq!(found(&folder, &replica).0.len(), 60);
    }

    #[test]
    fn what_was_not_read_is_not_passed_over() {
        let folder = folder();
        let all = LogQuery { bytes: 200 * 1024, ..LogQuery::last(usize::MAX) };
        let (lines, cut) = found(&folder, &all);
        let cut = cut.unwrap();
        assert!((2000..3600).contains(&cut), "{cut}");
        let expected = (cut..3600).count() + (cut..3600).filter(|n| n % 60 == 0).count();
        assert_eq!(lines.len(), expected, "every line since then, of both");
        // Older lines are reached by asking for them.
        let older = LogQuery { to: Some(second(1000)), ..all };
        let (lines, cut) = found(&folder, &older);
        assert_eq!((lines[0], cut < Some(900)), (1000, true), "{cut:?}");
        assert!(found(&folder, &LogQuery { limit: 3, ..older }).0 == [1000, 999, 998]);
    }
}
