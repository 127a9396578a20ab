//! The stream of what happened, one per organisation.

use super::{
    Paging, Store, StoreError, Write,
    cell::{Origin, json},
    list::{Conditions, Source, page},
    sql::{Link, composed, sql},
};
use crate::model::{
    ArtifactId, Event, EventId, EventKind, EventLevel, NewEvent, OrgId, Page, Timestamp, UserId,
    WorkloadId,
};

macro_rules! columns {
    () => {
        "seq, id, org_id, workload_id, artifact_id, kind, level, message, details, actor_id, at"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    id: String,
    org_id: String,
    workload_id: Option<String>,
    artifact_id: Option<String>,
    kind: String,
    level: String,
    message: String,
    details: Option<String>,
    actor_id: Option<String>,
    at: i64,
}

impl TryFrom<Row> for Event {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let from = Origin { table: "events", id: &row.id };
        Ok(Self {
            seq: row.seq,
            id: from.text("id", &row.id)?,
            org_id: from.text("org_id", &row.org_id)?,
            workload_id: from.maybe("workload_id", row.workload_id.as_deref())?,
            artifact_id: from.maybe("artifact_id", row.artifact_id.as_deref())?,
            kind: from.text("kind", &row.kind)?,
            level: from.text("level", &row.level)?,
            details: row.details.as_deref().map(|text| from.json("details", text)).transpose()?,
            actor_id: from.maybe("actor_id", row.actor_id.as_deref())?,
            at: Timestamp::from_micros(row.at),
            message: row.message,
        })
    }
}

/// Which events are wanted; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    pub workload_id: Option<WorkloadId>,
    pub artifact_id: Option<ArtifactId>,
    pub kinds: Vec<EventKind>,
    pub level: Option<EventLevel>,
    pub actor_id: Option<UserId>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

impl Store {
    /// Newest first.
    pub async fn events(
        &self,
        org: &OrgId,
        filter: &EventFilter,
        paging: Paging,
    ) -> Result<Page<Event>, StoreError> {
        let mut wanted = Conditions::of("org_id", org);
        wanted.when("workload_id =", filter.workload_id.as_ref());
        wanted.when("artifact_id =", filter.artifact_id.as_ref());
        wanted.any("kind", filter.kinds.iter().map(|kind| kind.word()));
        wanted.when("level =", filter.level.map(EventLevel::word));
        wanted.when("actor_id =", filter.actor_id.as_ref());
        wanted.when("at >=", filter.from);
        wanted.when("at <", filter.to);
        let source = Source { columns: columns!(), tables: "events", order: "seq DESC".to_owned() };
        page::<Row, Event>(self, source, wanted, paging).await
    }

    /// Oldest first, what comes after number `after`.
    pub async fn events_after(
        &self,
        org: &OrgId,
        after: i64,
        limit: u64,
    ) -> Result<Vec<Event>, StoreError> {
        let rows: Vec<Row> = sql(concat!(
            "SELECT ",
            columns!(),
            " FROM events WHERE org_id = $1 AND seq > $2 ORDER BY seq LIMIT $3"
        ))
        .bind(org)
        .bind(after)
        .bind(limit)
        .all(self.link())
        .await?;
        rows.into_iter().map(Event::try_from).collect()
    }

    /// Oldest first, what comes after number `after` and not after `upto`: of one workload, or of all.
    pub async fn events_between(
        &self,
        org: &OrgId,
        workload: Option<&WorkloadId>,
        after: i64,
        upto: i64,
        limit: u64,
    ) -> Result<Vec<Event>, StoreError> {
        let mut wanted = Conditions::of("org_id", org);
        wanted.when("workload_id =", workload);
        wanted.when("seq >", Some(after));
        wanted.when("seq <=", Some(upto));
        let (wanted, args) = wanted.into_parts();
        let place = args.len() + 1;
        let text =
            format!("SELECT {} FROM events WHERE {wanted} ORDER BY seq LIMIT ${place}", columns!());
        let rows: Vec<Row> = composed(text, args).bind(limit).all(self.link()).await?;
        rows.into_iter().map(Event::try_from).collect()
    }

    /// The number of the oldest event that is kept.
    pub async fn oldest_event(&self, org: &OrgId) -> Result<Option<i64>, StoreError> {
        let row: Option<(Option<i64>,)> =
            sql("SELECT MIN(seq) FROM events WHERE org_id = $1").bind(org).one(self.link()).await?;
        Ok(row.and_then(|(oldest,)| oldest))
    }

    /// The number of the organisation's newest event; zero before the first.
    pub async fn head(&self, org: &OrgId) -> Result<i64, StoreError> {
        head(self.link(), org).await
    }
}

impl Write<'_> {
    /// The newest committed number; events added to this transaction come after it.
    pub async fn head(&mut self, org: &OrgId) -> Result<i64, StoreError> {
        head(self.link(), org).await
    }
}

async fn head(link: Link<'_>, org: &OrgId) -> Result<i64, StoreError> {
    let row: Option<(i64,)> =
        sql("SELECT seq FROM heads WHERE org_id = $1").bind(org).one(link).await?;
    Ok(row.map_or(0, |(seq,)| seq))
}

/// Numbers and writes the events of a transaction that is about to commit. Returns the last number.
pub(super) async fn append(
    write: &mut Write<'_>,
    org: &OrgId,
    events: Vec<(EventId, Timestamp, NewEvent)>,
) -> Result<i64, StoreError> {
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let moved: Option<(i64,)> =
        sql("UPDATE heads SET seq = seq + $2 WHERE org_id = $1 RETURNING seq")
            .bind(org)
            .bind(count)
            .one(write.link())
            .await?;
    let Some((last,)) = moved else { return Err(StoreError::Referenced) };
    for (seq, (id, at, event)) in (last - count + 1..).zip(events) {
        let details = event.details.as_ref().map(json).transpose()?;
        sql(concat!(
            "INSERT INTO events (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ))
        .bind(seq)
        .bind(&id)
        .bind(org)
        .bind(&event.workload_id)
        .bind(&event.artifact_id)
        .bind(event.kind.word())
        .bind(event.level.word())
        .bind(event.message)
        .bind(&details)
        .bind(&event.actor_id)
        .bind(at)
        .run(write.link())
        .await
        .map_err(StoreError::naming("event"))?;
    }
    Ok(last)
}
