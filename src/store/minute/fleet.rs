//! The traffic of many workloads at once: of all that match, added up, or of each of them.

use super::Row;
use crate::{
    model::{Minute, OrgId, Timestamp, WorkloadId},
    store::{
        Store, StoreError, WorkloadFilter, cell::Origin, list::Conditions, sql::composed,
        workload_filter::TABLES,
    },
};

/// What one proton of a workload counted on one day. Only the latency classes that hold something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCount {
    pub workload: WorkloadId,
    pub at: Timestamp,
    pub requests: u64,
    pub user_errors: u64,
    pub server_errors: u64,
    pub peak: u64,
    pub latencies: Vec<(usize, u64)>,
}

impl Store {
    /// What all workloads that match counted from one day to before another, and since then.
    pub async fn traffic(
        &self,
        org: &OrgId,
        filter: &WorkloadFilter,
        from: Timestamp,
        middle: Timestamp,
    ) -> Result<[Minute; 2], StoreError> {
        let mut wanted = filter.conditions(org);
        wanted.when("d.at >=", Some(from));
        let (wanted, args) = wanted.into_parts();
        let text = format!(
            "SELECT d.proton_id, d.at, d.requests, d.user_errors, d.server_errors, d.peak, \
             d.latencies FROM {TABLES} JOIN days d ON d.workload_id = w.id WHERE {wanted}"
        );
        let rows: Vec<Row> = composed(text, args).all(self.link()).await?;
        let mut sums = [from, middle].map(Minute::empty);
        for row in &rows {
            let [before, after] = &mut sums;
            row.add_to(if row.at < middle.micros() { before } else { after })?;
        }
        Ok(sums)
    }

    /// The days since one of them, of all workloads there are or of one.
    pub async fn days(
        &self,
        org: &OrgId,
        workload: Option<&WorkloadId>,
        from: Timestamp,
    ) -> Result<Vec<DayCount>, StoreError> {
        let mut wanted = Conditions::of("w.org_id", org);
        wanted.always("w.wanted <> 'deleted'");
        wanted.when("w.id =", workload);
        wanted.when("d.at >=", Some(from));
        let (wanted, args) = wanted.into_parts();
        let text = format!(
            "SELECT d.workload_id, d.at, d.requests, d.user_errors, d.server_errors, d.peak, \
             d.latencies FROM workloads w JOIN days d ON d.workload_id = w.id WHERE {wanted}"
        );
        let rows: Vec<(String, i64, i64, i64, i64, i64, String)> =
            composed(text, args).all(self.link()).await?;
        rows.iter()
            .map(|(id, at, requests, user_errors, server_errors, peak, latencies)| {
                let from = Origin { table: "days", id };
                Ok(DayCount {
                    workload: from.text("workload_id", id)?,
                    at: Timestamp::from_micros(*at),
                    requests: from.count("requests", *requests)?,
                    user_errors: from.count("user_errors", *user_errors)?,
                    server_errors: from.count("server_errors", *server_errors)?,
                    peak: from.count("peak", *peak)?,
                    latencies: from.json("latencies", latencies)?,
                })
            })
            .collect()
    }
}
