//! How many replicas there should be: a pure function of the rules, what is seen, what was wished before,
//! and the time.
//!
//! The rules are those of Kubernetes' horizontal autoscaler, because people know how they behave: within a
//! tenth of the target nothing changes; of several policies the highest wish wins; more replicas come at once,
//! fewer only when nothing more was wished for five minutes; replicas that are not ready are not measured, but
//! assumed to be what makes the change smaller. That one window is also how long a workload must be idle before
//! it goes to zero: a request anywhere in it counts as a wish for one replica.
//!
//! Known limitation: it knows no trend. Load that grows faster than replicas start is answered late.

use std::collections::VecDeque;

use super::rules::{Metric, Policy, Rules};
use crate::model::Millis;

/// A use this close to the target, relatively, is no reason to change.
const TOLERANCE: f64 = 0.1;
/// For so long nothing more must have been wished before there are fewer.
pub const STABILISATION: Millis = Millis::minutes(5);
/// Sums of measured values are this much off at the most; it must not round up to one more replica.
const EPSILON: f64 = 1e-9;

/// What is seen of the proton that serves.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Wanted so far.
    pub replicas: u32,
    /// The use of those that run, at most one entry for each that is wanted.
    pub cpu: Vec<ReplicaCpu>,
    /// Requests in flight on all of them, and those that wait for one.
    pub in_flight: f64,
    /// A request was in flight, came or waited since the last decision.
    pub used: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReplicaCpu {
    /// Percent of the requested cpu.
    Percent(f64),
    /// Not ready, or not measured yet.
    Unknown,
}

/// The highest wishes of the last [`STABILISATION`], highest first. A wish that a later one reaches or
/// exceeds can never again be the highest, so it is not kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    wishes: VecDeque<(Millis, u32)>,
}

impl History {
    /// For a proton that is seen for the first time: whoever chose its size had a reason.
    #[must_use]
    pub fn starting_with(replicas: u32, now: Millis) -> Self {
        Self { wishes: [(now, replicas)].into() }
    }

    /// Adds a wish, and gives the highest that counts.
    fn highest_with(&mut self, wish: u32, now: Millis) -> u32 {
        self.wishes.retain(|(at, _)| now.saturating_sub(*at) < STABILISATION);
        while self.wishes.back().is_some_and(|(_, earlier)| *earlier <= wish) {
            self.wishes.pop_back();
        }
        self.wishes.push_back((now, wish));
        self.wishes.front().map_or(wish, |(_, highest)| *highest)
    }
}

/// How many, and who says so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    pub replicas: u32,
    /// The metric with the highest wish now; none when no policy could be followed.
    pub by: Option<Metric>,
}

/// How many replicas there should be from now on. Takes note of the wish in `history`.
pub fn decide(rules: &Rules, seen: &Seen, history: &mut History, now: Millis) -> Decision {
    let wishes = rules.policies.iter().map(|policy| (wish(policy, seen), policy));
    let highest = wishes.max_by_key(|(wish, policy)| (*wish, policy.priority));
    let (wish, by) = match highest {
        Some((wish, policy)) => (wish, Some(policy.metric)),
        None => (seen.replicas, None),
    };
    let floor = if rules.reach_zero() { u32::from(seen.used) } else { rules.min.max(1) };
    // The bounds come last, and a wish is kept as it was bounded: they don't change while a proton lives.
    let bounded = wish.max(floor).clamp(rules.min, rules.max.max(1));
    Decision { replicas: history.highest_with(bounded, now), by }
}

/// What one policy asks for, within its own bounds.
fn wish(policy: &Policy, seen: &Seen) -> u32 {
    let wish = match policy.metric {
        Metric::Cpu => cpu_need(policy.target, seen),
        Metric::Concurrency => need(seen.in_flight, policy.target),
    };
    let wish = match wish {
        Need::Replicas(need) => tolerant(need, seen.replicas),
        Need::AsManyAsPossible => policy.max,
    };
    wish.clamp(policy.min, policy.max)
}

enum Need {
    /// So many replicas would be used exactly as the target says.
    Replicas(f64),
    /// The target is zero and there is some use: no number is enough.
    AsManyAsPossible,
}

fn need(used: f64, target: f64) -> Need {
    if target > 0.0 {
        Need::Replicas(used / target)
    } else if used > 0.0 {
        Need::AsManyAsPossible
    } else {
        Need::Replicas(0.0)
    }
}

/// Replicas of unknown use count as idle when there is too much use, and as busy to the target when there is
/// too little: more may be on their way already, and fewer must be certain.
fn cpu_need(target: f64, seen: &Seen) -> Need {
    let wanted = f64::from(seen.replicas);
    let percents = seen.cpu.iter().filter_map(|cpu| match cpu {
        ReplicaCpu::Percent(percent) => Some(*percent),
        ReplicaCpu::Unknown => None,
    });
    let (used, measured) =
        percents.fold((0.0, 0.0), |(used, measured), percent| (used + percent, measured + 1.0));
    if measured == 0.0 {
        return Need::Replicas(wanted);
    }
    match need(used, target) {
        Need::Replicas(busy) if busy > measured => Need::Replicas(busy.max(wanted)),
        Need::Replicas(busy) => Need::Replicas(busy + (wanted - measured).max(0.0)),
        most @ Need::AsManyAsPossible => most,
    }
}

/// `need` as a whole number, or the present one when it is close enough.
fn tolerant(need: f64, present: u32) -> u32 {
    let now = f64::from(present);
    if present > 0 && (need / now - 1.0).abs() <= TOLERANCE {
        return present;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "never negative, and a cast of too much gives the most there is"
    )]
    let whole = (need - EPSILON).ceil().max(0.0) as u32;
    whole
}

#[cfg(test)]
mod tests;
