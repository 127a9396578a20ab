//! Where the requests of one workload go, and the switch.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::{Claim, ProtonTraffic};
use crate::model::{Grant, OrgId, WorkloadId};

/// What stands behind an endpoint.
#[derive(Debug)]
pub enum Target {
    Serving(Arc<ProtonTraffic>),
    /// Nothing does; the text says why, to be read by people: "it is stopped".
    Unavailable(String),
}

/// Why a request found no replica.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("this workload can't answer: {0}")]
    Unavailable(String),
    #[error("no replica of this workload is ready")]
    NoReplica,
    #[error("this workload is being switched over")]
    Switching,
}

/// The lasting way in to a workload.
#[derive(Debug)]
pub struct Endpoint {
    pub workload: WorkloadId,
    pub org: OrgId,
    grants: ArcSwap<Vec<Grant>>,
    target: ArcSwap<Target>,
}

/// How often a request that meets a closed gate looks again. The target is flipped before the old gate is
/// closed, so the second look finds an open one unless yet another switch has come between.
const LOOKS: usize = 16;

impl Endpoint {
    pub(super) fn new(workload: WorkloadId, org: OrgId, grants: Vec<Grant>) -> Arc<Self> {
        let target = Target::Unavailable("it has not started yet".to_owned());
        let grants = ArcSwap::from_pointee(grants);
        Arc::new(Self { workload, org, grants, target: ArcSwap::from_pointee(target) })
    }

    /// Who may use it, from the next request on.
    pub fn share(&self, grants: Vec<Grant>) {
        self.grants.store(Arc::new(grants));
    }

    /// Who may use it.
    pub fn grants(&self) -> Arc<Vec<Grant>> {
        self.grants.load_full()
    }

    /// The switch: every request that comes from now on goes to `target`.
    pub fn switch_to(&self, target: Target) {
        self.target.store(Arc::new(target));
    }

    pub fn target(&self) -> Arc<Target> {
        self.target.load_full()
    }

    /// The right to use a ready replica of whatever serves now.
    pub fn claim(&self) -> Result<Claim, Refusal> {
        for _ in 0..LOOKS {
            let target = self.target.load();
            let proton = match &**target {
                Target::Unavailable(why) => return Err(Refusal::Unavailable(why.clone())),
                Target::Serving(proton) => proton,
            };
            let Some(inside) = proton.gate().enter() else {
                std::hint::spin_loop();
                continue;
            };
            proton.counters().opened(inside);
            let Some(upstream) = proton.pick() else {
                proton.refused();
                proton.gate().leave();
                return Err(Refusal::NoReplica);
            };
            return Ok(Claim::entered(Arc::clone(proton), upstream));
        }
        Err(Refusal::Switching)
    }
}
