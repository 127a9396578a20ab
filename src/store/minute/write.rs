//! Adding to what was counted, and forgetting it.

use std::collections::BTreeSet;

use super::{COLUMNS, Cut, Row, Table, Whose, cut, day_of, next_day, range, rows};
use crate::{
    model::{Counter, Minute, OrgId, ProtonId, Timestamp, WorkloadId},
    store::{
        StoreError, Write,
        cell::{Origin, json},
        sql::{composed, sql},
    },
};

/// Only the classes that hold something, each with its number.
fn sparse(latencies: &[u64]) -> Vec<(usize, u64)> {
    latencies.iter().copied().enumerate().filter(|(_, count)| *count > 0).collect()
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
            let mut sum = self
                .stored(Table::Minutes, proton, counted.at)
                .await?
                .unwrap_or_else(|| Minute::empty(counted.at));
            sum.add(counted);
            self.put(Table::Minutes, org, workload, proton, &sum).await?;
            let day = day_of(counted.at);
            match self.stored(Table::Days, proton, day).await? {
                Some(mut sum) => {
                    sum.add(counted);
                    self.put(Table::Days, org, workload, proton, &sum).await?;
                }
                None => self.sum_up_day(org, workload, proton, day).await?,
            }
        }
        Ok(())
    }

    async fn stored(
        &mut self,
        table: Table,
        proton: &ProtonId,
        at: Timestamp,
    ) -> Result<Option<Minute>, StoreError> {
        let text =
            format!("SELECT {COLUMNS} FROM {} WHERE proton_id = $1 AND at = $2", table.name());
        let statement = composed(text, Vec::new()).bind(proton).bind(at);
        let row: Option<Row> = statement.one(self.link()).await?;
        row.map(|row| row.minute()).transpose()
    }

    async fn put(
        &mut self,
        table: Table,
        org: &OrgId,
        workload: &WorkloadId,
        proton: &ProtonId,
        sum: &Minute,
    ) -> Result<(), StoreError> {
        let text = format!(
            "INSERT INTO {} ({COLUMNS}, org_id, workload_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (proton_id, at) DO UPDATE SET requests = excluded.requests, \
             user_errors = excluded.user_errors, server_errors = excluded.server_errors, \
             peak = excluded.peak, latencies = excluded.latencies",
            table.name()
        );
        composed(text, Vec::new())
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

    /// Makes a day the sum of its minutes again.
    pub async fn sum_up_day(
        &mut self,
        org: &OrgId,
        workload: &WorkloadId,
        proton: &ProtonId,
        day: Timestamp,
    ) -> Result<(), StoreError> {
        let whose = Whose::Protons(std::slice::from_ref(proton));
        let minutes =
            rows(self.link(), Table::Minutes, whose, Some(day), Some(next_day(day))).await?;
        if minutes.is_empty() {
            sql("DELETE FROM days WHERE proton_id = $1 AND at = $2")
                .bind(proton)
                .bind(day)
                .run(self.link())
                .await?;
            return Ok(());
        }
        let mut sum = Minute::empty(day);
        for row in &minutes {
            row.add_to(&mut sum)?;
        }
        self.put(Table::Days, org, workload, proton, &sum).await
    }

    /// Forgets what was counted, all of it or one counter; `from` is included, `to` is not.
    pub async fn clear_stats(
        &mut self,
        workload: &WorkloadId,
        proton: Option<&ProtonId>,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        counter: Option<Counter>,
    ) -> Result<(), StoreError> {
        let forget = |table: Table| match counter {
            None => format!("DELETE FROM {}", table.name()),
            Some(counter) => format!("UPDATE {} SET {}", table.name(), zero(counter)),
        };
        let (wanted, args) = range(workload, proton, from, to).into_parts();
        let text = format!("{} WHERE {wanted}", forget(Table::Minutes));
        composed(text, args).run(self.link()).await?;
        let Cut { first, days, last } = cut(from, to);
        if let Some((from, to)) = days {
            let (wanted, args) = range(workload, proton, from, to).into_parts();
            let text = format!("{} WHERE {wanted}", forget(Table::Days));
            composed(text, args).run(self.link()).await?;
        }
        for (from, to) in first.into_iter().chain(last) {
            let inside = to.map(|to| Timestamp::from_micros(to.micros() - 1));
            let ends = from.into_iter().chain(inside).map(day_of);
            for day in ends.collect::<BTreeSet<_>>() {
                self.sum_up_days_at(workload, proton, day).await?;
            }
        }
        Ok(())
    }

    async fn sum_up_days_at(
        &mut self,
        workload: &WorkloadId,
        proton: Option<&ProtonId>,
        day: Timestamp,
    ) -> Result<(), StoreError> {
        let (wanted, args) = range(workload, proton, Some(day), Some(next_day(day))).into_parts();
        let text = format!("SELECT org_id, proton_id FROM days WHERE {wanted}");
        let found: Vec<(String, String)> = composed(text, args).all(self.link()).await?;
        for (org, proton) in &found {
            let from = Origin { table: "days", id: proton };
            let (org, proton) = (from.text("org_id", org)?, from.text("proton_id", proton)?);
            self.sum_up_day(&org, workload, &proton, day).await?;
        }
        Ok(())
    }
}

const fn zero(counter: Counter) -> &'static str {
    match counter {
        Counter::Requests => "requests = 0, user_errors = 0, server_errors = 0",
        Counter::UserErrors => "user_errors = 0",
        Counter::ServerErrors => "server_errors = 0",
        Counter::Errors => "user_errors = 0, server_errors = 0",
        Counter::Latencies => "latencies = '[]'",
        Counter::Peak => "peak = 0",
    }
}
