//! The endpoints of this process, found by the id of a workload or of its deployment without a lock.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;

use super::Endpoint;
use crate::model::{DeploymentId, Grant, OrgId, WorkloadId};

/// Every workload's [`Endpoint`]. Reading takes no lock; writing copies the map, so that many are best
/// written at once with [`Routes::put_all`].
#[derive(Debug, Default)]
pub struct Routes {
    endpoints: ArcSwap<HashMap<String, Arc<Endpoint>>>,
    /// The second ways in, by the id of the deployment that gives them.
    deployments: ArcSwap<HashMap<String, Arc<Endpoint>>>,
}

impl Routes {
    pub fn get(&self, workload: &str) -> Option<Arc<Endpoint>> {
        self.endpoints.load().get(workload).cloned()
    }

    /// The endpoint of this workload, made when it is new.
    pub fn put(&self, workload: WorkloadId, org: OrgId, grants: Vec<Grant>) -> Arc<Endpoint> {
        let key = workload.as_str().to_owned();
        let new = Endpoint::new(workload, org, grants);
        self.insert(|| [(key.clone(), Arc::clone(&new))]);
        self.get(&key).unwrap_or(new)
    }

    /// Makes the endpoints of all these workloads that are new.
    pub fn put_all(&self, workloads: impl IntoIterator<Item = (WorkloadId, OrgId, Vec<Grant>)>) {
        let new: Vec<_> = workloads
            .into_iter()
            .map(|(workload, org, grants)| {
                (workload.as_str().to_owned(), Endpoint::new(workload, org, grants))
            })
            .collect();
        self.insert(|| new.iter().cloned());
    }

    pub fn remove(&self, workload: &WorkloadId) {
        self.endpoints.rcu(|old| {
            let mut map = HashMap::clone(old);
            map.remove(workload.as_str());
            map
        });
    }

    pub fn deployment(&self, deployment: &str) -> Option<Arc<Endpoint>> {
        self.deployments.load().get(deployment).cloned()
    }

    /// Gives a workload a second way in, with rights of its own. Without the workload there is none.
    pub fn govern(&self, deployment: &DeploymentId, workload: &WorkloadId, grants: Vec<Grant>) {
        let Some(endpoint) = self.get(workload.as_str()) else { return };
        let beside = endpoint.beside(grants);
        self.deployments.rcu(|old| {
            let mut map = HashMap::clone(old);
            map.insert(deployment.as_str().to_owned(), Arc::clone(&beside));
            map
        });
    }

    pub fn ungovern(&self, deployment: &DeploymentId) {
        self.deployments.rcu(|old| {
            let mut map = HashMap::clone(old);
            map.remove(deployment.as_str());
            map
        });
    }

    pub fn all(&self) -> Vec<Arc<Endpoint>> {
        self.endpoints.load().values().cloned().collect()
    }

    fn insert<I: IntoIterator<Item = (String, Arc<Endpoint>)>>(&self, new: impl Fn() -> I) {
        self.endpoints.rcu(|old| {
            let mut map = HashMap::clone(old);
            for (key, endpoint) in new() {
                map.entry(key).or_insert(endpoint);
            }
            map
        });
    }
}
