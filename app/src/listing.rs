//! What a list of workloads shows, as the address says it. The page and its stream read the same words.

use handover::{model::ArtifactStatus, store::WorkloadFilter};
use serde::Deserialize;

pub use crate::components::pager::PER_PAGE;
use crate::components::pager::escaped;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// `locked`, `draft`, or anything else for both.
    pub status: String,
    pub search: String,
    pub offset: u64,
}

impl Wanted {
    pub fn artifact_status(&self) -> Option<ArtifactStatus> {
        self.status.parse().ok()
    }

    pub fn filter(&self) -> WorkloadFilter {
        WorkloadFilter {
            artifact_status: self.artifact_status().into_iter().collect(),
            search: Some(self.search.clone()).filter(|text| !text.is_empty()),
            ..WorkloadFilter::default()
        }
    }

    /// The same as a query, at another place in the list.
    #[must_use]
    pub fn query(&self, offset: u64) -> String {
        let status = self.artifact_status().map_or("", ArtifactStatus::word);
        format!("status={status}&search={}&offset={offset}", escaped(&self.search))
    }

    /// Whether it leaves anything out.
    pub fn narrows(&self) -> bool {
        self.artifact_status().is_some() || !self.search.is_empty()
    }
}
