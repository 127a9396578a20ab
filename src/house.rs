//! Everything a use case needs, in one value that is passed to it.

use std::{path::PathBuf, sync::Arc};

use crate::{
    builds::Desk,
    clock::Clock,
    engine::Engine,
    files::Contents,
    limits::Limits,
    model::{DeploymentId, Millis, Timestamp, WorkloadId},
    people::SignedIn,
    random::{Random, id_bytes},
    rollout::Controller,
    secrets::Secrets,
    stats::Figures,
    store::Store,
    traffic::Routes,
};

/// The limits of waiting, and what the outside calls us.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where people and clients reach the console, without a trailing slash.
    pub public_url: String,
    pub data_dir: PathBuf,
    /// How long a draft workload lives.
    pub draft_ttl: Millis,
    /// How long a proton that lost the traffic may finish what it has.
    pub drain_cap: Millis,
    /// Between SIGTERM and SIGKILL.
    pub stop_grace: Millis,
    /// How long a candidate may take to become ready.
    pub start_deadline: Millis,
    pub limits: Limits,
}

impl Settings {
    /// Constant for the life of a workload, whatever it runs.
    pub fn endpoint(&self, id: &WorkloadId) -> String {
        format!("{}/api/v2/endpoints/workloads/{id}/", self.public_url)
    }

    /// The address of its own that a deployment gives to its workload.
    pub fn deployment_endpoint(&self, id: &DeploymentId) -> String {
        format!("{}/api/v2/endpoints/deployments/{id}/", self.public_url)
    }
}

/// Shared by the console, the API, the gateway and the controller.
#[derive(Clone)]
pub struct House {
    pub store: Store,
    pub engine: Arc<dyn Engine>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub routes: Arc<Routes>,
    pub controller: Controller,
    /// Contents of uploaded files.
    pub files: Arc<Contents>,
    pub builds: Arc<Desk>,
    /// Who may come in now, in memory: tokens and sessions.
    pub signed_in: Arc<SignedIn>,
    /// What seals secrets for the store.
    pub secrets: Arc<Secrets>,
    /// What lists show above their rows, added up.
    pub figures: Arc<Figures>,
    pub settings: Arc<Settings>,
}

impl House {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Bytes for a new id.
    pub fn id(&self) -> [u8; 12] {
        id_bytes(&*self.clock, &*self.random)
    }
}
