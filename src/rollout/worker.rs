//! One look at one workload: see what is, take the next step if the plan names one, choose the number of
//! replicas ([`scale`]), make the world match what is stored ([`settle`]), and write down what changed.
//!
//! Known limitation: while the engine can't be reached nothing is decided, and the gateway goes on with the
//! replicas it last knew.

mod restarts;
mod scale;
mod settle;

use std::{collections::HashMap, future::pending, sync::Arc};

use tracing::Instrument;

use self::{restarts::Restarts, scale::Scaling};
use super::{
    live::RolloutLook,
    plan::{self, Limits, Observation, Side, Step},
    transition::{self, Around},
};
use crate::{
    error::Error,
    house::House,
    model::{
        Course, Health, Millis, Observed, Proton, ProtonId, Receipt, Replacement, ReplacementId,
        Stage, Timestamp, Workload, WorkloadId,
    },
    traced::TRACED,
    traffic::{ProtonTraffic, Target, Totals},
    workloads,
};

/// How often an idle workload is looked at even when nothing was heard.
const IDLE: Millis = Millis::seconds(30);
/// The same while a replacement runs or something is being stopped.
const BUSY: Millis = Millis::seconds(1);
/// How much of a stage's time may be forgotten in a crash.
const CHECKPOINT: Millis = Millis::seconds(5);

/// Remembers what only time in this process can tell. Losing it costs nothing but a little patience.
pub(super) struct Worker {
    house: House,
    id: WorkloadId,
    stage: Option<StageClock>,
    counted: Option<Counted>,
    /// Since when, in monotonic time, a proton outside any replacement has been told to leave.
    leaving: HashMap<ProtonId, Millis>,
    /// The number of replicas the engine was last told.
    applied: HashMap<ProtonId, u32>,
    draining: Option<Arc<ProtonTraffic>>,
    scaling: Scaling,
    /// Since when, in monotonic time, a replica has been leaving a proton that was scaled in.
    parting: HashMap<(ProtonId, u32), Millis>,
    /// When, in monotonic time, a proton was last seen with a ready replica, or wanting none.
    unready: HashMap<ProtonId, Millis>,
    restarts: Restarts,
}

struct StageClock {
    key: (ReplacementId, Stage, Timestamp),
    /// When this process first saw the stage, in its own monotonic time.
    seen_at: Millis,
    /// What the stage had behind it by then.
    spent: Millis,
}

/// Requests already on the receipt, per side.
struct Counted {
    id: ReplacementId,
    old: Totals,
    new: Totals,
    /// The receipt as it stands now, ahead of the stored one.
    receipt: Receipt,
}

/// A proton with everything known about it.
struct Seen {
    proton: Proton,
    observed: Observed,
    traffic: Arc<ProtonTraffic>,
    /// It is scaled to zero or waking: requests wait for a replica instead of failing.
    sleeps: bool,
}

impl Seen {
    fn wanted(&self) -> u32 {
        self.proton.replicas
    }

    fn health(&self) -> Health {
        self.observed.health(self.wanted())
    }

    /// Nothing of it runs any more, whatever the reason.
    fn is_gone(&self) -> bool {
        self.observed.replicas.is_empty()
    }
}

impl Worker {
    pub(super) fn new(house: House, id: WorkloadId) -> Self {
        Self {
            house,
            id,
            stage: None,
            counted: None,
            leaving: HashMap::new(),
            applied: HashMap::new(),
            draining: None,
            scaling: Scaling::default(),
            parting: HashMap::new(),
            unready: HashMap::new(),
            restarts: Restarts::default(),
        }
    }

    pub(super) fn house(&self) -> &House {
        &self.house
    }

    pub(super) fn id(&self) -> &WorkloadId {
        &self.id
    }

    /// Returns when the proton that is draining has nothing in flight any more.
    pub(super) async fn drained(&self) {
        match &self.draining {
            Some(traffic) => traffic.wait_idle().await,
            None => pending().await,
        }
    }

    /// Returns when a request has come to a workload that sleeps.
    pub(super) async fn rung(&self) {
        match self.house.routes.get(self.id.as_str()) {
            Some(endpoint) => endpoint.rung().await,
            None => pending().await,
        }
    }

