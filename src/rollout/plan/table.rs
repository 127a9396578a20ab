//! Each rule by itself: what one look decides, and how the two sides are treated in each stage. The random
//! stories of [`super::tests`] say what may never happen; this says what must.

use super::{
    Care, Limits, Observation, Side, Step, World, next,
    tests::{LIMITS, replacement},
    world,
};
use crate::model::{
    Ask, Cause, Course, Gate, Health, Millis, Progress, Replacement, Stage, Timestamp,
};

/// Of every stage here, and how much of it has passed unless a case says otherwise.
const LIMIT: Millis = Millis::seconds(100);
const PASSED: Millis = Millis::seconds(40);
const LEFT: Millis = Millis::seconds(60);
const CLEANING: Millis = Millis::seconds(130);
const WARM_UP: Millis = Millis::minutes(5);
const KEEP: Millis = Millis::minutes(10);

const EARLY: [Stage; 5] =
    [Stage::Submitted, Stage::Starting, Stage::Ready, Stage::Warming, Stage::Held];
const LATE: [Stage; 3] = [Stage::Switching, Stage::Draining, Stage::Keeping];

/// A replacement in a stage, and what is seen of it: both sides ready, a request open.
#[derive(Clone)]
struct Case {
    replacement: Replacement,
    seen: Observation,
}

fn asked() -> Cause {
    Cause::Asked
}

fn failed() -> Health {
    Health::Failed("exited with code 3".into())
}

fn unready() -> Health {
    Health::Unready { ready: 1, wanted: 2 }
}

fn case(course: Course, stage: Stage) -> Case {
    let mut replacement = replacement(5, 10);
    let progress = &mut replacement.progress;
    (progress.course, progress.stage, progress.limit) = (course, stage, LIMIT);
    let seen = Observation {
        elapsed: PASSED,
        candidate: Health::Ready,
        previous: Health::Ready,
        traffic: Some(world(progress).traffic),
        open: 1,
    };
    Case { replacement, seen }
}

fn forward(stage: Stage) -> Case {
    case(Course::Forward, stage)
}

impl Case {
    fn at(mut self, change: impl FnOnce(&mut Progress)) -> Self {
        change(&mut self.replacement.progress);
        self
    }

    fn asks(self, ask: Ask) -> Self {
        self.at(|progress| progress.ask = Some(ask))
    }

    fn held(self) -> Self {
        self.at(|progress| progress.gate = Gate::Held)
    }

    fn candidate(mut self, health: Health) -> Self {
        self.seen.candidate = health;
        self
    }

    fn previous(mut self, health: Health) -> Self {
        self.seen.previous = health;
        self
    }

    fn traffic(mut self, side: Side) -> Self {
        self.seen.traffic = Some(side);
        self
    }

    fn open(mut self, open: u64) -> Self {
        self.seen.open = open;
        self
    }

    fn late(mut self) -> Self {
        self.seen.elapsed = LIMIT;
        self
    }

    fn with(mut self, warm_up: u32, keep: u32) -> Self {
        self.replacement.config.warmup_duration_minutes = warm_up;
        self.replacement.config.keep_old_version_minutes = keep;
        self
    }

    fn step(&self) -> Step {
        next(&self.replacement, &LIMITS, &self.seen, Timestamp::from_micros(77))
    }

    #[track_caller]
    fn stays(&self, rest: Millis) {
        assert_eq!(self.step(), Step::Stay(rest));
    }

    /// Nothing of the stage before is taken along but what is said here.
    #[track_caller]
    fn goes(&self, course: &str, stage: Stage, limit: Millis) -> Progress {
        let Step::Go(to) = self.step() else { panic!("{:?} does not go on", self.seen) };
        let way = match to.course {
            Course::Forward => "forward",
            Course::Withdraw(_) => "withdraw",
            Course::Back(_) => "back",
        };
        assert_eq!((way, to.stage, to.limit), (course, stage, limit));
        assert_eq!((to.since, to.spent), (Timestamp::from_micros(77), Millis::ZERO));
        assert_eq!((to.ask, to.gate), (None, self.replacement.progress.gate));
        to
    }
}

