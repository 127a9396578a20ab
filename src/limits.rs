//! The limits of an installation (rules.md L6.2, §6): how many workloads of an organisation may run at once,
//! and how many replicas each may have. Zero is no limit.

use crate::{
    error::Error,
    house::House,
    model::{OrgId, WorkloadRuntime},
    store::Write,
};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    pub concurrent_workloads: u64,
    pub workload_replicas: u32,
}

/// Whether a workload may have as many replicas as this can come to, autoscaling included.
///
/// # Errors
/// [`Error::Forbidden`] when it may not.
pub(crate) fn replicas(house: &House, runtime: &WorkloadRuntime) -> Result<(), Error> {
    let most = house.settings.limits.workload_replicas;
    let wanted = runtime.most_replicas();
    if most == 0 || wanted <= most {
        return Ok(());
    }
    Err(Error::Forbidden(format!(
        "this would be up to {wanted} replicas, and a workload may have {most} here: ask for fewer, or have the limit raised (--max-workload-replicas)"
    )))
}

/// Whether one more workload may run. Nobody else can take the place before the transaction ends.
///
/// # Errors
/// [`Error::Forbidden`] when it may not.
pub(crate) async fn one_more(
    house: &House,
    write: &mut Write<'_>,
    org: &OrgId,
) -> Result<(), Error> {
    let most = house.settings.limits.concurrent_workloads;
    if most == 0 || write.running_workloads(org).await? < most {
        return Ok(());
    }
    let plural = if most == 1 { "workload" } else { "workloads" };
    Err(Error::Forbidden(format!(
        "{most} {plural} may run at once here, and so many do: stop or delete one, or have the limit raised (--max-concurrent-workloads)"
    )))
}