    /// Looks, and takes as many steps as can be taken now. Says how long it may rest, or None when this
    /// workload needs no attention any more.
    pub(super) async fn look(&mut self) -> Result<Option<Millis>, Error> {
        loop {
            let Some(workload) = self.house.store.workload_any(&self.id).await? else {
                self.house.routes.remove(&self.id);
                return Ok(None);
            };
            if workloads::deadline(&self.house, &workload).await? {
                continue;
            }
            let replacement = self.house.store.running_replacement(&self.id).await?;
            let seen = self.see().await?;
            let stepped = match &replacement {
                Some(replacement) => self.step(&workload, replacement, &seen).await?,
                None => Stepped::No,
            };
            if matches!(stepped, Stepped::Yes) || self.scale(&workload, &seen).await? {
                self.house.controller.live().changed(&self.id);
                continue;
            }
            return self.settle(&workload, replacement.as_ref(), seen, stepped).await;
        }
    }

    async fn see(&mut self) -> Result<Vec<Seen>, Error> {
        let mono = self.house.clock.monotonic();
        let mut seen = Vec::new();
        for proton in self.house.store.live_protons_of(&self.id).await? {
            let observed = self.house.engine.observe(&proton.id).await?;
            let traffic = self.house.controller.live().traffic_of(&self.id, &proton.id);
            let mut one = Seen { proton, observed, traffic, sleeps: false };
            let wanted = one.observed.wanted(one.wanted());
            let ready: Vec<_> = wanted.filter(|r| r.ready).filter_map(|r| r.address).collect();
            if one.wanted() == 0 || !ready.is_empty() {
                self.unready.remove(&one.proton.id);
            }
            let since = *self.unready.entry(one.proton.id.clone()).or_insert(mono);
            let waking = mono.saturating_sub(since);
            one.sleeps = one.may_sleep() && waking < self.house.settings.start_deadline;
            // Before the last replica goes: a request that finds none is to know what that means.
            one.traffic.set_sleeps(one.sleeps);
            one.traffic.set_ready(&ready);
            seen.push(one);
        }
        self.unready.retain(|id, _| seen.iter().any(|one| one.proton.id == *id));
        Ok(seen)
    }

    async fn step(
        &mut self,
        workload: &Workload,
        replacement: &Replacement,
        seen: &[Seen],
    ) -> Result<Stepped, Error> {
        let elapsed = self.elapsed(replacement);
        let of = |id: &Option<ProtonId>| seen.iter().find(|s| Some(&s.proton.id) == id.as_ref());
        let (candidate, previous) = (of(&replacement.candidate), of(&replacement.previous));
        let forward = replacement.progress.course == Course::Forward;
        let leaver = if forward { previous } else { candidate };
        let open = leaver.map_or(0, |s| s.traffic.open());
        let health = |side: Option<&Seen>, leaves: bool| match side {
            None => Health::Gone,
            Some(side) if leaves && side.is_gone() => Health::Gone,
            Some(side) => side.health(),
        };
        let cleaning = replacement.progress.stage == Stage::Cleaning;
        let observation = Observation {
            elapsed,
            candidate: health(candidate, cleaning && !forward),
            previous: health(previous, cleaning && forward),
            traffic: self.traffic_side(candidate, previous),
            open,
        };
        self.draining = (replacement.progress.stage == Stage::Draining)
            .then(|| leaver.map(|s| Arc::clone(&s.traffic)))
            .flatten();
        self.count(replacement, candidate, previous);
        let limits = self.limits();
        let step = plan::next(replacement, &limits, &observation, self.house.now());
        let Some(counted) = &self.counted else { return Ok(Stepped::No) };
        let mut current = replacement.clone();
        current.receipt = counted.receipt;
        let look = RolloutLook {
            id: replacement.id.clone(),
            elapsed,
            receipt: counted.receipt,
            candidate: candidate.map(Seen::health),
            open,
        };
        match step {
            Step::Stay(rest) => {
                if elapsed.saturating_sub(replacement.progress.spent) >= CHECKPOINT {
                    self.checkpoint(current, elapsed).await?;
                }
                Ok(Stepped::Waits { rest, look })
            }
            Step::Go(to) => {
                let flight = match (to.stage, &replacement.candidate) {
                    (Stage::Cleaning | Stage::Done | Stage::Switching, Some(id)) => {
                        Some(self.house.engine.flight_record(id).await?)
                    }
                    _ => None,
                };
                tracing::info!(
                    workload = %self.id, replacement = %replacement.id,
                    from = %replacement.progress.stage, to = %to.stage, course = ?to.course, "step"
                );
                let around = Around {
                    elapsed,
                    open,
                    flight,
                    candidate: candidate.map(|s| s.proton.clone()),
                    previous: previous.map(|s| s.proton.clone()),
                };
                let span = tracing::info_span!(
                    target: TRACED, "replacement step", handover.workload.id = %self.id,
                    handover.replacement.id = %replacement.id, handover.stage.to = %to.stage,
                    handover.stage.from = %replacement.progress.stage,
                );
                let written = transition::write(&self.house, workload, &current, to, around);
                written.instrument(span).await?;
                Ok(Stepped::Yes)
            }
        }
    }

