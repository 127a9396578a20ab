//! Replace, steer and promote.
#![expect(
    clippy::too_many_arguments,
    reason = "the fields of a form whose names stand in an address too"
)]

use handover::model::{Action, WorkloadId};
use leptos::server;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// Replace, as typed. What is empty stays as it is now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplaceForm {
    pub artifact: String,
    /// Of which version the button spoke.
    pub shown: String,
    /// Minutes.
    pub warm_up: String,
    /// Minutes.
    pub keep: String,
    pub replicas: String,
    /// One for each container, in the order of the specification.
    pub cpu: Vec<String>,
    pub memory: Vec<String>,
}

#[server(prefix = "/_fn", endpoint = "replace")]
pub async fn replace_artifact(
    id: WorkloadId,
    #[server(default)] artifact: String,
    #[server(default)] shown: String,
    #[server(default)] warm_up: String,
    #[server(default)] keep: String,
    #[server(default)] replicas: String,
    #[server(default)] cpu: Vec<String>,
    #[server(default)] memory: Vec<String>,
) -> Result<(), Refusal> {
    use crate::{context, pages::replace};
    let (house, caller) = context::door()?;
    let form = ReplaceForm { artifact, shown, warm_up, keep, replicas, cpu, memory };
    let begun = replace::begin(&house, &caller, &id, &form).await;
    context::or_keep("replace", &form, begun).await?;
    context::go(&format!("/workloads/{id}"));
    Ok(())
}

/// Cancel, switch back, hold, release, switch now, finish.
#[server(prefix = "/_fn", endpoint = "steer")]
pub async fn steer(id: WorkloadId, action: Action) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    handover::replacement::steer(&house, &caller, &id, action, None).await?;
    context::go(&format!("/workloads/{id}"));
    Ok(())
}

/// Waits longer in the present stage.
#[server(prefix = "/_fn", endpoint = "extend")]
pub async fn extend(id: WorkloadId, minutes: u32) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    handover::replacement::steer(&house, &caller, &id, Action::Extend, Some(minutes)).await?;
    context::go(&format!("/workloads/{id}"));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "promote")]
pub async fn promote(id: WorkloadId) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    handover::promote::promote(&house, &caller, &id).await?;
    context::go(&format!("/workloads/{id}"));
    Ok(())
}
