//! Where a replacement is on the drawn road. Pure: a record and a moment in, positions and words out, so
//! that the drawing, the list for narrow screens and what is read aloud can't differ.
//!
//! The road is not to scale: a warm-up of an hour and a switch of a millisecond both need room. Each stage has
//! a fixed stretch, and within it "now" moves by the share of the stage that has passed. A stage with no
//! planned end approaches its end and never reaches it.

use handover::model::{Millis, ReplacementRecord, ReplacementStatus, Timestamp};

use super::under::Under;

/// The columns, by where they stand on the drawing.
pub const STARTED: f64 = 262.0;
pub const READY: f64 = 376.0;
pub const WARM_UP: f64 = 490.0;
pub const SWITCH: f64 = 690.0;
pub const DRAIN: f64 = 800.0;
pub const WAY_BACK: f64 = 906.0;
pub const DONE: f64 = 1080.0;
/// Where the crossing ends, seen from where it begins.
pub const CROSSING: f64 = 54.0;

/// Where the road leads, as far as a record tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Forward,
    /// Given up before it had traffic.
    Withdrawn,
    /// Traffic went back after the switch.
    Back,
}

/// Where a stage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Ahead,
    Now,
    Passed,
    /// It went no further than this.
    Lost,
}

/// One column of the road.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    pub name: &'static str,
    pub under: Under,
    pub x: f64,
    pub mark: Mark,
}

/// The road at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Road {
    pub way: Way,
    pub stops: Vec<Stop>,
    pub now: f64,
    pub over: bool,
    /// Where traffic crosses, or will.
    pub crossing: f64,
    /// Traffic has moved to the new track.
    pub switched: bool,
}

pub fn way(record: &ReplacementRecord) -> Way {
    let turned = matches!(record.status, ReplacementStatus::Deleting | ReplacementStatus::Errored);
    match (turned, record.switched_at) {
        (false, _) => Way::Forward,
        (true, None) => Way::Withdrawn,
        (true, Some(_)) => Way::Back,
    }
}

pub fn is_over(record: &ReplacementRecord) -> bool {
    matches!(record.status, ReplacementStatus::Completed | ReplacementStatus::Errored)
}

/// The column the present stage begins at, its end, and whether its end is planned.
fn stretch(record: &ReplacementRecord) -> (usize, f64, f64, bool) {
    match record.stage.as_str() {
        "starting" | "submitted" => (0, STARTED, READY, false),
        "ready" => (1, READY, WARM_UP, false),
        "warming" => (2, WARM_UP, SWITCH - 40.0, true),
        "held" => (2, SWITCH - 44.0, SWITCH - 8.0, false),
        "switching" => (3, SWITCH, DRAIN, false),
        "draining" => (4, DRAIN, WAY_BACK, false),
        "keeping" => (5, WAY_BACK, DONE - 30.0, true),
        "cleaning" => (5, DONE - 30.0, DONE, false),
        _ => (6, DONE, DONE, true),
    }
}

pub fn road(record: &ReplacementRecord, now: Timestamp) -> Road {
    let way = way(record);
    let over = is_over(record);
    let (present, x) = match way {
        Way::Forward => {
            let (column, from, to, planned) = stretch(record);
            (column, from + (to - from) * share(record, now, planned))
        }
        // Given up: it stays where it had come to.
        Way::Withdrawn if record.ready_at.is_none() => (0, STARTED + 60.0),
        Way::Withdrawn => (2, WARM_UP + 90.0),
        Way::Back => (5, WAY_BACK + 60.0),
    };
    let stops = NAMES
        .iter()
        .zip(XS)
        .enumerate()
        .map(|(column, (name, x))| Stop {
            name,
            under: under(column, present, record),
            x,
            mark: mark(column, present, way, over),
        })
        .collect();
    Road {
        way,
        stops,
        now: if over && way == Way::Forward { DONE } else { x },
        over,
        crossing: SWITCH,
        switched: record.switched_at.is_some(),
    }
}

const NAMES: [&str; 7] = ["Started", "Ready", "Warm-up", "Switch", "Drain", "Way back", "Done"];
const XS: [f64; 7] = [STARTED, READY, WARM_UP, SWITCH, DRAIN, WAY_BACK, DONE];

