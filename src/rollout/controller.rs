//! Runs one worker per workload that needs attention, and wakes it when something happens.
//!
//! A use case writes what people want to the store and pokes the controller; it never acts itself. The
//! engine pokes when a replica changes. Everything else is a matter of time, and each worker knows when to
//! look again by itself.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use futures::FutureExt;
use tokio::{
    sync::{Notify, broadcast, mpsc, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{live::Live, worker::Worker};
use crate::{
    house::House,
    model::{Millis, ProtonId, Wanted, WorkloadId},
    store::StoreError,
    traffic::Target,
};

/// The handle that use cases and pages hold.
#[derive(Clone)]
pub struct Controller {
    shared: Arc<Shared>,
}

struct Shared {
    live: Live,
    awake: Mutex<HashMap<WorkloadId, Arc<Notify>>>,
    unattended: mpsc::UnboundedSender<WorkloadId>,
    adopted: watch::Sender<bool>,
}

/// The controller's end of what [`Controller::new`] made; [`run`] wants it.
pub struct Inbox(mpsc::UnboundedReceiver<WorkloadId>);

impl Controller {
    pub fn new() -> (Self, Inbox) {
        let (unattended, inbox) = mpsc::unbounded_channel();
        let shared = Shared {
            live: Live::default(),
            awake: Mutex::default(),
            unattended,
            adopted: watch::Sender::new(false),
        };
        (Self { shared: Arc::new(shared) }, Inbox(inbox))
    }

    pub fn live(&self) -> &Live {
        &self.shared.live
    }

    /// Something about this workload has changed: look at it soon.
    pub fn poke(&self, id: &WorkloadId) {
        let worker = self.awake().get(id).cloned();
        match worker {
            Some(worker) => worker.notify_one(),
            // Only fails when the controller has ended, and then the next start looks at everything.
            None => drop(self.shared.unattended.send(id.clone())),
        }
    }

    /// True once every workload has been looked at since the start: routes are loaded, replicas adopted.
    pub fn adopted(&self) -> watch::Receiver<bool> {
        self.shared.adopted.subscribe()
    }

    fn awake(&self) -> std::sync::MutexGuard<'_, HashMap<WorkloadId, Arc<Notify>>> {
        self.shared.awake.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the worker's bell away, unless it rang in the meantime.
    fn retire(&self, id: &WorkloadId, bell: &Notify) -> bool {
        let mut awake = self.awake();
        if bell.notified().now_or_never().is_some() {
            return false;
        }
        awake.remove(id);
        true
    }
}

/// Attends to every workload until told to stop. Replicas are left running.
///
/// # Errors
/// When the store can't even be listed at the start.
pub async fn run(house: House, inbox: Inbox, stop: CancellationToken) -> Result<(), StoreError> {
    let Inbox(mut inbox) = inbox;
    let mut watch = house.engine.watch();
    let mut workers: JoinSet<()> = JoinSet::new();
    let first_looks = Arc::new(Notify::new());
    open_doors(&house).await?;
    let mut awaited = 0_usize;
    for id in house.store.managed_workloads().await? {
        awaited += usize::from(attend(&house, &mut workers, &id, &stop, Some(&first_looks)));
    }
    tokio::spawn(announce(house.clone(), first_looks, awaited));
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(id) = inbox.recv() => {
                attend(&house, &mut workers, &id, &stop, None);
            }
            change = watch.recv() => wake_for(&house, change),
            Some(ended) = workers.join_next() => {
                // A panic in one worker must stop neither the others nor its own workload for long.
                if let Err(error) = ended {
                    tracing::error!(%error, "a worker ended unexpectedly");
                    revive(&house, &mut workers, &stop);
                }
            }
        }
    }
    while workers.join_next().await.is_some() {}
    Ok(())
}

