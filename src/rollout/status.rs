//! The status of a proton, from what the engine sees of it and the part it plays (rules.md L5).

use crate::model::{Health, Observed, Progress, ProtonStatus, ReplicaPhase, Stage};

use super::plan::Care;

/// The part a proton plays now.
#[derive(Debug, Clone, Copy)]
pub enum Part<'a> {
    /// Serves, or is meant to.
    Active,
    /// The newcomer of a replacement.
    Candidate(&'a Progress),
    /// Lost the traffic: drains, is kept as the way back, or is being stopped.
    Leaving { care: Care, open: u64 },
}

/// What a proton is taken for while not all of its replicas are ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Past {
    /// It was never ready: it comes up.
    New,
    /// It was: it serves with what is left.
    Served,
    /// It was, and may have no replica at all: requests wait until it has one.
    Sleeps,
}

/// What to call it, and why when it is errored.
pub fn proton_status(
    part: Part<'_>,
    seen: &Observed,
    wanted: u32,
    past: Past,
) -> (ProtonStatus, Option<String>) {
    let gone = seen.replicas.is_empty() && seen.fatal.is_none();
    let health = seen.health(wanted);
    match part {
        Part::Leaving { care: Care::Remove, .. } if gone => (ProtonStatus::Stopped, None),
        Part::Leaving { care: Care::Remove, .. } => (ProtonStatus::Stopping, None),
        Part::Leaving { open, .. } if open > 0 => (ProtonStatus::Draining, None),
        Part::Candidate(progress)
            if health == Health::Ready
                && matches!(progress.stage, Stage::Ready | Stage::Warming | Stage::Held) =>
        {
            (ProtonStatus::Warming, None)
        }
        _ => coming_up(health, seen, past),
    }
}

fn coming_up(health: Health, seen: &Observed, past: Past) -> (ProtonStatus, Option<String>) {
    match health {
        Health::Ready => (ProtonStatus::Running, None),
        // One of several replicas keeps failing, but the others serve.
        Health::Failed(why) if seen.fatal.is_none() && seen.replicas.iter().any(|r| r.ready) => {
            (ProtonStatus::Running, Some(why))
        }
        Health::Failed(why) => (ProtonStatus::Errored, Some(why)),
        _ if past == Past::Sleeps => (ProtonStatus::Running, None),
        Health::Unready { ready, .. } if ready > 0 && past == Past::Served => {
            (ProtonStatus::Running, None)
        }
        Health::Unready { .. }
            if seen.replicas.iter().any(|r| r.phase == ReplicaPhase::Running) =>
        {
            (ProtonStatus::Launching, None)
        }
        Health::Unready { .. } => (ProtonStatus::Provisioning, None),
        Health::Gone => (ProtonStatus::Submitted, None),
    }
}
