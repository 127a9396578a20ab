//! What the gateway counted, minute by minute. The gateway hands over what it has counted since the last
//! time, so what is stored for a minute is added to.

use std::collections::HashMap;

use super::{
    Store, StoreError, Write,
    cell::{Origin, json},
    list::Conditions,
    sql::{composed, sql},
};
use crate::model::{LATENCY_CLASSES, Minute, OrgId, ProtonId, Timestamp, WorkloadId};

macro_rules! columns {
    () => {
        "proton_id, at, requests, user_errors, server_errors, peak, latencies"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    proton_id: String,
    at: i64,
    requests: i64,
    user_errors: i64,
    server_errors: i64,
    peak: i64,
    latencies: String,
}

impl Row {
    fn minute(&self) -> Result<Minute, StoreError> {
        let from = Origin { table: "minutes", id: &self.proton_id };
        let mut latencies = vec![0; LATENCY_CLASSES];
        for (class, count) in from.json::<Vec<(usize, u64)>>("latencies", &self.latencies)? {
            *latencies.get_mut(class).ok_or(from.corrupt("latencies"))? = count;
        }
        Ok(Minute {
            at: Timestamp::from_micros(self.at),
            requests: from.count("requests", self.requests)?,
            user_errors: from.count("user_errors", self.user_errors)?,
            server_errors: from.count("server_errors", self.server_errors)?,
            peak: from.count("peak", self.peak)?,
            latencies,
        })
    }
}

/// Only the classes that hold something, each with its number.
fn sparse(latencies: &[u64]) -> Vec<(usize, u64)> {
    latencies.iter().copied().enumerate().filter(|(_, count)| *count > 0).collect()
}

fn add(stored: &mut Minute, counted: &Minute) {
    stored.requests += counted.requests;
    stored.user_errors += counted.user_errors;
    stored.server_errors += counted.server_errors;
    stored.peak = stored.peak.max(counted.peak);
    for (sum, more) in stored.latencies.iter_mut().zip(&counted.latencies) {
        *sum += more;
    }
}

/// The minutes of one workload or of one of its protons, from one moment to before another.
fn range(
    workload: &WorkloadId,
    proton: Option<&ProtonId>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Conditions {
    let mut wanted = Conditions::belonging("workload_id", workload);
    wanted.when("proton_id =", proton);
    wanted.when("at >=", from);
    wanted.when("at <", to);
    wanted
}

impl Store {
    /// Oldest first; `from` is included, `to` is not.
    pub async fn minutes(
        &self,
        workload: &WorkloadId,
        proton: Option<&ProtonId>,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Vec<(ProtonId, Minute)>, StoreError> {
        let (wanted, args) = range(workload, proton, from, to).into_parts();
        let text =
            format!("SELECT {} FROM minutes WHERE {wanted} ORDER BY at, proton_id", columns!());
        let rows: Vec<Row> = composed(text, args).all(self.link()).await?;
        rows.iter()
            .map(|row| {
                let from = Origin { table: "minutes", id: &row.proton_id };
                Ok((from.text("proton_id", &row.proton_id)?, row.minute()?))
            })
            .collect()
    }

    /// Everything counted of some protons, at once, oldest first.
    pub async fn minutes_of(
        &self,
        protons: &[ProtonId],
    ) -> Result<HashMap<ProtonId, Vec<Minute>>, StoreError> {
        let (wanted, args) = Conditions::among("proton_id", protons).into_parts();
        let text = format!("SELECT {} FROM minutes WHERE {wanted} ORDER BY at", columns!());
        let rows: Vec<Row> = composed(text, args).all(self.link()).await?;
        let mut all: HashMap<ProtonId, Vec<Minute>> = HashMap::new();
        for row in &rows {
            let from = Origin { table: "minutes", id: &row.proton_id };
            let proton = from.text("proton_id", &row.proton_id)?;
            all.entry(proton).or_default().push(row.minute()?);
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
}

impl Write<'_> {
    /// Adds what was counted. Counts of a workload that has been purged are dropped.
    pub async fn add_minutes(
        &mut self,
        org: &OrgId,
        workload: &WorkloadId,
        proton: &ProtonId,
        minutes: &[Minute],
        last_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let touched = sql("UPDATE workloads SET last_response_at = \
             CASE WHEN last_response_at > $3 THEN last_response_at \
             ELSE COALESCE($3, last_response_at) END WHERE org_id = $1 AND id = $2")
        .bind(org)
        .bind(workload)
        .bind(last_at)
        .run(self.link())
        .await?;
        if touched == 0 {
            return Ok(());
        }
        for counted in minutes {
            self.add_minute(org, workload, proton, counted).await?;
        }
        Ok(())
    }

    async fn add_minute(
        &mut self,
        org: &OrgId,
        workload: &WorkloadId,
        proton: &ProtonId,
        counted: &Minute,
    ) -> Result<(), StoreError> {
        let row: Option<Row> =
            sql(concat!("SELECT ", columns!(), " FROM minutes WHERE proton_id = $1 AND at = $2"))
                .bind(proton)
                .bind(counted.at)
                .one(self.link())
                .await?;
        let sum = match row {
            Some(row) => {
                let mut sum = row.minute()?;
                add(&mut sum, counted);
                sum
            }
            None => counted.clone(),
        };
        sql(concat!(
            "INSERT INTO minutes (",
            columns!(),
            ", org_id, workload_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (proton_id, at) DO UPDATE SET requests = excluded.requests, \
             user_errors = excluded.user_errors, server_errors = excluded.server_errors, \
             peak = excluded.peak, latencies = excluded.latencies"
        ))
        .bind(proton)
        .bind(sum.at)
        .bind(sum.requests)
        .bind(sum.user_errors)
        .bind(sum.server_errors)
        .bind(sum.peak)
        .bind(json(&sparse(&sum.latencies))?)
        .bind(org)
        .bind(workload)
        .run(self.link())
        .await?;
        Ok(())
    }

    /// Forgets what was counted; `from` is included, `to` is not.
    pub async fn clear_stats(
        &mut self,
        workload: &WorkloadId,
        proton: Option<&ProtonId>,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let (wanted, args) = range(workload, proton, from, to).into_parts();
        composed(format!("DELETE FROM minutes WHERE {wanted}"), args).run(self.link()).await?;
        Ok(())
    }

    /// Retention: forgets the minutes before a moment; says how many.
    pub async fn delete_minutes_before(
        &mut self,
        workload: &WorkloadId,
        before: Timestamp,
    ) -> Result<u64, StoreError> {
        Ok(sql("DELETE FROM minutes WHERE workload_id = $1 AND at < $2")
            .bind(workload)
            .bind(before)
            .run(self.link())
            .await?)
    }
}
