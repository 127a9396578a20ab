//! What is ours on an engine that others use too: names and labels, and the network.
//!
//! Each data folder has an instance id, made once. It is in every name and on every label, so two servers on
//! one host never take each other's containers for their own.

use std::{collections::HashMap, io, net::IpAddr, path::Path};

use bollard::{
    Docker,
    errors::Error,
    models::{ContainerSummary, NetworkCreateRequest},
};

use super::link::is_missing;
use crate::{
    engine::supervised::record,
    model::ProtonId,
    random::{Random, hex},
};

pub(super) const INSTANCE: &str = "handover.instance";
const PROTON: &str = "handover.proton";
const WORKLOAD: &str = "handover.workload";
const REPLICA: &str = "handover.replica";
pub(super) const RUN: &str = "handover.run";

/// A file of the data folder.
const FILE: &str = "instance.json";

#[derive(Debug, Clone)]
pub(super) struct Names {
    pub(super) instance: String,
}

impl Names {
    /// Reads the id of this data folder, or makes one.
    pub(super) fn open(data_dir: &Path, random: &dyn Random) -> io::Result<Self> {
        let instance = match record::load::<String>(data_dir, FILE) {
            Some(known) => known,
            // With another id it would not know its own containers any more.
            None if data_dir.join(FILE).try_exists()? => {
                return Err(io::Error::other(format!("{FILE} can't be read")));
            }
            None => {
                let new = hex(random, 6);
                record::create_folder(data_dir)?;
                record::save(data_dir, FILE, &new)?;
                new
            }
        };
        Ok(Self { instance })
    }

    pub(super) fn network(&self) -> String {
        format!("handover-{}", self.instance)
    }

    pub(super) fn container(&self, replica: &str, name: &str) -> String {
        format!("handover-{}-{replica}-{name}", self.instance)
    }

    pub(super) fn labels(
        &self,
        proton: &ProtonId,
        workload: &str,
        replica: &str,
        run: u64,
    ) -> HashMap<String, String> {
        [
            (INSTANCE, self.instance.clone()),
            (PROTON, proton.to_string()),
            (WORKLOAD, workload.to_owned()),
            (REPLICA, replica.to_owned()),
            (RUN, run.to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// The network of all replicas, and its gateway. They don't reach each other over it: workloads meet at
    /// the gateway of this server.
    pub(super) async fn ensure_network(&self, docker: &Docker) -> Result<Option<IpAddr>, Error> {
        let name = self.network();
        let found = match docker.inspect_network(&name, None).await {
            Err(error) if is_missing(&error) => {
                self.make_network(docker).await?;
                docker.inspect_network(&name, None).await?
            }
            found => found?,
        };
        let ranges = found.ipam.and_then(|ipam| ipam.config).unwrap_or_default();
        Ok(ranges.into_iter().find_map(|range| range.gateway?.parse().ok()))
    }

    async fn make_network(&self, docker: &Docker) -> Result<(), Error> {
        let option = ("com.docker.network.bridge.enable_icc".to_owned(), "false".to_owned());
        let label = (INSTANCE.to_owned(), self.instance.clone());
        let request = NetworkCreateRequest {
            name: self.network(),
            driver: Some("bridge".to_owned()),
            options: Some([option].into()),
            labels: Some([label].into()),
            ..NetworkCreateRequest::default()
        };
        docker.create_network(request).await.map(drop)
    }

    /// Whether it is one that we made: an image made of a container of ours passes its labels on to what others start
    /// from it.
    pub(super) fn has_made(&self, container: &ContainerSummary) -> bool {
        let ours = format!("handover-{}-", self.instance);
        let mut names = container.names.iter().flatten();
        names.any(|name| name.trim_start_matches('/').starts_with(&ours))
    }
}

/// The proton that a container of ours belongs to.
pub(super) fn proton_of(container: &ContainerSummary) -> Option<ProtonId> {
    container.labels.as_ref()?.get(PROTON)?.parse().ok()
}