#[test]
fn whoever_asks_is_heard() {
    for stage in EARLY {
        forward(stage).asks(Ask::Withdraw).goes("withdraw", Stage::Cleaning, CLEANING);
    }
    for stage in LATE {
        let case = forward(stage).asks(Ask::Withdraw);
        case.goes("back", Stage::Switching, Limits::SWITCHING);
        // Not onto what is not healthy; the time in the stage goes on.
        for health in [unready(), failed(), Health::Gone] {
            let Step::Go(to) = case.clone().previous(health).step() else { panic!("{stage}") };
            assert_eq!((&to.course, to.stage, to.ask), (&Course::Forward, stage, None));
            assert_eq!((to.spent, to.limit), (PASSED, LIMIT));
        }
    }
    for stage in [Stage::Warming, Stage::Held] {
        let now = forward(stage).asks(Ask::SwitchNow);
        now.goes("forward", Stage::Switching, Limits::SWITCHING);
        now.held().goes("forward", Stage::Switching, Limits::SWITCHING);
    }
    forward(Stage::Keeping).asks(Ask::Finish).goes("forward", Stage::Cleaning, CLEANING);
}

#[test]
fn a_candidate_that_fails_is_left() {
    for stage in EARLY {
        forward(stage).candidate(failed()).goes("withdraw", Stage::Cleaning, CLEANING);
    }
    for stage in LATE {
        let case = forward(stage).candidate(failed());
        case.goes("back", Stage::Switching, Limits::SWITCHING);
    }
    forward(Stage::Keeping).candidate(failed()).previous(unready()).stays(LEFT);
}

#[test]
fn before_the_switch() {
    let start = LIMITS.start_deadline;
    forward(Stage::Submitted).goes("forward", Stage::Starting, start);
    let starting = forward(Stage::Starting);
    let up = starting.goes("forward", Stage::Ready, Limits::READY);
    assert_eq!(up.unready, PASSED, "the budget counts each attempt");
    starting.clone().candidate(unready()).stays(LEFT);
    let late = starting.candidate(unready()).late();
    late.goes("withdraw", Stage::Cleaning, CLEANING);

    for stage in [Stage::Ready, Stage::Warming, Stage::Held] {
        let back = forward(stage).candidate(unready());
        let tired = back.clone().at(|at| at.unready = Millis::minutes(4));
        assert_eq!(back.goes("forward", Stage::Starting, start).setbacks, 1);
        tired.goes("forward", Stage::Starting, Millis::minutes(6));
        let often = |times| back.clone().at(|at| at.setbacks = times);
        often(Limits::SETBACKS - 2).goes("forward", Stage::Starting, start);
        often(Limits::SETBACKS - 1).goes("withdraw", Stage::Cleaning, CLEANING);
    }
    let mut slow = forward(Stage::Submitted);
    slow.replacement.start_budget = Millis::minutes(20);
    slow.goes("forward", Stage::Starting, Millis::minutes(20));

    let ready = forward(Stage::Ready);
    ready.goes("forward", Stage::Warming, WARM_UP);
    ready.clone().previous(unready()).goes("forward", Stage::Warming, WARM_UP);
    ready.clone().with(0, 10).goes("forward", Stage::Switching, Limits::SWITCHING);
    let warming = forward(Stage::Warming);
    warming.stays(LEFT);
    warming.clone().late().goes("forward", Stage::Switching, Limits::SWITCHING);
    warming.late().held().goes("forward", Stage::Held, Limits::HELD);
    for dead in [failed(), Health::Gone] {
        for stage in [Stage::Ready, Stage::Warming] {
            let alone = forward(stage).previous(dead.clone());
            alone.goes("forward", Stage::Switching, Limits::SWITCHING);
        }
    }
    let held = forward(Stage::Held).held();
    held.stays(LEFT);
    held.late().goes("withdraw", Stage::Cleaning, CLEANING);
    forward(Stage::Held).goes("forward", Stage::Switching, Limits::SWITCHING);
}

