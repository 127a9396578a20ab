//! What the gateway counted, minute by minute, and the same by day. The gateway hands over what it has
//! counted since the last time, so what is stored for a minute is added to.
//!
//! A day holds the sum of its minutes, always: long spans are read from days, and must not say anything else
//! than the minutes would. So whatever changes minutes changes days here, in the same transaction.

mod fleet;
mod read;
mod write;

pub use fleet::DayCount;
pub use read::Hour;

use super::{
    StoreError,
    cell::Origin,
    list::Conditions,
    sql::{Link, composed},
};
use crate::model::{Minute, ProtonId, Timestamp, WorkloadId};

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
    pub(in crate::store) fn conditions(self) -> Conditions {
        match self {
            Self::Workload(id) => Conditions::belonging("workload_id", id),
            Self::Protons(ids) => Conditions::among("proton_id", ids),
        }
    }
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
