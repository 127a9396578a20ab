//! Where the requests of one workload go, and the switch.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::{Claim, LOOKS, ProtonTraffic, waiting::Waiting};
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
    #[error("this workload sleeps, and its first replica is being started")]
    Asleep,
    #[error("this workload sleeps, and as many requests wait for it as may")]
    Crowded,
}

/// The lasting way in to a workload.
#[derive(Debug)]
pub struct Endpoint {
    pub workload: WorkloadId,
    pub org: OrgId,
    grants: ArcSwap<Vec<Grant>>,
    target: Arc<ArcSwap<Target>>,
    waiting: Arc<Waiting>,
}

impl Endpoint {
    pub(super) fn new(workload: WorkloadId, org: OrgId, grants: Vec<Grant>) -> Arc<Self> {
        let target = Target::Unavailable("it has not started yet".to_owned());
        Arc::new(Self {
            workload,
            org,
            grants: ArcSwap::from_pointee(grants),
            target: Arc::new(ArcSwap::from_pointee(target)),
            waiting: Arc::default(),
        })
    }

    /// Another way in to the same workload, with rights of its own.
    pub(super) fn beside(&self, grants: Vec<Grant>) -> Arc<Self> {
        Arc::new(Self {
            workload: self.workload.clone(),
            org: self.org.clone(),
            grants: ArcSwap::from_pointee(grants),
            target: Arc::clone(&self.target),
            waiting: Arc::clone(&self.waiting),
        })
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
            let Some(upstream) = proton.enter_one() else {
                let sleeps = proton.sleeps();
                if !sleeps {
                    proton.refused();
                }
                proton.gate().leave();
                return Err(if sleeps { Refusal::Asleep } else { Refusal::NoReplica });
            };
            return Ok(Claim::entered(Arc::clone(proton), upstream));
        }
        Err(Refusal::Switching)
    }

    /// The same for one who was told [`Refusal::Asleep`]: rings the bell and waits until there is a replica,
    /// or another answer. Dropping it gives up the place.
    pub async fn claim_awake(&self) -> Result<Claim, Refusal> {
        let Some(place) = self.waiting.enter() else {
            self.count_refused();
            return Err(Refusal::Crowded);
        };
        loop {
            let mut news = std::pin::pin!(place.news());
            // Listening must begin before looking, or what happens between the two is missed.
            news.as_mut().enable();
            match self.claim() {
                Err(Refusal::Asleep) => news.await,
                answer => return answer,
            }
        }
    }

    /// Counts one who has waited in vain.
    pub fn count_refused(&self) {
        if let Target::Serving(proton) = &**self.target.load() {
            proton.refused();
        }
    }

    /// Requests that wait for a replica.
    pub fn waiting(&self) -> u64 {
        self.waiting.count()
    }

    /// Lets those who wait look again.
    pub fn call_waiting(&self) {
        self.waiting.call();
    }

    /// Returns when somebody has come to wait; once for all who came since it last returned.
    pub async fn rung(&self) {
        self.waiting.rung().await;
    }
}
