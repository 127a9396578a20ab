//! Scaling in place: another number of replicas for the proton that serves, without a new one.
//!
//! The number is stored with the proton, and told, before it is acted on; the rest is level-triggered like
//! everything here. Fewer replicas are reached in the order of every change: those that leave are taken out
//! of the route, finish their requests, and only then does the engine hear of it.
//!
//! Known limitation: only what serves is scaled. A candidate keeps the size it began with until it has the
//! traffic, because a candidate that grew would be not ready again and start its warm-up over.

use super::{Seen, Worker};
use crate::{
    error::Error,
    model::{
        EventId, EventKind, Health, Millis, NewEvent, Proton, ProtonId, Replica, Wanted, Workload,
    },
    scaling::{Decision, Meter, Rules, meter},
};

/// What the worker remembers for scaling.
#[derive(Default)]
pub(super) struct Scaling {
    /// Of the proton that serves.
    meter: Option<(ProtonId, Meter)>,
}

impl Worker {
    /// Decides about the number of replicas and writes it down. True when it is another one than before.
    pub(super) async fn scale(
        &mut self,
        workload: &Workload,
        seen: &[Seen],
    ) -> Result<bool, Error> {
        let Some((one, rules)) = scaled(workload, seen) else {
            self.scaling.meter = None;
            return Ok(false);
        };
        let look = meter::Look {
            observed: &one.observed,
            replicas: one.proton.replicas,
            open: one.traffic.open(),
            waiting: self.house.routes.get(self.id.as_str()).map_or(0, |e| e.waiting()),
            totals: one.traffic.totals(),
        };
        let now = self.house.clock.monotonic();
        let meter = match self.scaling.meter.take() {
            Some((id, meter)) if id == one.proton.id => meter,
            _ => Meter::new(&look, now),
        };
        let (_, meter) = self.scaling.meter.insert((one.proton.id.clone(), meter));
        let decision = meter.decide(&rules, &look, now);
        if decision.replicas == one.proton.replicas {
            return Ok(false);
        }
        self.rescale(workload, &one.proton, decision).await?;
        Ok(true)
    }

    async fn rescale(
        &self,
        workload: &Workload,
        proton: &Proton,
        decision: Decision,
    ) -> Result<(), Error> {
        let now = self.house.now();
        let (from, to) = (proton.replicas, decision.replicas);
        let next = Proton { replicas: to, updated_at: now, ..proton.clone() };
        let text = format!("{} is scaled from {from} to {to} replicas", workload.name);
        let text = match decision.by {
            _ if to == 0 => {
                format!("{text}: it has been idle for {}", crate::scaling::decide::STABILISATION)
            }
            Some(metric) => format!("{text} by {metric}"),
            None => text,
        };
        let details = serde_json::json!({
            "protonId": proton.id, "from": from, "to": to,
            "scalingMetric": decision.by.map(|metric| metric.to_string()),
        });
        let event = NewEvent::on_workload(&self.id, EventKind::Scaled, text).with(details);
        tracing::info!(workload = %self.id, proton = %proton.id, from, to, "scaled");
        let mut write = self.house.store.write().await?;
        write.update_proton(&next).await?;
        write.event(&workload.org_id, event, now, EventId::from_bytes(self.house.id()));
        write.commit().await?;
        Ok(())
    }

    /// How many replicas the engine is to run: as many as are wanted, and up to the last of those beyond that
    /// still has requests, for no longer than the drain cap.
    pub(super) fn kept(&mut self, one: &Seen) -> u32 {
        let (mono, cap) = (self.house.clock.monotonic(), self.house.settings.drain_cap);
        let id = &one.proton.id;
        self.parting.retain(|(of, number), _| {
            of != id || one.surplus().any(|replica| replica.number == *number)
        });
        let mut kept = one.proton.replicas;
        for replica in one.surplus() {
            let since = *self.parting.entry((id.clone(), replica.number)).or_insert(mono);
            let used = replica.address.is_some_and(|address| !one.traffic.is_free(address));
            if used && mono.saturating_sub(since) < cap {
                kept = kept.max(replica.number + 1);
            }
        }
        kept
    }

    /// How long scaling lets the worker rest; none when it does not need to look by itself.
    pub(super) fn scaling_rest(workload: &Workload, seen: &[Seen]) -> Option<Millis> {
        let (one, rules) = scaled(workload, seen)?;
        // At zero the bell of the endpoint wakes it.
        (one.proton.replicas > 0 && rules.min < rules.max).then_some(meter::EVERY)
    }
}

impl Seen {
    /// Replicas that are on their way out.
    pub(super) fn surplus(&self) -> impl Iterator<Item = &Replica> {
        let wanted = self.proton.replicas;
        self.observed.replicas.iter().filter(move |replica| replica.number >= wanted)
    }

    /// To have no ready replica may be all right.
    pub(super) fn may_sleep(&self) -> bool {
        let runtime = &self.proton.snapshot.runtime;
        self.proton.running_since.is_some()
            && !matches!(self.health(), Health::Failed(_))
            && Rules::of(runtime).is_some_and(|rules| rules.reach_zero())
    }
}

/// The proton whose size is for scaling to choose. One that was never ready has not shown what it needs, and
/// one that is broken would only look idle.
fn scaled<'a>(workload: &Workload, seen: &'a [Seen]) -> Option<(&'a Seen, Rules)> {
    let active = workload.active_proton.as_ref().filter(|_| workload.wanted == Wanted::Running)?;
    let one = seen.iter().find(|one| one.proton.id == *active)?;
    one.proton.running_since?;
    let broken = matches!(one.health(), Health::Failed(_));
    if broken && !one.observed.replicas.iter().any(|replica| replica.ready) {
        return None;
    }
    Some((one, Rules::of(&one.proton.snapshot.runtime)?))
}