    async fn checkpoint(&self, mut replacement: Replacement, elapsed: Millis) -> Result<(), Error> {
        replacement.progress.spent = elapsed;
        let mut write = self.house.store.write().await?;
        write.update_replacement(&mut replacement).await?;
        write.commit().await?;
        Ok(())
    }

    fn elapsed(&mut self, replacement: &Replacement) -> Millis {
        let progress = &replacement.progress;
        let key = (replacement.id.clone(), progress.stage, progress.since);
        let mono = self.house.clock.monotonic();
        match &self.stage {
            Some(stage) if stage.key == key => {
                stage.spent.saturating_add(mono.saturating_sub(stage.seen_at))
            }
            _ => {
                self.stage = Some(StageClock { key, seen_at: mono, spent: progress.spent });
                progress.spent
            }
        }
    }

    /// Adds to the receipt what has been answered since the last look.
    fn count(
        &mut self,
        replacement: &Replacement,
        candidate: Option<&Seen>,
        previous: Option<&Seen>,
    ) {
        let totals = |side: Option<&Seen>| side.map(|s| s.traffic.totals()).unwrap_or_default();
        let (old, new) = (totals(previous), totals(candidate));
        if self.counted.as_ref().is_none_or(|counted| counted.id != replacement.id) {
            self.counted = Some(Counted {
                id: replacement.id.clone(),
                old,
                new,
                receipt: replacement.receipt,
            });
        }
        let Some(counted) = &mut self.counted else { return };
        let (by_old, by_new) = (old - counted.old, new - counted.new);
        counted.receipt.served_by_old += by_old.answered;
        counted.receipt.served_by_new += by_new.answered;
        counted.receipt.failed += by_old.failed() + by_new.failed();
        // Written by the steps themselves, so the stored values are the newer ones.
        counted.receipt.cut_at_cap = replacement.receipt.cut_at_cap;
        counted.receipt.ready_to_switched_ms = replacement.receipt.ready_to_switched_ms;
        (counted.old, counted.new) = (old, new);
    }

    fn traffic_side(&self, candidate: Option<&Seen>, previous: Option<&Seen>) -> Option<Side> {
        let endpoint = self.house.routes.get(self.id.as_str())?;
        let Target::Serving(serving) = &*endpoint.target() else { return None };
        let is = |side: Option<&Seen>| side.is_some_and(|s| s.proton.id == serving.id);
        match (is(candidate), is(previous)) {
            (true, _) => Some(Side::Candidate),
            (_, true) => Some(Side::Previous),
            _ => None,
        }
    }

    fn limits(&self) -> Limits {
        let settings = &self.house.settings;
        Limits {
            start_deadline: settings.start_deadline,
            drain_cap: settings.drain_cap,
            stop_grace: settings.stop_grace,
        }
    }
}

enum Stepped {
    /// There is no replacement.
    No,
    /// It moved on: look again.
    Yes,
    Waits {
        rest: Millis,
        look: RolloutLook,
    },
}
