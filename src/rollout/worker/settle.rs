//! Making it so: the world is brought to match what is stored, and what is seen of it is told.

use std::sync::Arc;

use super::{
    super::{
        controller::why_unavailable,
        live::Look,
        plan::{self, Care},
        status::{Part, Past, proton_status},
    },
    BUSY, IDLE, Seen, Stepped, Worker,
};
use crate::{
    error::Error,
    model::{
        EventId, EventKind, Health, Millis, NewEvent, Observed, Proton, ProtonId, ProtonStatus,
        Replacement, Replica, Wanted, Workload,
    },
    traffic::{Endpoint, Target},
    workloads,
};

impl Worker {
    /// Nothing more to decide: make the world match what is stored, and tell what is seen.
    pub(super) async fn settle(
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
            busy |= one.surplus().next().is_some();
            self.tell(workload, replacement, serving.as_ref(), care, one).await?;
        }
        self.leaving
            .retain(|id, _| seen.iter().any(|s| s.proton.id == *id && !s.proton.status.is_over()));
        self.applied.retain(|id, _| seen.iter().any(|s| s.proton.id == *id));
        self.parting.retain(|(id, _), _| seen.iter().any(|s| s.proton.id == *id));
        self.restarts.keep_only(|id| seen.iter().any(|s| s.proton.id == *id));
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
        let rest = Self::scaling_rest(workload, &seen).map_or(rest, |look| rest.min(look));
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

    fn endpoint(&self, workload: &Workload) -> Arc<Endpoint> {
        self.house.routes.get(self.id.as_str()).unwrap_or_else(|| {
            // It is made with the workload and at every start; should it ever be missing, then it is shared
            // with nobody.
            self.house.routes.put(self.id.clone(), workload.org_id.clone(), Vec::new())
        })
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
        endpoint.call_waiting();
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
                let replicas = self.kept(one);
                let gone = one.is_gone() && replicas > 0;
                if gone || self.applied.get(id) != Some(&replicas) {
                    let wanted = Proton { replicas, ..one.proton.clone() };
                    self.house.engine.apply(&wanted).await?;
                    self.applied.insert(id.clone(), replicas);
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
        &mut self,
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
        let past = match was_ready {
            _ if one.sleeps => Past::Sleeps,
            true => Past::Served,
            false => Past::New,
        };
        let (status, message) = proton_status(part, &one.observed, one.wanted(), past);
        // The reason of a failure outlives the replicas.
        let message = if care == Care::Remove { proton.message.clone() } else { message };
        let restarts = self.restarts.fresh(proton, &one.observed);
        let first_ready = !was_ready && one.health() == Health::Ready;
        // What has gone has no images, and what it ran is to be known all the same.
        let known = &one.observed.images;
        let images = if known.is_empty() { &proton.images } else { known }.clone();
        let changed = status != proton.status
            || message != proton.message
            || images != proton.images
            || restarts > 0
            || first_ready;
        if !changed {
            self.restarts.told(&proton.id, &one.observed);
            return Ok(());
        }
        let now = self.house.now();
        let mut next = proton.clone();
        next.status = status;
        next.message = message;
        next.images = images;
        next.restarts = proton.restarts.saturating_add(restarts);
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
        self.restarts.told(&next.id, &one.observed);
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

fn how_it_ended(replica: &Replica) -> String {
    match replica.last_exit.as_ref().map(|exit| (exit.code, exit.signal)) {
        Some((Some(code), _)) => format!("{} exited with code {code}", replica.name),
        Some((None, Some(signal))) => format!("{} was ended by signal {signal}", replica.name),
        _ => format!("{} ended", replica.name),
    }
}
