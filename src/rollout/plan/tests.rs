//! The invariants of a replacement, held against the real [`next`] in random interleavings of probe
//! results, crashes of either side and of the server, requests of people, late actions and jumps of the
//! wall clock.

use proptest::prelude::*;

use super::{Care, Limits, Observation, Side, Step, World, next, submitted, world};
use crate::model::{
    Ask, Course, FlightRecord, Gate, Health, Millis, Outcome, Receipt, Replacement,
    ReplacementKind, RolloutConfig, Stage, Timestamp, WorkloadRuntime,
};

pub(super) const LIMITS: Limits = Limits {
    start_deadline: Millis::minutes(10),
    drain_cap: Millis::seconds(60),
    stop_grace: Millis::seconds(10),
};

fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

pub(super) fn replacement(warm_up: u32, keep: u32) -> Replacement {
    let now = Timestamp::from_micros(1);
    Replacement {
        id: id("r"),
        org_id: id("o"),
        workload_id: id("w"),
        kind: ReplacementKind::Replace,
        name: "v1 → v2".into(),
        candidate_artifact: id("a2"),
        previous_artifact: Some(id("a1")),
        candidate: Some(id("p2")),
        previous: Some(id("p1")),
        config: RolloutConfig { warmup_duration_minutes: warm_up, keep_old_version_minutes: keep },
        start_budget: Millis::ZERO,
        runtime: WorkloadRuntime::default(),
        previous_runtime: WorkloadRuntime::default(),
        progress: submitted(now),
        note: None,
        receipt: Receipt::default(),
        flight: FlightRecord::default(),
        user_id: id("u"),
        created_at: now,
        updated_at: now,
        ready_at: None,
        switched_at: None,
        retired_at: None,
        ended_at: None,
        revision: 0,
    }
}

/// One thing that happens between two looks.
#[derive(Debug, Clone)]
enum Happens {
    /// Time passes on the monotonic clock.
    Passes(Millis),
    CandidateBecomes(Health),
    PreviousBecomes(Health),
    /// Requests open on both sides.
    Open(u64),
    Asks(Ask),
    Gate(Gate),
    /// The wall clock is set, back or forth.
    WallClock(i64),
    /// The server dies after writing a step and before acting on it; time since the last write is lost.
    Crash,
    /// What was told to the engine and the gateway happens now, not at once.
    Acts,
}

fn health() -> impl Strategy<Value = Health> {
    prop_oneof![
        4 => Just(Health::Ready),
        3 => Just(Health::Unready { ready: 1, wanted: 2 }),
        1 => Just(Health::Failed("exited with code 3".into())),
    ]
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        6 => (0_u64..200_000).prop_map(|ms| Happens::Passes(Millis(ms))),
        6 => Just(Happens::Acts),
        4 => health().prop_map(Happens::CandidateBecomes),
        1 => health().prop_map(Happens::PreviousBecomes),
        2 => (0_u64..3).prop_map(Happens::Open),
        1 => prop_oneof![Just(Ask::Withdraw), Just(Ask::SwitchNow), Just(Ask::Finish)].prop_map(Happens::Asks),
        1 => prop_oneof![Just(Gate::Open), Just(Gate::Held)].prop_map(Happens::Gate),
        1 => (-100_000_000_000_i64..100_000_000_000).prop_map(Happens::WallClock),
        1 => Just(Happens::Crash),
    ]
}

/// The world as a simple engine and gateway would make it.
struct Sim {
    replacement: Replacement,
    candidate: Health,
    previous: Health,
    traffic: Side,
    open: u64,
    /// Monotonic time in the stage, as the worker measures it.
    elapsed: Millis,
    wall: i64,
}

impl Sim {
    fn new(warm_up: u32, keep: u32) -> Self {
        Self {
            replacement: replacement(warm_up, keep),
            candidate: Health::Gone,
            previous: Health::Ready,
            traffic: Side::Previous,
            open: 0,
            elapsed: Millis::ZERO,
            wall: 0,
        }
    }

    fn world(&self) -> World {
        world(&self.replacement.progress)
    }