#[test]
fn after_the_switch() {
    let switching = forward(Stage::Switching).traffic(Side::Previous);
    switching.stays(LEFT);
    switching.clone().late().goes("back", Stage::Switching, Limits::SWITCHING);
    switching.late().previous(unready()).stays(Millis::ZERO);
    forward(Stage::Switching).goes("forward", Stage::Draining, LIMITS.drain_cap);

    let draining = forward(Stage::Draining);
    draining.stays(LEFT);
    draining.clone().late().goes("forward", Stage::Keeping, KEEP);
    let drained = draining.open(0);
    drained.goes("forward", Stage::Keeping, KEEP);
    drained.clone().with(5, 0).goes("forward", Stage::Cleaning, CLEANING);
    forward(Stage::Keeping).stays(LEFT);
    forward(Stage::Keeping).previous(unready()).stays(LEFT);
    forward(Stage::Keeping).late().goes("forward", Stage::Cleaning, CLEANING);
    for dead in [failed(), Health::Gone] {
        drained.clone().previous(dead.clone()).goes("forward", Stage::Cleaning, CLEANING);
        forward(Stage::Keeping).previous(dead).goes("forward", Stage::Cleaning, CLEANING);
    }
}

#[test]
fn on_the_way_back() {
    let back = |stage| case(Course::Back(asked()), stage);
    back(Stage::Switching).traffic(Side::Candidate).stays(LEFT);
    back(Stage::Switching).goes("back", Stage::Draining, LIMITS.drain_cap);
    let deaf = back(Stage::Switching).traffic(Side::Candidate).late();
    deaf.goes("back", Stage::Draining, LIMITS.drain_cap);
    back(Stage::Draining).stays(LEFT);
    back(Stage::Draining).open(0).goes("back", Stage::Cleaning, CLEANING);
    back(Stage::Draining).late().goes("back", Stage::Cleaning, CLEANING);
}

/// Whoever leaves is waited for, for a while; nobody else is.
#[test]
fn the_end() {
    for (course, way) in [
        (Course::Forward, "forward"),
        (Course::Withdraw(asked()), "withdraw"),
        (Course::Back(asked()), "back"),
    ] {
        let cleaning = case(course.clone(), Stage::Cleaning);
        cleaning.stays(LEFT);
        cleaning.clone().late().goes(way, Stage::Done, Millis::ZERO);
        let (left, stayed) = match course {
            Course::Forward => {
                (cleaning.clone().previous(Health::Gone), cleaning.candidate(Health::Gone))
            }
            _ => (cleaning.clone().candidate(Health::Gone), cleaning.previous(Health::Gone)),
        };
        left.goes(way, Stage::Done, Millis::ZERO);
        stayed.stays(LEFT);
        case(course, Stage::Done).stays(Limits::HELD);
    }
}

/// A side is closed when the other has the traffic, and taken away when it has finished.
#[test]
fn how_each_side_is_treated() {
    use Care::{Close, Remove, Run};
    use Side::{Candidate, Previous};
    let expect = |course: Course, stage: Stage, traffic, previous, candidate| {
        let progress = case(course, stage).replacement.progress;
        let expected = World { traffic, previous, candidate };
        assert_eq!(world(&progress), expected, "{:?} {stage}", progress.course);
    };
    for stage in EARLY {
        expect(Course::Forward, stage, Previous, Run, Run);
    }
    expect(Course::Forward, Stage::Switching, Candidate, Run, Run);
    expect(Course::Forward, Stage::Draining, Candidate, Close, Run);
    expect(Course::Forward, Stage::Keeping, Candidate, Close, Run);
    expect(Course::Back(asked()), Stage::Switching, Previous, Run, Run);
    expect(Course::Back(asked()), Stage::Draining, Previous, Run, Close);
    for stage in [Stage::Cleaning, Stage::Done] {
        expect(Course::Forward, stage, Candidate, Remove, Run);
        expect(Course::Withdraw(asked()), stage, Previous, Run, Remove);
        expect(Course::Back(asked()), stage, Previous, Run, Remove);
    }
}