fn mark(column: usize, present: usize, way: Way, over: bool) -> Mark {
    match (column.cmp(&present), way) {
        (std::cmp::Ordering::Less, _) => Mark::Passed,
        (std::cmp::Ordering::Equal, Way::Forward) if over => Mark::Passed,
        (std::cmp::Ordering::Equal, Way::Forward) => Mark::Now,
        (std::cmp::Ordering::Equal, _) => Mark::Lost,
        (std::cmp::Ordering::Greater, _) => Mark::Ahead,
    }
}

/// How much of the stage has passed, from 0 to just under 1.
fn share(record: &ReplacementRecord, now: Timestamp, planned: bool) -> f64 {
    let spent = seconds(now.since(record.stage_since));
    let share = match (planned, record.stage_until) {
        (true, Some(until)) => spent / seconds(until.since(record.stage_since)).max(0.1),
        _ => 1.0 - (-spent / 10.0).exp(),
    };
    share.clamp(0.0, 0.985)
}

fn seconds(length: Millis) -> f64 {
    std::time::Duration::from(length).as_secs_f64()
}

/// The small line under a column's name. What was not come to has none: what had been planned there is no fact.
fn under(column: usize, present: usize, record: &ReplacementRecord) -> Under {
    let warm_up = Millis::minutes(record.config.warmup_duration_minutes.into());
    let keep = Millis::minutes(record.config.keep_old_version_minutes.into());
    let since = record.stage_since;
    let warmed =
        record.ready_at.zip(record.switched_at).map(|(ready, switched)| switched.since(ready));
    let kept = record.switched_at.zip(record.retired_at).map(|(from, to)| to.since(from));
    let way = way(record);
    let running = column == present && way == Way::Forward && !is_over(record);
    match column {
        0 => Under::At(record.started_at),
        1 => match record.ready_at {
            Some(ready) => Under::After(ready.since(record.started_at)),
            None if way == Way::Forward => Under::SoFar(record.started_at),
            None => Under::Words("never"),
        },
        _ if way != Way::Forward && column > present => Under::Nothing,
        2 if way == Way::Withdrawn => Under::Words("cut short"),
        2 if record.stage == "held" => Under::HeldFor(since),
        2 if running => match record.stage_until {
            Some(until) => Under::Of { since, whole: until.since(since) },
            None => Under::SoFar(since),
        },
        // Somebody may have cut it short.
        2 if warm_up > Millis::ZERO => Under::Length(warmed.unwrap_or(warm_up)),
        2 => Under::Words("none"),
        3 => match (record.switched_at, record.stage_until) {
            (Some(at), _) => Under::At(at),
            (None, Some(until)) if record.stage == "warming" => Under::At(until),
            _ => Under::Nothing,
        },
        4 if running => Under::SoFar(since),
        // It is not recorded how far it had come when traffic went back.
        4 if way == Way::Back => Under::Nothing,
        4 => match (record.retired_at.or(record.ended()), record.switched_at) {
            (Some(_), Some(_)) if present > 4 => Under::Words("done"),
            _ => Under::Nothing,
        },
        5 if way == Way::Back => Under::Words("taken"),
        5 if record.stage == "keeping" => record.stage_until.map_or(Under::Nothing, Under::Left),
        5 if keep == Millis::ZERO => Under::Words("none"),
        // Somebody may have given it up early.
        5 => Under::Length(kept.unwrap_or(keep)),
        _ => record.ended().map_or(Under::Nothing, Under::At),
    }
}

/// When it ended, as far as a record tells.
trait Ended {
    fn ended(&self) -> Option<Timestamp>;
}

impl Ended for ReplacementRecord {
    fn ended(&self) -> Option<Timestamp> {
        is_over(self).then_some(self.updated_at)
    }
}

#[cfg(test)]
mod tests {
    use handover::model::{Millis, ReplacementRecord, Timestamp};
    use serde_json::json;

    use super::{DONE, DRAIN, Mark, READY, STARTED, SWITCH, Under, WARM_UP, WAY_BACK, Way, road};

