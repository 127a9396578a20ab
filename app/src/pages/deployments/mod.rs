//! Governed deployments: an address, roles and a record of changes around a workload that runs a locked version.

pub mod audit;
pub mod change;
pub mod deployment;
pub mod list;

use std::collections::HashMap;

use handover::{
    access::Caller,
    error::Error,
    house::House,
    model::{ApprovalStatus, DeploymentRecord, Importance, WorkloadId, WorkloadRecord},
    store::{Paging, WorkloadFilter},
    workloads::{self, WithStats},
};
use leptos::prelude::*;

/// The workloads of these deployments, as far as the person may see them.
async fn governed(
    house: &House,
    caller: &Caller,
    deployments: &[DeploymentRecord],
) -> Result<HashMap<WorkloadId, WorkloadRecord>, Error> {
    if deployments.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<WorkloadId> = deployments.iter().map(|one| one.workload_id.clone()).collect();
    let paging = Paging::first(ids.len() as u64);
    let filter = WorkloadFilter { ids, ..WorkloadFilter::default() };
    let page = workloads::list(house, caller, &filter, paging, WithStats::No).await?;
    Ok(page.items.into_iter().map(|one| (one.id.clone(), one)).collect())
}

fn importance_word(importance: Importance) -> &'static str {
    match importance {
        Importance::Critical => "Critical",
        Importance::High => "High",
        Importance::Moderate => "Moderate",
        Importance::Low => "Low",
    }
}

fn approval_word(approval: ApprovalStatus) -> &'static str {
    match approval {
        ApprovalStatus::NotRequired => "Not required",
        ApprovalStatus::Pending => "Waits for approval",
        ApprovalStatus::Approved => "Approved",
        ApprovalStatus::Rejected => "Rejected",
    }
}

/// The workload that is governed; one that the person may not see has only an id.
#[component]
fn Governed(id: WorkloadId, workload: Option<WorkloadRecord>) -> impl IntoView {
    match workload {
        Some(workload) => view! { <a href=format!("/workloads/{id}")>{workload.name}</a> }.into_any(),
        None => view! { <span class="mono">{id.to_string()}</span><span class="sub quiet">" not shared with you"</span> }.into_any(),
    }
}
