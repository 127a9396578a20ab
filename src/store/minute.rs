//! What the gateway counted, minute by minute, and the same by day. The gateway hands over what it has
//! counted since the last time, so what is stored for a minute is added to.
//!
//! A day holds the sum of its minutes, always: long spans are read from days, and must not say anything else
//! than the minutes would. So whatever changes minutes changes days here, in the same transaction.

use std::collections::{BTreeSet, HashMap};

use super::{
    Store, StoreError, WorkloadFilter, Write,
    cell::{Origin, json},
    list::Conditions,
    sql::{Link, composed, sql},
    workload::TABLES,
};
use crate::model::{Counter, Minute, OrgId, ProtonId, Timestamp, WorkloadId};

const COLUMNS: &str = "proton_id, at, requests, user_errors, server_errors, peak, latencies";

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// The beginning of the day (UTC) that a moment is in.
#[must_use]
pub fn day_of(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.micros().div_euclid(DAY) * DAY)
}

fn next_day(day: Timestamp) -> Timestamp {
    Timestamp::from_micros(day.micros() + DAY)
}

/// How finely counts are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    Minutes,
    /// Whole days at once; what the range has of its first and last day still comes as minutes.
    Days,
}

#[derive(Clone, Copy)]
enum Table {
    Minutes,
    Days,
}

impl Table {
    const fn name(self) -> &'static str {
        match self {
            Self::Minutes => "minutes",
            Self::Days => "days",
        }
    }
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
        let mut minute = Minute::empty(Timestamp::from_micros(self.at));
        self.add_to(&mut minute)?;
        Ok(minute)
    }

    fn add_to(&self, sum: &mut Minute) -> Result<(), StoreError> {
        let from = Origin { table: "minutes", id: &self.proton_id };
        for (class, count) in from.json::<Vec<(usize, u64)>>("latencies", &self.latencies)? {
            *sum.latencies.get_mut(class).ok_or(from.corrupt("latencies"))? += count;
        }
        sum.requests += from.count("requests", self.requests)?;
        sum.user_errors += from.count("user_errors", self.user_errors)?;
        sum.server_errors += from.count("server_errors", self.server_errors)?;
        sum.peak = sum.peak.max(from.count("peak", self.peak)?);
        Ok(())
    }
}

/// Only the classes that hold something, each with its number.
fn sparse(latencies: &[u64]) -> Vec<(usize, u64)> {
    latencies.iter().copied().enumerate().filter(|(_, count)| *count > 0).collect()
}

/// Those of one workload or of one of its protons, from one moment to before another.
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

/// A range as whole days and what is left of it at both ends. Without whole days, the first end is all.
struct Cut {
    first: Option<(Option<Timestamp>, Option<Timestamp>)>,
    days: Option<(Option<Timestamp>, Option<Timestamp>)>,
    last: Option<(Option<Timestamp>, Option<Timestamp>)>,
}

fn cut(from: Option<Timestamp>, to: Option<Timestamp>) -> Cut {
    let first_day = from.map(|from| match day_of(from) {
        day if day == from => day,
        day => next_day(day),
    });
    let last_day = to.map(day_of);
    if first_day.zip(last_day).is_some_and(|(first, last)| first >= last) {
        return Cut { first: Some((from, to)), days: None, last: None };
    }
    Cut {
        first: (from != first_day).then_some((from, first_day)),
        days: Some((first_day, last_day)),
        last: (to != last_day).then_some((last_day, to)),
    }
}

/// Whose counts are read.
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    /// Of all protons that the workload has and had.
    Workload(&'a WorkloadId),
    /// Of these; without any, there is nothing to read.
    Protons(&'a [ProtonId]),
}

impl Whose<'_> {
    pub(super) fn conditions(self) -> Conditions {
        match self {
            Self::Workload(id) => Conditions::belonging("workload_id", id),
            Self::Protons(ids) => Conditions::among("proton_id", ids),
        }
    }
}

/// One of a proton's last hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// How many hours after the moment that was given.
    pub index: usize,
    pub requests: u64,
    pub errors: u64,
}

async fn rows(
    link: Link<'_>,
    table: Table,
    whose: Whose<'_>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> Result<Vec<Row>, StoreError> {
    let mut wanted = whose.conditions();
    wanted.when("at >=", from);
    wanted.when("at <", to);
    let (wanted, args) = wanted.into_parts();
    let text = format!("SELECT {COLUMNS} FROM {} WHERE {wanted} ORDER BY at", table.name());
    Ok(composed(text, args).all(link).await?)
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

    /// Everything counted of each of some protons, added up.
    pub async fn sums_of(
        &self,
        protons: &[ProtonId],
    ) -> Result<HashMap<ProtonId, Minute>, StoreError> {
        let (wanted, args) = Conditions::among("proton_id", protons).into_parts();
        let text = format!("SELECT {COLUMNS} FROM days WHERE {wanted} ORDER BY at");
        let rows: Vec<Row> = composed(text, args).all(self.link()).await?;
        let mut all = HashMap::new();
        for row in &rows {
            let from = Origin { table: "days", id: &row.proton_id };
            let proton = from.text("proton_id", &row.proton_id)?;
            let at = Timestamp::from_micros(row.at);
            row.add_to(all.entry(proton).or_insert_with(|| Minute::empty(at)))?;
        }
        Ok(all)
    }

    /// The hours of each of some protons since a moment.
    pub async fn hours_of(
        &self,
        protons: &[ProtonId],
        since: Timestamp,
    ) -> Result<HashMap<ProtonId, Vec<Hour>>, StoreError> {
        let mut wanted = Conditions::among("proton_id", protons);
        wanted.when("at >=", Some(since));
        let (wanted, args) = wanted.into_parts();
        let place = args.len();
        // PostgreSQL adds whole numbers up to another type.
        let text = format!(
            "SELECT proton_id, (at - ${place}) / 3600000000, CAST(SUM(requests) AS BIGINT), \
             CAST(SUM(user_errors + server_errors) AS BIGINT) FROM minutes WHERE {wanted} \
             GROUP BY 1, 2"
        );
        let rows: Vec<(String, i64, i64, i64)> = composed(text, args).all(self.link()).await?;
        let mut all: HashMap<ProtonId, Vec<Hour>> = HashMap::new();
        for (proton, index, requests, errors) in &rows {
            let from = Origin { table: "minutes", id: proton };
            all.entry(from.text("proton_id", proton)?).or_default().push(Hour {
                index: usize::try_from(*index).unwrap_or(usize::MAX),
                requests: from.count("requests", *requests)?,
                errors: from.count("server_errors", *errors)?,
            });
        }
        Ok(all)
    }

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
