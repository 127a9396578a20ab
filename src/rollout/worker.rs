//! One look at one workload: see what is, take the next step if the plan names one, make the world match
//! what is stored, and write down what changed.
//!
//! Known limitation: while the engine can't be reached nothing is decided, and the gateway goes on with the
//! replicas it last knew.

use std::{collections::HashMap, future::pending, sync::Arc};

use super::{
    controller::why_unavailable,
    live::{Look, RolloutLook},
    plan::{self, Care, Limits, Observation, Side, Step},
    status::{Part, proton_status},
    transition::{self, Around},
};
use crate::{
    error::Error,
    house::House,
    model::{
        Course, EventId, EventKind, Health, Millis, NewEvent, Observed, Proton, ProtonId,
        ProtonStatus, Receipt, Replacement, ReplacementId, Replica, Stage, Timestamp, Wanted,
        Workload, WorkloadId,
    },
    traffic::{Endpoint, ProtonTraffic, Target, Totals},
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
    applied: HashMap<ProtonId, Timestamp>,
    draining: Option<Arc<ProtonTraffic>>,
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
}

impl Seen {
    fn wanted(&self) -> u32 {
        self.proton.snapshot.runtime.replicas()
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
            if matches!(stepped, Stepped::Yes) {
                self.house.controller.live().changed(&self.id);
                continue;
            }
            return self.settle(&workload, replacement.as_ref(), seen, stepped).await;
        }
    }

    async fn see(&self) -> Result<Vec<Seen>, Error> {
        let mut seen = Vec::new();
        for proton in self.house.store.live_protons_of(&self.id).await? {
            let observed = self.house.engine.observe(&proton.id).await?;
            let traffic = self.house.controller.live().traffic_of(&self.id, &proton.id);
            let ready: Vec<_> =
                observed.replicas.iter().filter(|r| r.ready).filter_map(|r| r.address).collect();
            traffic.set_ready(&ready);
            seen.push(Seen { proton, observed, traffic });
        }
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
        let look =
            RolloutLook { id: replacement.id.clone(), elapsed, receipt: counted.receipt, open };
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
                transition::write(&self.house, workload, &current, to, around).await?;
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

    fn endpoint(&self, workload: &Workload) -> Arc<Endpoint> {
        self.house.routes.get(self.id.as_str()).unwrap_or_else(|| {
            self.house.routes.put(
                self.id.clone(),
                workload.org_id.clone(),
                workload.creator_id.clone(),
            )
        })
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

    /// Nothing more to decide: make the world match what is stored, and tell what is seen.
    async fn settle(
        &mut self,
        workload: &Workload,
        replacement: Option<&Replacement>,
        mut seen: Vec<Seen>,
        stepped: Stepped,
    ) -> Result<Option<Millis>, Error> {
        let serving =
            (workload.wanted == Wanted::Running).then(|| workload.active_proton.clone()).flatten();
        self.route(workload, serving.as_ref(), &seen);
        let mut busy = replacement.is_some();
        for one in &mut seen {
            let care = self.care(replacement, serving.as_ref(), one);
            self.act(care, one).await?;
            // One that was closed just now is removed at the next look, which must not be far.
            busy |= care != Care::Run || one.proton.status == ProtonStatus::Submitted;
            self.tell(workload, replacement, serving.as_ref(), care, one).await?;
        }
        self.leaving
            .retain(|id, _| seen.iter().any(|s| s.proton.id == *id && !s.proton.status.is_over()));
        self.applied.retain(|id, _| seen.iter().any(|s| s.proton.id == *id));
        let alive = seen.iter().any(|s| !s.proton.status.is_over());
        if replacement.is_none() {
            self.draining = seen
                .iter()
                .find(|s| self.leaving.contains_key(&s.proton.id) && s.traffic.open() > 0)
                .map(|s| Arc::clone(&s.traffic));
        }
        self.release(workload, &seen).await?;
        let (rest, rollout) = match stepped {
            Stepped::Waits { rest, look } => (rest.min(BUSY), Some(look)),
            _ if busy => (BUSY, None),
            _ => (IDLE, None),
        };
        let observed = seen.into_iter().map(|s| (s.proton.id, s.observed)).collect();
        let look = Look { at: self.house.now(), observed, rollout };
        self.house.controller.live().saw(&self.id, look);
        let ended = matches!(workload.wanted, Wanted::Deleted) && !alive;
        if ended {
            self.house.routes.remove(&self.id);
        }
        let idle = workload.wanted != Wanted::Running
            && !alive
            && replacement.is_none()
            && workloads::next_deadline(workload).is_none();
        Ok((!idle).then(|| rest.min(self.until_deadline(workload))))
    }

    fn until_deadline(&self, workload: &Workload) -> Millis {
        workloads::next_deadline(workload)
            .map_or(IDLE, |at| at.since(self.house.now()).saturating_add(Millis(1)))
    }

    fn route(&self, workload: &Workload, serving: Option<&ProtonId>, seen: &[Seen]) {
        let endpoint = self.endpoint(workload);
        let side = serving.and_then(|id| seen.iter().find(|s| s.proton.id == *id));
        match side {
            Some(side) => {
                side.traffic.reopen();
                let already = matches!(
                    &*endpoint.target(),
                    Target::Serving(t) if Arc::ptr_eq(t, &side.traffic)
                );
                if !already {
                    endpoint.switch_to(Target::Serving(Arc::clone(&side.traffic)));
                }
            }
            None => {
                let why = why_unavailable(workload.wanted);
                endpoint.switch_to(Target::Unavailable(why.to_owned()));
            }
        }
    }

    /// What is to become of a proton, by the plan of the replacement it takes part in, else by whether it
    /// serves.
    fn care(
        &mut self,
        replacement: Option<&Replacement>,
        serving: Option<&ProtonId>,
        one: &Seen,
    ) -> Care {
        let id = &one.proton.id;
        if let (Some(replacement), Some(_)) = (replacement, serving) {
            let world = plan::world(&replacement.progress);
            if replacement.candidate.as_ref() == Some(id) {
                return Self::never_what_serves(world.candidate, serving, id);
            }
            if replacement.previous.as_ref() == Some(id) {
                return Self::never_what_serves(world.previous, serving, id);
            }
        }
        if serving == Some(id) {
            return Care::Run;
        }
        let mono = self.house.clock.monotonic();
        let since = *self.leaving.entry(id.clone()).or_insert(mono);
        let drained = one.traffic.is_closed() && one.traffic.open() == 0;
        if drained || mono.saturating_sub(since) >= self.house.settings.drain_cap {
            Care::Remove
        } else {
            Care::Close
        }
    }

    fn never_what_serves(care: Care, serving: Option<&ProtonId>, id: &ProtonId) -> Care {
        if serving == Some(id) { Care::Run } else { care }
    }

    async fn act(&mut self, care: Care, one: &Seen) -> Result<(), Error> {
        let id = &one.proton.id;
        match care {
            Care::Run => {
                if one.is_gone() || !self.applied.contains_key(id) {
                    self.house.engine.apply(&one.proton).await?;
                    self.applied.insert(id.clone(), self.house.now());
                }
            }
            Care::Close => {
                one.traffic.close();
            }
            Care::Remove => {
                one.traffic.close();
                self.house.engine.remove(id, self.house.settings.stop_grace).await?;
            }
        }
        Ok(())
    }

    /// Writes down a changed status, restarts that were not told yet, and the first readiness.
    async fn tell(
        &self,
        workload: &Workload,
        replacement: Option<&Replacement>,
        serving: Option<&ProtonId>,
        care: Care,
        one: &mut Seen,
    ) -> Result<(), Error> {
        let proton = &one.proton;
        let is_candidate = replacement.is_some_and(|r| r.candidate.as_ref() == Some(&proton.id));
        let part = match (replacement, serving == Some(&proton.id), is_candidate) {
            (_, true, _) => Part::Active,
            (Some(replacement), _, true) if care == Care::Run => {
                Part::Candidate(&replacement.progress)
            }
            _ => Part::Leaving { care, open: one.traffic.open() },
        };
        let was_ready = proton.running_since.is_some();
        let (status, message) = proton_status(part, &one.observed, one.wanted(), was_ready);
        // The reason of a failure outlives the replicas.
        let message = if care == Care::Remove { proton.message.clone() } else { message };
        let restarts: u32 = one.observed.replicas.iter().map(|r| r.restarts).sum();
        let first_ready = !was_ready && one.health() == Health::Ready;
        let changed = status != proton.status
            || message != proton.message
            || restarts > proton.restarts
            || first_ready;
        if !changed {
            return Ok(());
        }
        let now = self.house.now();
        let mut next = proton.clone();
        next.status = status;
        next.message = message;
        next.restarts = restarts.max(proton.restarts);
        next.updated_at = now;
        if first_ready {
            next.running_since = Some(now);
        }
        if status.is_over() {
            next.role = None;
        }
        let mut write = self.house.store.write().await?;
        for event in self.news(workload, proton, &next, matches!(part, Part::Active), &one.observed)
        {
            write.event(&workload.org_id, event, now, EventId::from_bytes(self.house.id()));
        }
        write.update_proton(&next).await?;
        write.commit().await?;
        one.proton = next;
        self.house.controller.live().changed(&self.id);
        Ok(())
    }

    fn news(
        &self,
        workload: &Workload,
        before: &Proton,
        after: &Proton,
        active: bool,
        observed: &Observed,
    ) -> Vec<NewEvent> {
        let mut news = Vec::new();
        if after.restarts > before.restarts {
            let last = observed
                .replicas
                .iter()
                .filter(|r| r.last_exit.is_some())
                .max_by_key(|r| r.last_exit.as_ref().map(|exit| exit.at));
            let how = last.map_or_else(|| "a replica ended".to_owned(), how_it_ended);
            let text = format!("{}: {how}; it was started again", after.snapshot.label);
            let details = serde_json::json!({
                "protonId": after.id, "restarts": after.restarts,
                "exit": last.and_then(|r| r.last_exit.as_ref()),
            });
            news.push(
                NewEvent::on_workload(&self.id, EventKind::ReplicaRestarted, text)
                    .warning()
                    .with(details),
            );
        }
        if active && after.status != before.status {
            let details = serde_json::json!({
                "protonId": after.id, "from": before.status, "to": after.status,
            });
            let text = match &after.message {
                Some(why) => format!("{} is {}: {why}", workload.name, after.status),
                None => format!("{} is {}", workload.name, after.status),
            };
            let mut event =
                NewEvent::on_workload(&self.id, EventKind::StatusChanged, text).with(details);
            if after.status == ProtonStatus::Errored {
                event = event.warning();
            }
            news.push(event);
        }
        news
    }

    /// A stopped workload lets go of its proton when the last replica of any is gone.
    async fn release(&self, workload: &Workload, seen: &[Seen]) -> Result<(), Error> {
        if workload.active_proton.is_none() {
            return Ok(());
        }
        let all_over = seen.iter().all(|s| s.proton.status.is_over());
        if workload.wanted == Wanted::Running || !all_over {
            return Ok(());
        }
        let mut workload = workload.clone();
        workload.active_proton = None;
        workload.updated_at = self.house.now();
        let mut write = self.house.store.write().await?;
        if workload.wanted == Wanted::Stopped {
            let text = format!("{} has stopped", workload.name);
            let event = NewEvent::on_workload(&self.id, EventKind::StatusChanged, text);
            write.event(
                &workload.org_id,
                event,
                self.house.now(),
                EventId::from_bytes(self.house.id()),
            );
        }
        write.update_workload(&mut workload).await?;
        write.commit().await?;
        self.house.controller.live().changed(&self.id);
        Ok(())
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

fn how_it_ended(replica: &Replica) -> String {
    match replica.last_exit.as_ref().map(|exit| (exit.code, exit.signal)) {
        Some((Some(code), _)) => format!("{} exited with code {code}", replica.name),
        Some((None, Some(signal))) => format!("{} was ended by signal {signal}", replica.name),
        _ => format!("{} ended", replica.name),
    }
}
