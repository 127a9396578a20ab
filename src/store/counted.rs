//! Counts, kept for as long as they are true. How many workloads are how stands above every list, and to count ten
//! thousand means to read ten thousand, as it does to find the first twenty of an order that no index has; what is
//! counted changes far less often than it is looked at.
//!
//! Each organisation has a number that moves on with every commit that changes what is counted: workloads, protons,
//! artifacts, tags and grants ([`Write::recounts`]). An answer is kept with the number that was read before it was
//! counted. It is therefore never older than the last commit when it is asked for, of whichever process; it may be
//! newer than its number, and is then counted once more than needed.
//!
//! Known limitation: the first look after a change counts, and takes as long as counting takes. Whoever asks the
//! same at the same time waits for that one instead of counting too.

use std::{
    any::Any,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    Store, StoreError, Write,
    sql::{Arg, Row, composed, sql},
};
use crate::model::OrgId;

/// As many different questions are kept. Everybody asks the same few; searches are many, and each is asked once.
const MOST: usize = 256;

/// A question: the statement and its arguments.
type Question = (String, Vec<Arg>);

/// What was answered, and the organisation's number from before. Its lock is held while counting.
type Place = Arc<tokio::sync::Mutex<Option<(i64, Arc<dyn Any + Send + Sync>)>>>;

#[derive(Default)]
pub(super) struct Counted {
    places: Mutex<HashMap<Question, Place>>,
}

impl Counted {
    fn place(&self, question: Question) -> Place {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= MOST && !places.contains_key(&question) {
            // What is asked again is soon back.
            places.clear();
        }
        places.entry(question).or_default().clone()
    }
}

impl Store {
    /// The rows of a statement that counts what belongs to `org`, and does so by nothing but what moves its number.
    pub(super) async fn counts<T>(
        &self,
        org: &OrgId,
        text: String,
        args: Vec<Arg>,
    ) -> Result<Arc<Vec<T>>, StoreError>
    where
        T: Row + Sync + 'static,
    {
        let place = self.inner.counted.place((text.clone(), args.clone()));
        let mut place = place.lock().await;
        let number = self.count_number(org).await?;
        if let Some((then, rows)) = place.as_ref()
            && number == *then
            && let Ok(rows) = rows.clone().downcast::<Vec<T>>()
        {
            return Ok(rows);
        }
        let rows = Arc::new(composed(text, args).all::<T>(self.link()).await?);
        *place = Some((number, rows.clone()));
        Ok(rows)
    }

    /// The number of an organisation: while it stands, everybody sees the same workloads, and each is how it was.
    pub async fn count_number(&self, org: &OrgId) -> Result<i64, StoreError> {
        let found: Option<(i64,)> =
            sql("SELECT counted FROM heads WHERE org_id = $1").bind(org).one(self.link()).await?;
        // An organisation that is not there has nothing to count, and never will have.
        Ok(found.map_or(0, |(number,)| number))
    }
}

impl Write<'_> {
    /// This transaction changes what is counted of the organisation.
    pub(super) fn recounts(&mut self, org: &OrgId) {
        self.recounted.insert(org.clone());
    }
}

/// Moves the number of an organisation on, in a transaction that is about to commit.
pub(super) async fn move_on(write: &mut Write<'_>, org: &OrgId) -> Result<(), StoreError> {
    sql("UPDATE heads SET counted = counted + 1 WHERE org_id = $1")
        .bind(org)
        .run(write.link())
        .await?;
    Ok(())
}
