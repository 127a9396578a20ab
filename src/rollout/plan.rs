//! The rules of a replacement, as one pure function. It never waits, never reads a clock and never touches
//! a socket: it is told what is seen and says what comes next.
//!
//! Why so: the controller writes each step to the store before it acts and may die between any two
//! instructions. Asking this function again with what is seen then repairs whatever was left undone, and
//! every rule can be tested against millions of interleavings in a second.
//!
//! Stage deadlines count monotonic time, kept with the stage, so that a jump of the wall clock neither
//! skips a warm-up nor ends a wait.
//!
//! Known limitation: after the switch the candidate is judged by its replicas' probes and exits only, not
//! by the answers it gives to live requests.

use crate::model::{
    Ask, Cause, Course, Gate, Health, Millis, Progress, Replacement, Stage, Timestamp,
};

/// How long things may take; one place for all of them.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub start_deadline: Millis,
    pub drain_cap: Millis,
    pub stop_grace: Millis,
}

impl Limits {
    /// An accepted replacement that nobody has begun to carry out.
    pub const SUBMITTED: Millis = Millis::seconds(60);
    /// Between the first and the second look at a ready candidate.
    pub const READY: Millis = Millis::seconds(60);
    /// Telling the gateway is one pointer swap in memory.
    pub const SWITCHING: Millis = Millis::seconds(30);
    /// A hold that nobody releases is given up.
    pub const HELD: Millis = Millis::hours(24);
    /// What the engine gets beyond the grace before we stop watching it clean up.
    pub const CLEANING_SLACK: Millis = Millis::seconds(120);
    /// A candidate that lost readiness this often is not going to keep it.
    pub const SETBACKS: u32 = 10;

    const fn cleaning(&self) -> Millis {
        self.stop_grace.saturating_add(Self::CLEANING_SLACK)
    }
}

/// Whom the gateway sends new requests to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Previous,
    Candidate,
}

/// What is seen at one moment.
#[derive(Debug, Clone)]
pub struct Observation {
    /// Monotonic time spent in the present stage.
    pub elapsed: Millis,
    pub candidate: Health,
    pub previous: Health,
    /// None when nobody gets traffic.
    pub traffic: Option<Side>,
    /// Requests still open on the side that lost the traffic.
    pub open: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Nothing changes now; look again when something does, at the latest after this long.
    Stay(Millis),
    /// Write this down, then make the world match it.
    Go(Progress),
}

/// What comes next.
pub fn next(
    replacement: &Replacement,
    limits: &Limits,
    seen: &Observation,
    now: Timestamp,
) -> Step {
    let plan = Plan { replacement, at: &replacement.progress, limits, seen, now };
    match plan.at.course {
        Course::Forward => plan.forward(),
        Course::Withdraw(_) => plan.withdraw(),
        Course::Back(_) => plan.back(),
    }
}

struct Plan<'a> {
    replacement: &'a Replacement,
    at: &'a Progress,
    limits: &'a Limits,
    seen: &'a Observation,
    now: Timestamp,
}

