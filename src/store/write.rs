//! One transaction: state, events and history commit together or not at all.
//!
//! Events get their numbers in `commit`, from the one head row of their organisation, as the last thing the
//! transaction does. A sequence would hand out numbers in the order of asking, not of committing, and a
//! watcher that has seen number 8 would never look for a 7 that commits later. Entries of the audit trail get
//! theirs in the same way.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Postgres, Sqlite, Transaction};

use super::{
    PATIENCE, Pools, Store, StoreError, audit, counted, event,
    sql::{Link, sql},
};
use crate::model::{AuditEntry, EventId, NewEvent, OrgId, Timestamp};

/// Names the lock that lets one PostgreSQL transaction write at a time: "handover" in ASCII.
const TURN: i64 = 0x6861_6e64_6f76_6572;

/// An open transaction. Dropped without [`Write::commit`], it leaves nothing behind.
#[derive(Debug)]
pub struct Write<'s> {
    store: &'s Store,
    transaction: Open,
    events: BTreeMap<OrgId, Vec<(EventId, Timestamp, NewEvent)>>,
    pub(super) trail: BTreeMap<OrgId, Vec<AuditEntry>>,
    /// Of whom something has changed that is counted.
    pub(super) recounted: BTreeSet<OrgId>,
}

#[derive(Debug)]
enum Open {
    Sqlite(Transaction<'static, Sqlite>),
    Pg(Transaction<'static, Postgres>),
}

impl Store {
    /// Waits for its turn and begins a transaction.
    pub async fn write(&self) -> Result<Write<'_>, StoreError> {
        let transaction = match &self.inner.pools {
            Pools::Sqlite { writer, .. } => {
                Open::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?)
            }
            Pools::Pg { writer, .. } => {
                let mut transaction = writer.begin().await?;
                // A writer that hangs in the middle must not stop all others for ever.
                let patience = format!("{}ms", PATIENCE.as_millis());
                sql("SELECT set_config('lock_timeout', $1, TRUE), \
                     set_config('idle_in_transaction_session_timeout', $1, TRUE)")
                .bind(patience)
                .run(Link::Pg(&mut transaction))
                .await?;
                sql("SELECT pg_advisory_xact_lock($1)")
                    .bind(TURN)
                    .run(Link::Pg(&mut transaction))
                    .await?;
                Open::Pg(transaction)
            }
        };
        Ok(Write {
            store: self,
            transaction,
            events: BTreeMap::new(),
            trail: BTreeMap::new(),
            recounted: BTreeSet::new(),
        })
    }
}

impl Write<'_> {
    pub(super) fn link(&mut self) -> Link<'_> {
        match &mut self.transaction {
            Open::Sqlite(transaction) => Link::Sqlite(transaction),
            Open::Pg(transaction) => Link::Pg(transaction),
        }
    }

    /// Adds an event. It is numbered and written when the transaction commits, in the order of adding.
    pub fn event(&mut self, org: &OrgId, event: NewEvent, at: Timestamp, id: EventId) {
        self.events.entry(org.clone()).or_default().push((id, at, event));
    }

    /// Makes it lasting and wakes the watchers. Returns the number of the last event it wrote, or the
    /// newest known when it wrote none.
    pub async fn commit(mut self) -> Result<i64, StoreError> {
        for org in std::mem::take(&mut self.recounted) {
            counted::move_on(&mut self, &org).await?;
        }
        let mut newest = None;
        for (org, events) in std::mem::take(&mut self.events) {
            newest = newest.max(Some(event::append(&mut self, &org, events).await?));
        }
        let witness = self.store.inner.witness.get().cloned();
        let mut heads = Vec::new();
        for (org, entries) in std::mem::take(&mut self.trail) {
            // Nothing is done that can't be accounted for.
            let witness = witness.as_deref().ok_or(StoreError::Unwitnessed)?;
            let head = audit::append(&mut self, witness, &org, entries).await?;
            heads.push((org, head));
        }
        let (store, transaction) = (self.store.clone(), self.transaction);
        // In a task of its own, because the caller may be dropped while the database commits, and then
        // nobody would tell the watchers.
        let committed = tokio::spawn(async move {
            match transaction {
                Open::Sqlite(transaction) => transaction.commit().await?,
                Open::Pg(transaction) => transaction.commit().await?,
            }
            if let Some(witness) = witness {
                for (org, head) in &heads {
                    witness.committed(org, head);
                }
            }
            let sender = &store.inner.newest;
            if let Some(number) = newest {
                // Two commits may get here in the other order; the number must not go back.
                sender.send_modify(|known| *known = number.max(*known));
            }
            Ok(newest.unwrap_or(*sender.borrow()))
        });
        committed.await.map_err(|_| StoreError::Unavailable(sqlx::Error::WorkerCrashed))?
    }
}
