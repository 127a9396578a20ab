//! Puts the house together and opens the door: what `handover serve` does, and what tests do in process.

use std::{io, net::SocketAddr, path::PathBuf, sync::Arc};

use axum::{Router, middleware::from_fn_with_state};
use handover::{
    audit::Trail,
    builds::{self, SameName},
    clock::Clock,
    credentials::{self, StoredValues},
    engine::{EngineError, Values},
    error::Error,
    files::{self, Contents},
    house::{House, Settings},
    idempotency,
    limits::Limits,
    model::Millis,
    people::{self, FirstStart, SignedIn},
    random::{Random, SystemRandom},
    retention,
    rollout::{Controller, controller},
    secrets::{KeyError, Secrets},
    stats,
    store::{Store, StoreError},
    traffic::Routes,
    usage,
};
use handover_app::invoke::Invoker;
use tokio::{runtime::Handle, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    admit::Rights,
    api::{self, Api, DocumentError},
    assets::Assets,
    cli::{OnExit, ServeOptions},
    engines,
    gateway::{self, Front, Gateway},
    health,
    invoke::Loopback,
    lock::DataLock,
    metrics::{self, Readers, Requests},
    pages,
    telemetry::{self, TelemetryError},
    workshop,
};

/// Why the server could not start, or had to stop.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{0}")]
    Folder(#[source] io::Error),
    #[error("can't listen on {0}: {1}")]
    Listen(SocketAddr, #[source] io::Error),
    #[error("the database can't be opened: {0}")]
    Store(#[from] StoreError),
    #[error(
        "another handover server works on this database; stop it first (if it was killed, wait half a minute)"
    )]
    Taken,
    #[error("{0}")]
    SecretKey(#[from] KeyError),
    #[error("the engine can't start: {0}")]
    Engine(#[from] EngineError),
    #[error("{0}")]
    BuildEnvironments(#[from] SameName),
    #[error("{0}")]
    House(#[from] Error),
    #[error("{0}")]
    Document(#[from] DocumentError),
    #[error("{0}")]
    Telemetry(#[from] TelemetryError),
    #[error("the server had to stop: {0}")]
    Ended(#[source] io::Error),
    #[error("the right to run the controller was lost to another server on this database")]
    LeaseLost,
}

/// The lease of whoever runs the controller on this database.
const LEASE: &str = "controller";
const LEASE_LIFE: Millis = Millis::seconds(30);
const LEASE_RENEWAL: Millis = Millis::seconds(10);

/// A server that runs.
pub struct Running {
    pub address: SocketAddr,
    pub house: House,
    /// What a person must be told once.
    pub first_start: FirstStart,
    on_exit: OnExit,
    stop: CancellationToken,
    serving: JoinHandle<io::Result<()>>,
    controlling: JoinHandle<Result<(), StoreError>>,
    recording: JoinHandle<()>,
    adding_up: JoinHandle<()>,
    observing: JoinHandle<()>,
    forgetting: JoinHandle<()>,
    noting: JoinHandle<()>,
    building: JoinHandle<()>,
    tidying: JoinHandle<()>,
    leasing: JoinHandle<Result<(), StartError>>,
    _lock: DataLock,
}

/// Starts everything. Returns once requests are taken; adoption may still be going on (`/readyz`).
///
/// # Errors
/// When something it needs is taken or missing; nothing is left running then.
pub async fn start(
    options: ServeOptions,
    executable: PathBuf,
    clock: Arc<dyn Clock>,
    assets: Assets,
) -> Result<Running, StartError> {
    let place = &options.place;
    let random = Arc::new(SystemRandom);
    let lock = DataLock::take(&place.data_dir, &*random).map_err(StartError::Folder)?;
    let front = Front::bind(place.listen, options.gateway_threads)
        .map_err(|error| StartError::Listen(place.listen, error))?;
    let address = front.address();
    let public_url = place.public_url.as_ref().map_or_else(
        || format!("http://{address}"),
        |url| url.to_string().trim_end_matches('/').to_owned(),
    );
    let store = place.open_store().await?;
    let in_use = store.sealing_keys().await?;
    let secrets =
        Arc::new(Secrets::load(&options.keys.source(&place.data_dir), &in_use, &*random)?);
    let trail = Trail::open(Arc::clone(&secrets), &place.data_dir).map_err(StartError::Folder)?;
    store.witnessed_by(Arc::new(trail));
    let fencing = take_lease(&store, &*clock, lock.server()).await?;
    let lost = idempotency::lose_running(&store).await?;
    if lost > 0 {
        tracing::warn!(lost, "requests were cut off when the server ended; their keys are refused");
    }
    let resealed = credentials::reseal(&store, &secrets, &*random).await?;
    if resealed > 0 {
        tracing::info!(resealed, "sealed with the new key; the old one is needed no more");
    }
    let signed_in = Arc::new(SignedIn::load(&store, Arc::clone(&clock)).await?);
    let values = StoredValues {
        store: store.clone(),
        secrets: Arc::clone(&secrets),
        signed_in: Arc::clone(&signed_in),
        clock: Arc::clone(&clock),
        random: Arc::clone(&random) as Arc<dyn Random>,
    };
    let chance = Arc::clone(&random) as Arc<dyn Random>;
    let values = Arc::new(values);
    let (engine, workshop) = {
        let values = Arc::clone(&values) as Arc<dyn Values>;
        engines::engines(&options, executable, &clock, &chance, &values).await?
    };
    let contents = Contents::open(&place.data_dir).map_err(StartError::Folder)?;
    let desk = workshop::desk(&options, workshop, values, Arc::clone(&clock))?;
    let (controller, inbox) = Controller::new();
    let house = House {
        signed_in,
        store,
        engine: Arc::new(engine),
        clock,
        random,
        routes: Arc::new(Routes::default()),
        controller,
        secrets,
        files: Arc::new(contents),
        builds: Arc::new(desk),
        figures: Arc::default(),
        settings: Arc::new(Settings {
            public_url,
            data_dir: place.data_dir.clone(),
            draft_ttl: options.draft_ttl.0,
            drain_cap: options.drain_cap.0,
            stop_grace: options.stop_grace.0,
            start_deadline: options.start_deadline.0,
            limits: Limits {
                concurrent_workloads: options.max_concurrent_workloads,
                workload_replicas: options.max_workload_replicas,
            },
        }),
    };
    let first_start = people::first_start(
        &house,
        options.admin_password.as_deref(),
        options.admin_token.as_deref(),
    )
    .await?;

    let stop = CancellationToken::new();
    let requests = Arc::new(Requests::default());
    let api = api::api(house.clone(), Arc::clone(&requests), &stop)?;
    let controlling = tokio::spawn(controller::run(house.clone(), inbox, stop.clone()));
    let recording = tokio::spawn(stats::record(house.clone(), stop.clone()));
    let adding_up = tokio::spawn(stats::keep(house.clone(), stop.clone()));
    let observing = tokio::spawn(usage::record(house.clone(), stop.clone()));
    let forgetting = tokio::spawn(retention::run(house.clone(), stop.clone()));
    let noting = tokio::spawn(people::keep_seen(house.clone(), stop.clone()));
    let building = tokio::spawn(builds::work(house.clone(), stop.clone()));
    let tidying = tokio::spawn(files::tidy(house.clone(), stop.clone()));
    let leasing = tokio::spawn(keep_lease(house.clone(), fencing, stop.clone()));
    let gateway = Arc::new(Gateway::new(
        Arc::clone(&house.routes),
        Arc::new(Rights::new(house.clone())),
        Arc::clone(&house.clock),
        Arc::clone(&house.random),
        gateway::Settings {
            public_url: house.settings.public_url.parse().unwrap_or_default(),
            endpoint_host: options.endpoint_host.clone(),
            trusted: options.trusted_proxies.clone(),
            ..gateway::Settings::default()
        },
    ));
    let readers = if options.metrics_public { Readers::Everybody } else { Readers::Administrators };
    let loopback = Loopback::new(house.clone(), address, options.endpoint_host.as_deref());
    let router = router(&house, api, assets, Arc::new(loopback), readers, requests, &stop);
    let serving = tokio::spawn(front.serve(router, gateway, Handle::current(), stop.clone()));
    Ok(Running {
        address,
        house,
        first_start,
        on_exit: options.on_exit,
        stop,
        serving,
        controlling,
        recording,
        adding_up,
        observing,
        forgetting,
        noting,
        building,
        tidying,
        leasing,
        _lock: lock,
    })
}

/// Everything but the endpoints of workloads.
fn router(
    house: &House,
    api: Api,
    assets: Assets,
    invoker: Invoker,
    readers: Readers,
    requests: Arc<Requests>,
    stop: &CancellationToken,
) -> Router {
    health::router(house.clone())
        .merge(metrics::router(house.clone(), readers, Arc::clone(&requests)))
        .merge(assets.routes())
        .merge(pages::router(house, api.document, assets, invoker, stop))
        .layer(from_fn_with_state(requests, telemetry::routed))
        .merge(api.router)
}

async fn take_lease(store: &Store, clock: &dyn Clock, holder: &str) -> Result<i64, StartError> {
    let mut write = store.write().await?;
    let lease = write.take_lease(LEASE, holder, clock.now(), LEASE_LIFE).await?;
    write.commit().await?;
    lease.ok_or(StartError::Taken)
}

async fn keep_lease(house: House, fencing: i64, stop: CancellationToken) -> Result<(), StartError> {
    loop {
        tokio::select! {
            () = house.clock.sleep(LEASE_RENEWAL) => {}
            () = stop.cancelled() => {
                let mut write = house.store.write().await?;
                write.release_lease(LEASE, fencing).await?;
                write.commit().await?;
                return Ok(());
            }
        }
        let renewed = async {
            let mut write = house.store.write().await?;
            let renewed = write.renew_lease(LEASE, fencing, house.now(), LEASE_LIFE).await?;
            write.commit().await?;
            Ok::<_, StoreError>(renewed)
        };
        match renewed.await {
            Ok(true) => {}
            Ok(false) => {
                stop.cancel();
                return Err(StartError::LeaseLost);
            }
            Err(error) => tracing::warn!(%error, "the controller's lease could not be renewed"),
        }
    }
}

impl Running {
    /// Where people reach it.
    pub fn url(&self) -> &str {
        &self.house.settings.public_url
    }

    /// Returns when the server ends by itself, which it does only when something is wrong.
    pub async fn ended(&self) {
        self.stop.cancelled().await;
    }

    /// Finishes open requests, then keeps or stops replicas as was chosen. Says how many were kept.
    pub async fn stop(self) -> Result<usize, StartError> {
        self.stop.cancel();
        flat(self.serving.await).map_err(StartError::Ended)?;
        self.controlling.await.map_err(|error| StartError::Ended(error.into()))??;
        for task in [
            self.recording,
            self.adding_up,
            self.observing,
            self.forgetting,
            self.noting,
            self.building,
            self.tidying,
        ] {
            task.await.map_err(|error| StartError::Ended(error.into()))?;
        }
        self.leasing.await.map_err(|error| StartError::Ended(error.into()))??;
        let owned = self.house.engine.owned().await?;
        if self.on_exit == OnExit::Stop {
            stop_replicas(&self.house, &owned).await?;
        }
        self.house.store.close().await;
        Ok(if self.on_exit == OnExit::Keep { owned.len() } else { 0 })
    }
}

fn flat(joined: Result<io::Result<()>, tokio::task::JoinError>) -> io::Result<()> {
    joined.unwrap_or_else(|error| Err(error.into()))
}

/// Stops what runs, as if the machine were shut down: what is wanted stays, so that the next start brings
/// it back.
async fn stop_replicas(
    house: &House,
    protons: &[handover::model::ProtonId],
) -> Result<(), EngineError> {
    for id in protons {
        house.engine.remove(id, house.settings.stop_grace).await?;
    }
    for id in protons {
        while !house.engine.observe(id).await?.replicas.is_empty() {
            house.clock.sleep(Millis(50)).await;
        }
    }
    Ok(())
}
