//! What was counted, as it is asked for.

use std::collections::HashMap;

use super::{COLUMNS, Cut, Grain, Row, Table, Whose, cut, range, rows};
use crate::{
    model::{Minute, OrgId, ProtonId, Timestamp, WorkloadId},
    store::{
        Store, StoreError,
        cell::Origin,
        list::Conditions,
        sql::{composed, sql},
    },
};

/// One of a workload's last hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// How many hours after the moment that was given.
    pub index: usize,
    pub requests: u64,
    pub errors: u64,
}

#[derive(sqlx::FromRow)]
struct OfWorkload {
    workload_id: String,
    #[sqlx(flatten)]
    row: Row,
}

impl Store {
    /// Minute by minute, oldest first; `from` is included, `to` is not.
    pub async fn minutes(
        &self,
        workload: &WorkloadId,
        proton: Option<&ProtonId>,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Vec<(ProtonId, Minute)>, StoreError> {
        let (wanted, args) = range(workload, proton, from, to).into_parts();
        let text = format!("SELECT {COLUMNS} FROM minutes WHERE {wanted} ORDER BY at, proton_id");
        let rows: Vec<Row> = composed(text, args).all(self.link()).await?;
        rows.iter()
            .map(|row| {
                let from = Origin { table: "minutes", id: &row.proton_id };
                Ok((from.text("proton_id", &row.proton_id)?, row.minute()?))
            })
            .collect()
    }

    /// What was counted, oldest first; `from` is included, `to` is not. Of several protons the same minute may
    /// come several times.
    pub async fn counted(
        &self,
        whose: Whose<'_>,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        grain: Grain,
    ) -> Result<Vec<Minute>, StoreError> {
        let Cut { first, days, last } = match grain {
            Grain::Minutes => Cut { first: Some((from, to)), days: None, last: None },
            Grain::Days => cut(from, to),
        };
        let parts = [(Table::Minutes, first), (Table::Days, days), (Table::Minutes, last)];
        let mut all = Vec::new();
        for (table, part) in parts {
            let Some((from, to)) = part else { continue };
            for row in rows(self.link(), table, whose, from, to).await? {
                all.push(row.minute()?);
            }
        }
        Ok(all)
    }

    /// The first minute that something was counted in, if it was before `to`.
    pub async fn first_counted(
        &self,
        whose: Whose<'_>,
        to: Option<Timestamp>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let mut wanted = whose.conditions();
        wanted.when("at <", to);
        let (wanted, args) = wanted.into_parts();
        let text = format!("SELECT at FROM minutes WHERE {wanted} ORDER BY at LIMIT 1");
        let row: Option<(i64,)> = composed(text, args).one(self.link()).await?;
        Ok(row.map(|(at,)| Timestamp::from_micros(at)))
    }

    /// Everything counted of each of some workloads, whichever of its protons it was, added up.
    pub async fn sums_of(
        &self,
        workloads: &[WorkloadId],
    ) -> Result<HashMap<WorkloadId, Minute>, StoreError> {
        let (wanted, args) = Conditions::among("workload_id", workloads).into_parts();
        let text = format!("SELECT workload_id, {COLUMNS} FROM days WHERE {wanted} ORDER BY at");
        let rows: Vec<OfWorkload> = composed(text, args).all(self.link()).await?;
        let mut all = HashMap::new();
        for OfWorkload { workload_id, row } in &rows {
            let workload =
                Origin { table: "days", id: workload_id }.text("workload_id", workload_id)?;
            let at = Timestamp::from_micros(row.at);
            row.add_to(all.entry(workload).or_insert_with(|| Minute::empty(at)))?;
        }
        Ok(all)
    }

    /// The hours of each of some workloads since a moment.
    pub async fn hours_of(
        &self,
        workloads: &[WorkloadId],
        since: Timestamp,
    ) -> Result<HashMap<WorkloadId, Vec<Hour>>, StoreError> {
        let mut wanted = Conditions::among("workload_id", workloads);
        wanted.when("at >=", Some(since));
        let (wanted, args) = wanted.into_parts();
        let place = args.len();
        // PostgreSQL adds whole numbers up to another type.
        let text = format!(
            "SELECT workload_id, (at - ${place}) / 3600000000, CAST(SUM(requests) AS BIGINT), \
             CAST(SUM(user_errors + server_errors) AS BIGINT) FROM minutes WHERE {wanted} \
             GROUP BY 1, 2"
        );
        let rows: Vec<(String, i64, i64, i64)> = composed(text, args).all(self.link()).await?;
        let mut all: HashMap<WorkloadId, Vec<Hour>> = HashMap::new();
        for (workload, index, requests, errors) in &rows {
            let from = Origin { table: "minutes", id: workload };
            all.entry(from.text("workload_id", workload)?).or_default().push(Hour {
                index: usize::try_from(*index).unwrap_or(usize::MAX),
                requests: from.count("requests", *requests)?,
                errors: from.count("server_errors", *errors)?,
            });
        }
        Ok(all)
    }

    /// When the workload last answered a request. Clearing counters does not change it.
    pub async fn last_response(
        &self,
        workload: &WorkloadId,
    ) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.last_responses(std::slice::from_ref(workload)).await?.remove(workload))
    }

    /// [`Store::last_response`] of each of a page's workloads, at once.
    pub async fn last_responses(
        &self,
        workloads: &[WorkloadId],
    ) -> Result<HashMap<WorkloadId, Timestamp>, StoreError> {
        let mut wanted = Conditions::among("id", workloads);
        wanted.always("last_response_at IS NOT NULL");
        let (wanted, args) = wanted.into_parts();
        let text = format!("SELECT id, last_response_at FROM workloads WHERE {wanted}");
        let rows: Vec<(String, i64)> = composed(text, args).all(self.link()).await?;
        rows.iter()
            .map(|(id, at)| {
                let from = Origin { table: "workloads", id };
                Ok((from.text("id", id)?, Timestamp::from_micros(*at)))
            })
            .collect()
    }

    /// Protons with minutes of a day that has no sum: those were counted by a version that made none.
    pub async fn days_without_sum(
        &self,
    ) -> Result<Vec<(OrgId, WorkloadId, ProtonId, Timestamp)>, StoreError> {
        let rows: Vec<(String, String, String, i64)> =
            sql("SELECT DISTINCT org_id, workload_id, proton_id, at - at % 86400000000 \
                 FROM minutes m WHERE NOT EXISTS (SELECT 1 FROM days d \
                 WHERE d.proton_id = m.proton_id AND d.at = m.at - m.at % 86400000000)")
            .all(self.link())
            .await?;
        rows.iter()
            .map(|(org, workload, proton, day)| {
                let from = Origin { table: "minutes", id: proton };
                Ok((
                    from.text("org_id", org)?,
                    from.text("workload_id", workload)?,
                    from.text("proton_id", proton)?,
                    Timestamp::from_micros(*day),
                ))
            })
            .collect()
    }
}