    const START: i64 = 1_700_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros((START + seconds) * 1_000_000)
    }

    /// A replacement with a warm-up of one minute and a keep window of two, ten seconds into `stage`.
    fn record(stage: &str, status: &str) -> ReplacementRecord {
        let past_ready = !matches!(stage, "starting");
        let past_switch = matches!(stage, "draining" | "keeping" | "cleaning");
        serde_json::from_value(json!({
            "id": "r", "name": "v3 → v4", "workloadId": "w", "type": "replace", "status": status,
            "strategy": "rolling",
            "config": { "warmupDurationMinutes": 1, "keepOldVersionMinutes": 2 },
            "runtime": {}, "candidateArtifactId": "a", "artifactId": "a", "candidateProtonIds": ["p"],
            "cancelled": false, "rolledBack": false, "stage": stage, "stageSince": at(90),
            "stageUntil": at(150), "receipt": { "servedByOld": 0, "servedByNew": 0, "failed": 0, "cutAtCap": 0 },
            "flightRecord": { "logTail": [], "probes": [], "exits": [], "restarts": 0 },
            "allowed": [], "createdAt": at(0), "updatedAt": at(100), "startedAt": at(0),
            "readyAt": past_ready.then(|| at(8)), "switchedAt": past_switch.then(|| at(48)),
            "isDeleted": false, "userId": "u", "user": { "id": "u" }, "tenantId": "t",
        }))
        .expect("a record")
    }

    #[test]
    fn every_stage_has_its_stretch_and_its_words() {
        for (stage, from, to, column) in [
            ("starting", STARTED, READY, 0),
            ("ready", READY, WARM_UP, 1),
            ("warming", WARM_UP, SWITCH, 2),
            ("held", WARM_UP, SWITCH, 2),
            ("switching", SWITCH, DRAIN, 3),
            ("draining", DRAIN, WAY_BACK, 4),
            ("keeping", WAY_BACK, DONE, 5),
            ("cleaning", WAY_BACK, DONE, 5),
        ] {
            let road = road(&record(stage, "submitted"), at(100));
            assert!(from < road.now && road.now < to, "{stage}: {}", road.now);
            for (at, stop) in road.stops.iter().enumerate() {
                let expected = match at.cmp(&column) {
                    std::cmp::Ordering::Less => Mark::Passed,
                    std::cmp::Ordering::Equal => Mark::Now,
                    std::cmp::Ordering::Greater => Mark::Ahead,
                };
                assert_eq!(stop.mark, expected, "{stage}, {}", stop.name);
            }
        }
        let words = |stage| road(&record(stage, "submitted"), at(100)).stops;
        let (since, whole) = (at(90), Millis::minutes(1));
        assert_eq!(words("warming")[2].under, Under::Of { since, whole });
        assert_eq!(words("keeping")[5].under, Under::Left(at(150)));
        let short = Under::Length(Millis::seconds(40));
        assert_eq!(words("keeping")[2].under, short, "the warm-up was cut short");
        assert_eq!(words("keeping")[1].under, Under::After(Millis::seconds(8)));
    }

    #[test]
    fn a_wait_that_is_overdue_does_not_run_past_its_stage() {
        let late = road(&record("warming", "submitted"), at(9_000));
        assert!(late.now < SWITCH);
        let early = road(&record("warming", "submitted"), at(0));
        assert!(early.now >= WARM_UP, "a clock that went back");
    }

    #[test]
    fn what_was_given_up_stays_where_it_had_come_to() {
        let mut failed = record("done", "errored");
        let after_ready = road(&failed, at(100));
        assert_eq!((after_ready.way, after_ready.stops[2].mark), (Way::Withdrawn, Mark::Lost));
        failed.ready_at = None;
        let before_ready = road(&failed, at(100));
        assert_eq!(before_ready.stops[0].mark, Mark::Lost);
        assert_eq!(before_ready.stops[1].under, Under::Words("never"));
        let planned = |road: &super::Road, from: usize| {
            road.stops[from..].iter().any(|stop| stop.under != Under::Nothing)
        };
        assert!(!planned(&before_ready, 2), "what was planned is not what happened");
        assert!(!planned(&after_ready, 3));
        failed.ready_at = Some(at(8));
        failed.switched_at = Some(at(48));
        assert_eq!(road(&failed, at(100)).way, Way::Back);
        let done = road(&record("done", "completed"), at(100));
        assert!(done.over && (done.now - DONE).abs() < f64::EPSILON);
    }
}
