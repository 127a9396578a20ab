//! What can be done with a workload itself.

use handover::model::{Importance, WorkloadId};
use leptos::server;

use crate::refusal::Refusal;

#[server(prefix = "/_fn", endpoint = "edit-workload")]
pub async fn edit_workload(
    id: WorkloadId,
    name: String,
    #[server(default)] description: String,
    importance: Importance,
) -> Result<(), Refusal> {
    use crate::context;
    use handover::model::EditWorkload;
    let (house, caller) = context::door()?;
    let wanted = EditWorkload {
        name: Some(name),
        description: Some(Some(description)),
        importance: Some(importance),
        ..EditWorkload::default()
    };
    handover::workloads::edit(&house, &caller, &id, wanted).await?;
    context::go(&format!("/workloads/{id}/settings"));
    Ok(())
}

/// Stays on the page, which shows what comes of it; unless that page has `asked`, whose question is answered.
#[server(prefix = "/_fn", endpoint = "start-workload")]
pub async fn start_workload(id: WorkloadId, #[server(default)] asked: bool) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    handover::workloads::start(&house, &caller, &id).await?;
    let workload = format!("/workloads/{id}");
    if asked {
        context::go(&workload);
    } else {
        context::go_back(&workload);
    }
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "stop-workload")]
pub async fn stop_workload(id: WorkloadId) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    handover::workloads::stop(&house, &caller, &id).await?;
    context::go(&format!("/workloads/{id}"));
    Ok(())
}

/// `typed` is the name, asked for when the workload matters.
#[server(prefix = "/_fn", endpoint = "delete-workload")]
pub async fn delete_workload(
    id: WorkloadId,
    #[server(default)] typed: String,
) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    let workload = handover::workloads::get(&house, &caller, &id).await?;
    let deleted = if asks_for_name(workload.importance) && typed.trim() != workload.name {
        Err(Refusal::at("typed", "type its name exactly as it is written above"))
    } else {
        handover::workloads::delete(&house, &caller, &id).await.map_err(Refusal::from)
    };
    context::or_keep("delete", &typed, deleted).await?;
    context::go("/workloads");
    Ok(())
}

/// Whether a slip would hurt enough to ask twice.
pub fn asks_for_name(importance: Importance) -> bool {
    matches!(importance, Importance::High | Importance::Critical)
}