impl Plan<'_> {
    fn forward(&self) -> Step {
        match self.at.stage {
            Stage::Submitted | Stage::Starting | Stage::Ready | Stage::Warming | Stage::Held => {
                self.before_switch()
            }
            Stage::Switching | Stage::Draining | Stage::Keeping => self.after_switch(),
            Stage::Cleaning => self.clean(&self.seen.previous),
            Stage::Done => Step::Stay(Limits::HELD),
        }
    }

    fn before_switch(&self) -> Step {
        if self.at.ask == Some(Ask::Withdraw) {
            return self.give_up(Cause::Asked);
        }
        if let Health::Failed(why) = &self.seen.candidate {
            return self.give_up(Cause::Failed(why.clone()));
        }
        let ready = self.seen.candidate == Health::Ready;
        match self.at.stage {
            Stage::Submitted => self.start_over(self.at.unready, self.at.setbacks),
            Stage::Starting if ready => self.to(Stage::Ready, Limits::READY),
            Stage::Starting if self.time_is_up() => self.give_up(Cause::Failed(self.not_ready())),
            Stage::Starting => self.wait(),
            _ if !ready => self.set_back(),
            Stage::Ready if self.warm_up() > Millis::ZERO && self.can_wait() => {
                self.to(Stage::Warming, self.warm_up())
            }
            Stage::Warming
                if self.at.ask != Some(Ask::SwitchNow) && !self.time_is_up() && self.can_wait() =>
            {
                self.wait()
            }
            Stage::Held if self.time_is_up() => self.give_up(Cause::Failed(
                "it was held before the switch for 24 h and nobody released it".into(),
            )),
            _ if self.at.gate == Gate::Open || self.at.ask == Some(Ask::SwitchNow) => {
                self.to(Stage::Switching, Limits::SWITCHING)
            }
            Stage::Held => self.wait(),
            _ => self.to(Stage::Held, Limits::HELD),
        }
    }

    /// The warm-up is a luxury of an active proton that still serves.
    fn can_wait(&self) -> bool {
        !matches!(self.seen.previous, Health::Failed(_) | Health::Gone)
    }

    fn warm_up(&self) -> Millis {
        Millis::minutes(self.replacement.config.warmup_duration_minutes.into())
    }

    fn not_ready(&self) -> String {
        let after = self.at.unready.saturating_add(self.seen.elapsed);
        match self.seen.candidate {
            Health::Unready { ready, wanted } => {
                format!("not ready after {after}: {ready} of {wanted} replicas are ready")
            }
            _ => format!("not ready after {after}: no replica has started"),
        }
    }

    fn set_back(&self) -> Step {
        let setbacks = self.at.setbacks + 1;
        if setbacks >= Limits::SETBACKS {
            return self.give_up(Cause::Failed(format!(
                "it lost readiness {setbacks} times before it could take traffic"
            )));
        }
        self.start_over(self.at.unready, setbacks)
    }

    /// The time to become ready is one budget over all attempts, so that flapping can't last for ever.
    fn start_over(&self, unready: Millis, setbacks: u32) -> Step {
        let budget = self.limits.start_deadline.max(self.probe_budget());
        let mut progress = self.at(Stage::Starting, budget.saturating_sub(unready));
        progress.setbacks = setbacks;
        Step::Go(progress)
    }

    fn probe_budget(&self) -> Millis {
        self.replacement.start_budget
    }

    fn after_switch(&self) -> Step {
        let way_back = self.seen.previous == Health::Ready;
        if self.at.ask == Some(Ask::Withdraw) && way_back {
            return self.turn_back(Cause::Asked);
        }
        if let (Health::Failed(why), true) = (&self.seen.candidate, way_back) {
            return self.turn_back(Cause::Failed(why.clone()));
        }
        if self.at.ask == Some(Ask::Withdraw) {
            // Going back onto something that is not healthy now would make things worse.
            return self.forget_ask();
        }
        let keep = Millis::minutes(self.replacement.config.keep_old_version_minutes.into());
        match self.at.stage {
            Stage::Switching if self.seen.traffic == Some(Side::Candidate) => {
                self.to(Stage::Draining, self.limits.drain_cap)
            }
            Stage::Switching if self.time_is_up() && way_back => {
                self.turn_back(Cause::Failed("the gateway did not take the new route".into()))
            }
            Stage::Draining if self.seen.open == 0 || self.time_is_up() => {
                if keep > Millis::ZERO && self.can_wait() {
                    self.to(Stage::Keeping, keep)
                } else {
                    self.to(Stage::Cleaning, self.limits.cleaning())
                }
            }
            Stage::Keeping
                if self.time_is_up() || self.at.ask == Some(Ask::Finish) || !self.can_wait() =>
            {
                self.to(Stage::Cleaning, self.limits.cleaning())
            }
            _ => self.wait(),
        }
    }

    fn withdraw(&self) -> Step {
        match self.at.stage {
            Stage::Done => Step::Stay(Limits::HELD),
            _ => self.clean(&self.seen.candidate),
        }
    }

    fn back(&self) -> Step {
        match self.at.stage {
            Stage::Switching if self.seen.traffic == Some(Side::Previous) || self.time_is_up() => {
                self.to(Stage::Draining, self.limits.drain_cap)
            }
            Stage::Draining if self.seen.open == 0 || self.time_is_up() => {
                self.to(Stage::Cleaning, self.limits.cleaning())
            }
            Stage::Cleaning => self.clean(&self.seen.candidate),
            Stage::Done => Step::Stay(Limits::HELD),
            _ => self.wait(),
        }
    }

    fn clean(&self, leaving: &Health) -> Step {
        if *leaving == Health::Gone || self.time_is_up() {
            self.to(Stage::Done, Millis::ZERO)
        } else {
            self.wait()
        }
    }

    fn give_up(&self, cause: Cause) -> Step {
        let mut progress = self.at(Stage::Cleaning, self.limits.cleaning());
        progress.course = Course::Withdraw(cause);
        Step::Go(progress)
    }

    fn turn_back(&self, cause: Cause) -> Step {
        let mut progress = self.at(Stage::Switching, Limits::SWITCHING);
        progress.course = Course::Back(cause);
        Step::Go(progress)
    }

    fn forget_ask(&self) -> Step {
        Step::Go(Progress { ask: None, spent: self.seen.elapsed, ..self.at.clone() })
    }

    fn to(&self, stage: Stage, limit: Millis) -> Step {
        Step::Go(self.at(stage, limit))
    }

    fn at(&self, stage: Stage, limit: Millis) -> Progress {
        let unready = match self.at.stage {
            Stage::Starting => self.at.unready.saturating_add(self.seen.elapsed),
            _ => self.at.unready,
        };
        Progress {
            stage,
            since: self.now,
            spent: Millis::ZERO,
            limit,
            ask: None,
            unready,
            ..self.at.clone()
        }
    }

    fn time_is_up(&self) -> bool {
        self.seen.elapsed >= self.at.limit
    }

    fn wait(&self) -> Step {
        Step::Stay(self.at.limit.saturating_sub(self.seen.elapsed))
    }
}

