//! One proton as a place that requests go to.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwap;

use super::{
    Counters, DurationCounts, Gate, LOOKS, Outcome, Totals, Upstream, open::Open,
    upstream::less_loaded,
};
use crate::model::{Millis, Minute, OpenWork, ProtonId, Timestamp};

/// The ready replicas of a proton, who uses them, and what they answered.
#[derive(Debug)]
pub struct ProtonTraffic {
    pub id: ProtonId,
    gate: Gate,
    upstreams: ArcSwap<Vec<Arc<Upstream>>>,
    /// Replicas that left the ready ones with requests on them, until those have ended.
    leaving: Mutex<Vec<Arc<Upstream>>>,
    /// Without a ready replica it is asleep, not broken.
    sleeps: AtomicBool,
    counters: Counters,
    work: Open,
}

impl ProtonTraffic {
    /// Open, with no replica ready yet.
    pub fn new(id: ProtonId) -> Arc<Self> {
        Arc::new(Self {
            id,
            gate: Gate::default(),
            upstreams: ArcSwap::default(),
            leaving: Mutex::default(),
            sleeps: AtomicBool::new(false),
            counters: Counters::default(),
            work: Open::default(),
        })
    }

    /// Makes `addresses` the replicas that take requests. Those that stay keep their counts; requests on
    /// those that go are not disturbed.
    pub fn set_ready(&self, addresses: &[SocketAddr]) {
        let mut leaving = self.leaving.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.upstreams.rcu(|old| {
            let known = |address| old.iter().find(|upstream| upstream.address == address).cloned();
            addresses
                .iter()
                .map(|address| known(*address).unwrap_or_else(|| Upstream::new(*address)))
                .collect::<Vec<_>>()
        });
        let left = before.iter().filter(|upstream| !addresses.contains(&upstream.address));
        // Closed only after they can't be picked any more, so that who meets a closed gate looks again.
        leaving.extend(left.inspect(|upstream| upstream.mark_gone()).cloned());
        leaving.retain(|upstream| !upstream.is_idle());
    }

    /// No request is on the replica at this address, and none will be until it is made ready again.
    pub fn is_free(&self, address: SocketAddr) -> bool {
        let mut leaving = self.leaving.lock().unwrap_or_else(PoisonError::into_inner);
        leaving.retain(|upstream| !upstream.is_idle());
        let at = |among: &[Arc<Upstream>]| among.iter().any(|u| u.address == address);
        !at(&leaving) && !at(&self.upstreams.load())
    }

    /// Says whether requests that find no ready replica may wait for one, because that is no failure.
    pub fn set_sleeps(&self, sleeps: bool) {
        self.sleeps.store(sleeps, Ordering::Release);
    }

    pub(super) fn sleeps(&self) -> bool {
        self.sleeps.load(Ordering::Acquire)
    }

    /// The replicas that take requests now.
    pub fn ready(&self) -> Arc<Vec<Arc<Upstream>>> {
        self.upstreams.load_full()
    }

    /// Lets no new request in; those in flight go on. Call it after the route points elsewhere.
    pub fn close(&self) {
        self.gate.close();
    }

    /// Lets requests in again. Call it before the route points here.
    pub fn reopen(&self) {
        self.gate.reopen();
    }

    pub fn is_closed(&self) -> bool {
        self.gate.is_closed()
    }

    /// Requests and upgraded connections in flight.
    pub fn open(&self) -> u64 {
        self.gate.inside()
    }

    /// The same described, at `now` (monotonic). It may leave some out: [`ProtonTraffic::open`] counts.
    pub fn open_work(&self, now: Millis) -> OpenWork {
        self.work.now(now)
    }

    /// Closed with nothing in flight: it may be signalled.
    pub fn is_idle(&self) -> bool {
        self.gate.is_idle()
    }

    /// Returns once it has been closed and nothing is in flight.
    pub async fn wait_idle(&self) {
        self.gate.wait_idle().await;
    }

    /// Sums since this process started.
    pub fn totals(&self) -> Totals {
        self.counters.totals()
    }

    /// How long complete answers took since this process started.
    pub fn durations(&self) -> DurationCounts {
        self.counters.durations()
    }

    /// When the head of the latest answer arrived.
    pub fn last_response(&self) -> Option<Timestamp> {
        self.counters.last_response()
    }

    /// What was counted since this was last called, as the minute that began at `at`; none when there was
    /// nothing. Whoever calls it stores it: it is given out once.
    pub fn take_minute(&self, at: Timestamp) -> Option<Minute> {
        self.counters.take_minute(at, self.open())
    }

    pub(super) fn gate(&self) -> &Gate {
        &self.gate
    }

    pub(super) fn work(&self) -> &Open {
        &self.work
    }

    pub(super) fn counters(&self) -> &Counters {
        &self.counters
    }

    /// Enters a ready replica, if there is one.
    pub(super) fn enter_one(&self) -> Option<Arc<Upstream>> {
        for _ in 0..LOOKS {
            let upstreams = self.upstreams.load();
            let picked = less_loaded(&upstreams)?;
            if picked.enter() {
                return Some(Arc::clone(picked));
            }
        }
        None
    }

    /// Enters another replica than `tried`.
    pub(super) fn enter_other(&self, tried: &Upstream) -> Option<Arc<Upstream>> {
        let upstreams = self.upstreams.load();
        let others = upstreams.iter().filter(|upstream| upstream.address != tried.address);
        let others: Vec<_> = others.cloned().collect();
        less_loaded(&others).filter(|other| other.enter()).cloned()
    }

    /// A request came while no replica was ready, and was refused.
    pub(super) fn refused(&self) {
        self.counters.ended(Outcome::Unreachable, 0);
    }
}
