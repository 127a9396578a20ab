//! What an engine without a supervisor of its own has to say: how one container of one replica is started,
//! found again, watched and ended. Everything around that is [`Supervised`](super::Supervised)'s.

use std::{collections::BTreeSet, future::pending, net::SocketAddr, path::Path};

use super::{
    record::{ProtonRecord, UnitRecord},
    unit::Unit,
};
use crate::{
    clock::Clock,
    engine::{EngineError, Given},
    model::{Capacity, Images, Millis, Network, ProtonId, Timestamp},
};

/// Knows how to run one container.
#[async_trait::async_trait]
pub trait Runner: Send + Sync + Sized + 'static {
    type Run: Running;

    /// The name of the engine.
    fn name(&self) -> &'static str;

    fn capacity(&self) -> Capacity;

    /// Why this proton can never run here: a sentence for people.
    fn refusal(&self, proton: &ProtonRecord) -> Option<String>;

    /// A record comes back from the disk, from this folder.
    fn reopen(&self, _folder: &Path, _record: &mut UnitRecord) {}

    /// Takes what the next run needs of the host; the error is for people.
    fn reserve(&self, _record: &mut UnitRecord) -> Result<(), String> {
        Ok(())
    }

    /// Gives it back: nothing is to run any more.
    fn release(&self, _record: &mut UnitRecord) {}

    /// What the names of a proton's images mean, as far as that has been found out; its folder is this.
    fn images(&self, _folder: &Path) -> Images {
        Images::new()
    }

    /// Why nothing can be started or stopped at the moment: a sentence for people.
    fn trouble(&self) -> Option<String> {
        None
    }

    /// Returns when [`Runner::trouble`] may say something else.
    async fn trouble_changes(&self) {
        pending::<()>().await;
    }

    /// Returns once the engine can be asked again.
    async fn back(&self) {}

    /// Removes what no proton of those `alive` has left behind. Called when the engine can be asked again.
    async fn sweep(&self, _alive: &[ProtonId]) {}

    /// As [`Engine::prune`](crate::engine::Engine::prune).
    async fn prune(
        &self,
        _clock: &dyn Clock,
        _needed: &BTreeSet<String>,
    ) -> Result<(), EngineError> {
        Ok(())
    }

    /// What a former server left of run `number`. Waits while that can't be found out.
    async fn find(&self, unit: &Unit<Self>, number: u64) -> Found<Self::Run>;

    /// What takes long and leaves nothing behind when it is given up half way: images, above all.
    async fn prepare(&self, _unit: &Unit<Self>) -> Result<(), Unstarted> {
        Ok(())
    }

    /// Takes away what a start may have left whose end nobody saw. The unit is about to go.
    async fn clear(&self, _unit: &Unit<Self>) {}

    /// Nothing of the proton in this folder runs any more.
    fn left(&self, _folder: &Path) {}

    /// Starts run `number`, and is not given up half way.
    async fn start(
        &self,
        unit: &Unit<Self>,
        number: u64,
        given: &Given,
    ) -> Result<Self::Run, Unstarted>;
}

/// A run that lived when we looked.
#[async_trait::async_trait]
pub trait Running: Send + Sync + 'static {
    fn started_at(&self) -> Timestamp;

    /// For how long it has been running.
    fn age(&self) -> Millis;

    /// Where requests go.
    fn address(&self) -> SocketAddr;

    /// Where a probe of this port goes.
    fn probed(&self, port: u16) -> SocketAddr;

    /// Why an answer from there would not be its own; none when it would be. Not asked again after an
    /// answer that was good.
    async fn astray(&self) -> Option<Astray> {
        None
    }

    /// A probe has failed: [`Running::astray`] is to look again.
    fn doubt(&self) {}

    /// It has ended, and probably because somebody else had its address.
    fn was_robbed(&self) -> bool {
        false
    }

    /// Returns when it has ended.
    async fn ended(&self);

    /// Asks it to end.
    async fn terminate(&self);

    async fn kill(&self);

    /// Takes away what is left of a run that has ended, and tells how it did, if anybody knows.
    async fn bury(&self) -> Option<Ended>;

    /// `now` is the clock's monotonic time.
    async fn used(&self, now: Millis) -> Used;
}

/// What a former server left of a run.
pub enum Found<R> {
    Alive(R),
    /// It has ended, and nothing of it is left.
    Over {
        started_at: Option<Timestamp>,
        ended: Option<Ended>,
    },
    /// It had never been started.
    Nothing,
}

/// How a run ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub at: Option<Timestamp>,
    /// What people are told of it, when exit code and signal do not say all.
    pub blame: Option<Blame>,
    /// It ended with something that it depends on. It is started again as if it had run well.
    pub innocent: bool,
}

/// What people are told about an end that nobody asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blame {
    /// In CamelCase.
    pub reason: &'static str,
    pub text: String,
}

/// Why nothing was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unstarted {
    /// The program could not be started. It counts as one that ended at once.
    Failed(Blame),
    /// Its image can't be had now. `hopeless` says that trying again will hardly help.
    NoImage { text: String, hopeless: bool },
    /// It can never be started so.
    Refused(Blame),
    /// Not its fault: it is tried again when the engine is [`back`](Runner::back).
    Away,
}

/// An answer from a replica's address would be somebody else's, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Astray {
    pub text: String,
    /// In CamelCase, when the replica is to say why it is not ready.
    pub reason: Option<&'static str>,
    /// It has to be started again with another address.
    pub must_move: bool,
}

/// What a run uses, as far as that is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// Share of one core, in thousandths.
    pub cpu_millis: Option<u64>,
    pub memory_bytes: Option<u64>,
    pub network: Option<Network>,
}

impl Used {
    /// Of two containers of a replica together; unknown when one of them is. They share one network, which
    /// is that of the first.
    pub(super) fn and(self, other: Self) -> Self {
        let sum = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a + b);
        Self {
            cpu_millis: sum(self.cpu_millis, other.cpu_millis),
            memory_bytes: sum(self.memory_bytes, other.memory_bytes),
            network: self.network,
        }
    }
}