/// How a proton is to be treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Care {
    /// Runs and may get traffic.
    Run,
    /// Runs, gets no new requests, finishes those it has.
    Close,
    /// Is taken away.
    Remove,
}

/// What the world should look like in a stage. The controller makes it so, again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct World {
    pub traffic: Side,
    pub previous: Care,
    pub candidate: Care,
}

/// The world of a stage. Traffic is moved before the side that loses it is closed.
pub fn world(progress: &Progress) -> World {
    let (traffic, previous, candidate) = match (&progress.course, progress.stage) {
        (Course::Forward, Stage::Switching) => (Side::Candidate, Care::Run, Care::Run),
        (Course::Forward, Stage::Draining | Stage::Keeping) => {
            (Side::Candidate, Care::Close, Care::Run)
        }
        (Course::Forward, Stage::Cleaning | Stage::Done) => {
            (Side::Candidate, Care::Remove, Care::Run)
        }
        (Course::Forward, _) | (Course::Back(_), Stage::Switching) => {
            (Side::Previous, Care::Run, Care::Run)
        }
        (Course::Back(_), Stage::Draining) => (Side::Previous, Care::Run, Care::Close),
        (Course::Withdraw(_) | Course::Back(_), _) => (Side::Previous, Care::Run, Care::Remove),
    };
    World { traffic, previous, candidate }
}

/// The first stage of every replacement.
pub fn submitted(now: Timestamp) -> Progress {
    Progress {
        stage: Stage::Submitted,
        course: Course::Forward,
        since: now,
        spent: Millis::ZERO,
        limit: Limits::SUBMITTED,
        gate: Gate::Open,
        ask: None,
        unready: Millis::ZERO,
        setbacks: 0,
    }
}

/// Where a replacement ends when the whole workload is stopped or deleted under it: given up before the
/// switch, done after it. What still runs is stopped with the workload.
pub fn cut_short(progress: &Progress, now: Timestamp) -> Progress {
    let switched = matches!(
        progress.stage,
        Stage::Switching | Stage::Draining | Stage::Keeping | Stage::Cleaning
    );
    let course = match &progress.course {
        Course::Forward if !switched => Course::Withdraw(Cause::Asked),
        other => other.clone(),
    };
    Progress {
        stage: Stage::Done,
        course,
        since: now,
        spent: Millis::ZERO,
        limit: Millis::ZERO,
        ask: None,
        ..progress.clone()
    }
}

#[cfg(test)]
mod table;
#[cfg(test)]
mod tests;
