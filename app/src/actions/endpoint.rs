//! Trying the endpoint of a workload.

use handover::model::WorkloadId;
use leptos::server;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// A request to an endpoint, as typed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TryForm {
    pub method: String,
    /// Below the endpoint.
    pub path: String,
    /// `Name: value` per line.
    pub headers: String,
    pub body: String,
}

/// Sends it by the person's own right to invoke, and shows on the page what came back.
#[server(prefix = "/_fn", endpoint = "try-endpoint")]
pub async fn try_endpoint(id: WorkloadId, form: TryForm) -> Result<(), Refusal> {
    use crate::{context, pages::workload::endpoint};
    let page = format!("/workloads/{id}/endpoint");
    match endpoint::send(&id, &form).await {
        Ok(tried) => endpoint::remember(&id, tried).await?,
        Err(refusal) => {
            context::keep(endpoint::KEPT, &form, &refusal, &page).await?;
            return Err(refusal);
        }
    }
    context::go(&format!("{page}#answer"));
    Ok(())
}
