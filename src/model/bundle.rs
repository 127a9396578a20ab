//! Compute bundles: named amounts of cpu and memory (rules.md §5.2, §16).

use serde::{Deserialize, Deserializer, Serialize};

/// One row of `/mlops/compute/bundles/`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Bundle {
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    /// Cores.
    pub cpu_count: f64,
    pub memory_bytes: u64,
    pub gpu_count: u64,
    pub gpu_maker: Option<String>,
    pub gpu_type_label: Option<String>,
    pub gpu_memory_bytes: u64,
    pub has_gpu: bool,
    pub use_cases: Vec<String>,
    pub is_default: bool,
    pub is_deleted: bool,
}

/// The bundle that was picked, as a runtime shows it. It is kept with the runtime, so that what runs stays
/// known when other bundles are offered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ResolvedBundle {
    pub id: String,
    pub cpu_count: f64,
    pub memory_bytes: u64,
    #[serde(default)]
    pub gpu_count: u64,
    #[serde(default)]
    pub gpu_maker: Option<String>,
    #[serde(default)]
    pub gpu_type_label: Option<String>,
}

impl From<&Bundle> for ResolvedBundle {
    fn from(bundle: &Bundle) -> Self {
        Self {
            id: bundle.id.clone(),
            cpu_count: bundle.cpu_count,
            memory_bytes: bundle.memory_bytes,
            gpu_count: bundle.gpu_count,
            gpu_maker: bundle.gpu_maker.clone(),
            gpu_type_label: bundle.gpu_type_label.clone(),
        }
    }
}

/// Clients send back what they read, and nothing depends on it: validation picks the bundle anew. So whatever
/// is no bundle is as good as none.
pub(super) fn if_any<'de, D: Deserializer<'de>>(d: D) -> Result<Option<ResolvedBundle>, D::Error> {
    let given = serde_json::Value::deserialize(d)?;
    Ok(serde_json::from_value(given).ok())
}

/// What the machine, or the cluster's largest one, can give to one replica.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capacity {
    /// Cores.
    pub cpu: f64,
    pub memory_bytes: u64,
}