    /// Makes the world match the stored step. Panics where an action would hurt traffic.
    fn act(&mut self) {
        let wanted = self.world();
        if wanted.traffic != self.traffic {
            self.traffic = wanted.traffic;
        }
        for (side, care) in [(Side::Candidate, wanted.candidate), (Side::Previous, wanted.previous)]
        {
            let serves = self.traffic == side;
            let health = match side {
                Side::Candidate => &mut self.candidate,
                Side::Previous => &mut self.previous,
            };
            match care {
                Care::Run
                    if *health == Health::Gone
                        && self.replacement.progress.stage != Stage::Done =>
                {
                    *health = Health::Unready { ready: 0, wanted: 2 };
                }
                Care::Run => {}
                Care::Close => assert!(!serves, "closed the side that has the traffic"),
                Care::Remove => {
                    assert!(!serves, "removed the side that has the traffic");
                    *health = Health::Gone;
                }
            }
        }
    }

    fn observe(&self) -> Observation {
        Observation {
            elapsed: self.elapsed,
            candidate: self.candidate.clone(),
            previous: self.previous.clone(),
            traffic: Some(self.traffic),
            open: self.open,
        }
    }

    /// One look: asks the plan until it wants to wait, checking every step.
    fn look(&mut self) {
        for _ in 0..20 {
            let seen = self.observe();
            let now = Timestamp::from_micros(self.wall);
            match next(&self.replacement, &LIMITS, &seen, now) {
                Step::Stay(rest) => {
                    let at = &self.replacement.progress;
                    assert!(at.is_over() || rest <= at.limit, "waits longer than its deadline");
                    return;
                }
                Step::Go(to) => {
                    self.check(&seen, &to);
                    self.elapsed = to.spent;
                    self.replacement.progress = to;
                    if self.replacement.progress.is_over() {
                        return;
                    }
                }
            }
            // A switch needs the gateway to act before the plan goes on.
            if matches!(self.replacement.progress.stage, Stage::Switching | Stage::Cleaning) {
                return;
            }
        }
        panic!("the plan never rests in {:?}", self.replacement.progress);
    }

    fn check(&self, seen: &Observation, to: &crate::model::Progress) {
        let from = &self.replacement.progress;
        if from.stage == to.stage && from.course == to.course {
            assert!(from.ask.is_some() && to.ask.is_none(), "a step that changes nothing");
            return;
        }
        assert!(!from.is_over(), "left its end");
        match (&to.course, to.stage) {
            (Course::Forward, Stage::Switching) => {
                assert_eq!(
                    seen.candidate,
                    Health::Ready,
                    "switched to a candidate that is not ready now"
                );
                let warm_up =
                    Millis::minutes(self.replacement.config.warmup_duration_minutes.into());
                let waited =
                    from.stage == Stage::Warming && seen.elapsed >= from.limit.min(warm_up);
                let skipped = warm_up == Millis::ZERO
                    || from.ask == Some(Ask::SwitchNow)
                    || from.stage == Stage::Held
                    || matches!(seen.previous, Health::Failed(_) | Health::Gone);
                assert!(waited || skipped, "skipped the warm-up");
                assert!(
                    from.gate == Gate::Open || from.ask == Some(Ask::SwitchNow),
                    "switched although held"
                );
            }
            (Course::Back(_), Stage::Switching) => {
                assert_eq!(seen.previous, Health::Ready, "went back to something not healthy now");
            }
            (Course::Forward | Course::Back(_), Stage::Cleaning) => {
                let drained = from.stage == Stage::Draining
                    && (seen.open == 0 || seen.elapsed >= LIMITS.drain_cap);
                assert!(drained || from.stage == Stage::Keeping, "stopped before it had drained");
            }
            _ => {}
        }
        if to.stage != Stage::Done {
            let expected = to.stage != Stage::Starting || to.unready < LIMITS.start_deadline;
            assert!(to.limit > Millis::ZERO || !expected, "{:?} has no deadline", to.stage);
        }
    }

