//! What a replacement would come to, for the page that asks before it is begun. It checks what starting one
//! checks, with the same functions, and writes nothing.
//!
//! Known limitation: credentials of the candidate are checked when it starts, not here; and what is true now
//! may have changed by then.

use super::{candidates::unfit, start::settle};
use crate::{
    access::{self, Caller},
    error::Error,
    house::House,
    limits,
    model::{Permission, ReplaceRequest, Spec, WorkloadId, WorkloadRuntime},
    workloads::{create::label, record::missing},
};

/// What runs on one side of a replacement, and with how much.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// `v3`, or `draft 2.0`.
    pub label: String,
    pub spec: Spec,
    pub runtime: WorkloadRuntime,
}

/// Both sides of a replacement that has not begun.
#[derive(Debug)]
pub struct Preview {
    /// What runs now. That is a snapshot: a draft may have been edited since.
    pub before: Side,
    pub after: Side,
    /// Why it would be refused; none when it would begin. The workload's own state is not in here: that is
    /// in its record's `allowed`.
    pub refusal: Option<Error>,
}

pub async fn preview(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    request: ReplaceRequest,
) -> Result<Preview, Error> {
    let workload = access::workload(house, caller, id, Permission::View).await?;
    let candidate = access::artifact(house, caller, &request.artifact_id, Permission::View).await?;
    let present = house
        .store
        .artifact(caller.org(), &workload.artifact_id)
        .await?
        .ok_or_else(|| missing("workloads", "artifact_id", id))?;
    let running = match &workload.active_proton {
        Some(id) => house.store.proton(id).await?,
        None => None,
    };
    let before = match running {
        Some(proton) => Side {
            label: proton.snapshot.label,
            spec: proton.snapshot.spec,
            runtime: proton.snapshot.runtime,
        },
        None => Side {
            label: label(&present),
            spec: present.spec.clone(),
            runtime: workload.runtime.clone(),
        },
    };
    let settled = settle(house, &workload.runtime, &present, &candidate, request);
    let (runtime, refusal) = match settled {
        Ok((_, runtime)) => {
            let refusal = match limits::replicas(house, &runtime) {
                Err(error) => Some(error),
                Ok(()) => {
                    unfit(house, caller, &workload, &present, &candidate).await?.map(Error::Refused)
                }
            };
            (runtime, refusal)
        }
        Err(error) => (workload.runtime.clone(), Some(error)),
    };
    let after = Side { label: label(&candidate), spec: candidate.spec, runtime };
    Ok(Preview { before, after, refusal })
}