/// Every workload has a route before the first request, so that one that is stopped says so.
async fn open_doors(house: &House) -> Result<(), StoreError> {
    let doors = house.store.doors().await?;
    let routes = &house.routes;
    routes.put_all(doors.iter().map(|d| (d.workload.clone(), d.org.clone(), d.grants.clone())));
    for door in doors {
        if let Some(endpoint) = routes.get(door.workload.as_str()) {
            endpoint.switch_to(Target::Unavailable(why_unavailable(door.wanted).to_owned()));
        }
    }
    for governed in house.store.governed().await? {
        routes.govern(&governed.deployment, &governed.workload, governed.grants);
    }
    Ok(())
}

/// Why a workload without a serving proton does not answer.
pub(super) fn why_unavailable(wanted: Wanted) -> &'static str {
    match wanted {
        Wanted::Running => "it has not started yet",
        Wanted::Stopped => "it is stopped",
        Wanted::Terminated => "its draft deadline has passed",
        Wanted::Deleted => "it was deleted",
    }
}

async fn announce(house: House, first_looks: Arc<Notify>, awaited: usize) {
    for _ in 0..awaited {
        first_looks.notified().await;
    }
    house.controller.shared.adopted.send_replace(true);
}

fn wake_for(house: &House, change: Result<ProtonId, broadcast::error::RecvError>) {
    match change {
        Ok(proton) => {
            if let Some(id) = house.controller.live().workload_of(&proton) {
                house.controller.poke(&id);
            }
        }
        Err(broadcast::error::RecvError::Lagged(_)) => {
            for bell in house.controller.awake().values() {
                bell.notify_one();
            }
        }
        Err(broadcast::error::RecvError::Closed) => {}
    }
}

/// Starts a worker; false when there is one already.
fn attend(
    house: &House,
    workers: &mut JoinSet<()>,
    id: &WorkloadId,
    stop: &CancellationToken,
    first_look: Option<&Arc<Notify>>,
) -> bool {
    let bell = Arc::new(Notify::new());
    {
        let mut awake = house.controller.awake();
        if let Some(worker) = awake.get(id) {
            worker.notify_one();
            return false;
        }
        awake.insert(id.clone(), Arc::clone(&bell));
    }
    let worker = Worker::new(house.clone(), id.clone());
    workers.spawn(live(worker, bell, stop.clone(), first_look.cloned()));
    true
}

/// Bells without a worker belong to one that panicked: give their workloads a new one.
fn revive(house: &House, workers: &mut JoinSet<()>, stop: &CancellationToken) {
    let orphaned: Vec<WorkloadId> = {
        let mut awake = house.controller.awake();
        let orphaned =
            awake.iter().filter(|(_, bell)| Arc::strong_count(bell) == 1).map(|(id, _)| id.clone());
        let orphaned = orphaned.collect::<Vec<_>>();
        for id in &orphaned {
            awake.remove(id);
        }
        orphaned
    };
    for id in orphaned {
        attend(house, workers, &id, stop, None);
    }
}

async fn live(
    mut worker: Worker,
    bell: Arc<Notify>,
    stop: CancellationToken,
    first_look: Option<Arc<Notify>>,
) {
    let house = worker.house().clone();
    let id = worker.id().clone();
    let mut first_look = first_look;
    let mut failures = 0_u32;
    loop {
        let attention = match worker.look().await {
            Ok(attention) => {
                failures = 0;
                attention
            }
            Err(error) => {
                failures += 1;
                let pause = Millis(250 << failures.min(6));
                tracing::warn!(workload = %id, %error, retry_in = %pause, "could not look after it");
                Some(pause)
            }
        };
        if let Some(first_look) = first_look.take() {
            first_look.notify_one();
        }
        match attention {
            None if house.controller.retire(&id, &bell) => return,
            None => {}
            Some(pause) => tokio::select! {
                () = stop.cancelled() => return,
                () = bell.notified() => {}
                () = worker.drained() => {}
                () = worker.rung() => {}
                () = house.clock.sleep(pause) => {}
            },
        }
    }
}