    fn happen(&mut self, what: Happens) {
        let running = |health: &Health| *health != Health::Gone;
        match what {
            Happens::Passes(time) => {
                self.elapsed = self.elapsed.saturating_add(time);
                self.wall = self.wall.saturating_add(i64::try_from(time.0).unwrap() * 1000);
            }
            Happens::CandidateBecomes(health) if running(&self.candidate) => {
                self.candidate = health;
            }
            Happens::PreviousBecomes(health) if running(&self.previous) => self.previous = health,
            Happens::CandidateBecomes(_) | Happens::PreviousBecomes(_) => {}
            Happens::Open(open) => self.open = open,
            Happens::Asks(ask) => self.replacement.progress.ask = Some(ask),
            Happens::Gate(gate) => self.replacement.progress.gate = gate,
            Happens::WallClock(by) => self.wall = self.wall.saturating_add(by),
            Happens::Crash => {
                self.elapsed = self.replacement.progress.spent;
                self.open = 0;
            }
            Happens::Acts => self.act(),
        }
    }

    /// Whoever has the traffic at the end must be there.
    fn check_end(&self) {
        let outcome = self.replacement.progress.outcome().unwrap();
        let expected = match outcome {
            Outcome::Completed => Side::Candidate,
            Outcome::Failed | Outcome::Cancelled | Outcome::RolledBack => Side::Previous,
        };
        assert_eq!(self.world().traffic, expected, "{outcome} left the traffic on the wrong side");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Invariants 1 to 4 and 6 of `docs/rules.md` in any interleaving, and 3 again as liveness: with time
    /// passing and actions happening, every replacement ends.
    #[test]
    fn no_interleaving_hurts_traffic_and_every_replacement_ends(
        warm_up in 0_u32..3,
        keep in 0_u32..3,
        story in proptest::collection::vec(happens(), 0..120),
    ) {
        let mut sim = Sim::new(warm_up, keep);
        for what in story {
            sim.happen(what);
            sim.look();
        }
        sim.replacement.progress.gate = Gate::Open;
        for _ in 0..400 {
            if sim.replacement.progress.is_over() {
                break;
            }
            sim.happen(Happens::Acts);
            sim.look();
            sim.happen(Happens::Passes(Millis::seconds(30)));
            sim.look();
        }
        prop_assert!(sim.replacement.progress.is_over(), "stuck in {:?}", sim.replacement.progress);
        sim.act();
        sim.check_end();
    }

    /// A candidate that flaps for ever is given up, however short its spells.
    #[test]
    fn flapping_is_given_up(spell in 1_u64..20_000) {
        let mut sim = Sim::new(1, 0);
        sim.act();
        for round in 0..40 {
            let health = if round % 2 == 0 { Health::Ready } else { Health::Unready { ready: 0, wanted: 1 } };
            sim.happen(Happens::CandidateBecomes(health));
            sim.happen(Happens::Passes(Millis(spell)));
            sim.look();
        }
        sim.act();
        sim.look();
        prop_assert_eq!(sim.replacement.progress.outcome(), Some(Outcome::Failed));
    }
}

/// The plain course, stage by stage, as a person sees it on the page.
#[test]
fn the_plain_course() {
    let mut sim = Sim::new(5, 10);
    let mut stages = vec![];
    sim.act();
    for _ in 0..200 {
        sim.look();
        let stage = sim.replacement.progress.stage;
        if stages.last() != Some(&stage) {
            stages.push(stage);
        }
        sim.act();
        if stage == Stage::Starting {
            sim.happen(Happens::CandidateBecomes(Health::Ready));
        }
        sim.happen(Happens::Passes(Millis::seconds(10)));
    }
    let expected = [
        Stage::Starting,
        Stage::Warming,
        Stage::Switching,
        Stage::Keeping,
        Stage::Cleaning,
        Stage::Done,
    ];
    assert_eq!(stages, expected);
}

/// A jump of the wall clock neither skips a warm-up nor ends a wait.
#[test]
fn the_wall_clock_decides_nothing() {
    let mut sim = Sim::new(5, 0);
    sim.act();
    sim.look();
    sim.happen(Happens::CandidateBecomes(Health::Ready));
    sim.look();
    sim.happen(Happens::WallClock(86_400_000_000));
    sim.look();
    assert_eq!(sim.replacement.progress.stage, Stage::Warming);
}
