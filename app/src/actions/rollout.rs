//! Replace, steer and promote.

use handover::model::{Action, WorkloadId};
use leptos::server;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// The second step of Replace, as typed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplaceForm {
    pub artifact_id: String,
    pub warm_up: String,
    pub keep: String,
    /// Empty: as now.
    pub replicas: String,
}

#[server(prefix = "/_fn", endpoint = "replace")]
pub async fn replace_artifact(id: WorkloadId, form: ReplaceForm) -> Result<(), Refusal> {
    use crate::{context, pages::forms};
    let (house, caller) = context::door()?;
    let workload = handover::workloads::get(&house, &caller, &id).await?;
    let begun = match forms::replacement(&form, &workload.runtime) {
        Ok(request) => handover::replacement::replace(&house, &caller, &id, request)
            .await
            .map_err(Refusal::from),
        Err(refusal) => Err(refusal),
    };
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
