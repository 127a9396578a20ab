//! The audit trail, one per organisation. Entries get their numbers and marks when their transaction commits,
//! from the head row of the organisation, for the same reason as events do (see [`super::write`]).
//!
//! The store knows no keys: a [`Witness`] makes the marks, and keeps the newest one somewhere else.

use std::sync::Arc;

use super::{
    Paging, Store, StoreError, Write,
    cell::{Origin, json},
    list::{Conditions, Source, page},
    sql::{Link, composed, sql},
};
use crate::model::{
    AuditAction, AuditEntry, AuditOutcome, AuditRecord, AuditedEntity, AuditedKind, OrgId, Page,
    Timestamp, UserId, WorkloadId,
};

/// The newest entry of a trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailHead {
    pub seq: i64,
    pub mark: String,
}

/// Vouches for the trail.
pub trait Witness: Send + Sync {
    /// A mark that only a holder of the key can make, about this entry, its place and the mark before it.
    fn mark(&self, org: &OrgId, seq: i64, before: Option<&str>, entry: &str) -> String;

    /// The trail has got so far, for good.
    fn committed(&self, org: &OrgId, head: &TrailHead);
}

/// A row of the trail as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AuditRow {
    pub seq: i64,
    pub at: i64,
    pub actor_id: Option<String>,
    pub action: String,
    pub entity_kind: String,
    pub entity_id: Option<String>,
    pub outcome: String,
    pub entry: String,
    pub mark: String,
}

macro_rules! columns {
    () => {
        "seq, at, actor_id, action, entity_kind, entity_id, outcome, entry, mark"
    };
}

#[derive(sqlx::FromRow)]
struct Row {
    org_id: String,
    seq: i64,
    entry: String,
    mark: String,
}

impl TryFrom<Row> for AuditRecord {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let id = row.seq.to_string();
        let from = Origin { table: "audit", id: &id };
        Ok(Self {
            tenant_id: from.text("org_id", &row.org_id)?,
            entry: from.json("entry", &row.entry)?,
            mark: row.mark,
            id,
        })
    }
}

/// Which entries are wanted; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    pub workload: Option<WorkloadId>,
    pub actors: Vec<UserId>,
    pub actions: Vec<AuditAction>,
    pub kinds: Vec<AuditedKind>,
    pub entity: Option<String>,
    pub outcomes: Vec<AuditOutcome>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

/// What a record is made of.
const RECORD: &str = "a.org_id, a.seq, a.entry, a.mark";

impl AuditFilter {
    fn conditions(&self, org: &OrgId) -> Conditions {
        let mut wanted = Conditions::of("a.org_id", org);
        if let Some(workload) = &self.workload {
            let place = wanted.place(workload.into());
            wanted.push(format!(
                "EXISTS (SELECT 1 FROM audit_workloads w WHERE w.org_id = a.org_id \
                 AND w.workload_id = {place} AND w.seq = a.seq)"
            ));
        }
        wanted.any("a.actor_id", &self.actors);
        wanted.any("a.action", self.actions.iter().map(|action| action.word()));
        wanted.any("a.entity_kind", self.kinds.iter().map(|kind| kind.word()));
        wanted.when("a.entity_id =", self.entity.as_deref());
        wanted.any("a.outcome", self.outcomes.iter().map(|outcome| outcome.word()));
        wanted.when("a.at >=", self.from);
        wanted.when("a.at <", self.to);
        wanted
    }
}

impl Store {
    /// From now on entries are marked by this witness. The first one stays.
    pub fn witnessed_by(&self, witness: Arc<dyn Witness>) {
        // A second one would be a second key in the middle of a trail.
        let _ = self.inner.witness.set(witness);
    }

    /// Newest first.
    pub async fn audit(
        &self,
        org: &OrgId,
        filter: &AuditFilter,
        paging: Paging,
    ) -> Result<Page<AuditRecord>, StoreError> {
        let source = Source { columns: RECORD, tables: "audit a", order: "a.seq DESC".to_owned() };
        page::<Row, AuditRecord>(self, source, filter.conditions(org), paging).await
    }

    /// The newest of what matches and has a number below `before`, newest first: for who reads all of it, a part
    /// at a time, while it grows.
    pub async fn audit_before(
        &self,
        org: &OrgId,
        filter: &AuditFilter,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let mut wanted = filter.conditions(org);
        wanted.when("a.seq <", before);
        let (wanted, args) = wanted.into_parts();
        let place = args.len() + 1;
        let text = format!(
            "SELECT {RECORD} FROM audit a WHERE {wanted} ORDER BY a.seq DESC LIMIT ${place}"
        );
        let rows: Vec<Row> = composed(text, args).bind(limit).all(self.link()).await?;
        rows.into_iter().map(AuditRecord::try_from).collect()
    }

    /// The entry in one place of the trail.
    pub async fn audit_entry(
        &self,
        org: &OrgId,
        seq: i64,
    ) -> Result<Option<AuditRecord>, StoreError> {
        let row: Option<Row> =
            sql("SELECT org_id, seq, entry, mark FROM audit WHERE org_id = $1 AND seq = $2")
                .bind(org)
                .bind(seq)
                .one(self.link())
                .await?;
        row.map(AuditRecord::try_from).transpose()
    }

    /// Rows as they are stored, oldest first, what comes after number `after`.
    pub async fn audit_rows(
        &self,
        org: &OrgId,
        after: i64,
        limit: u64,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let rows = sql(concat!(
            "SELECT ",
            columns!(),
            " FROM audit WHERE org_id = $1 AND seq > $2 ORDER BY seq LIMIT $3"
        ))
        .bind(org)
        .bind(after)
        .bind(limit)
        .all(self.link())
        .await?;
        Ok(rows)
    }

    /// Which workloads the entries in this range are listed under, as (number, workload).
    pub async fn audit_workloads(
        &self,
        org: &OrgId,
        after: i64,
        upto: i64,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        let rows = sql("SELECT seq, workload_id FROM audit_workloads \
             WHERE org_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq, workload_id")
        .bind(org)
        .bind(after)
        .bind(upto)
        .all(self.link())
        .await?;
        Ok(rows)
    }

    /// Where the trail of each organisation has got to, as the database says.
    pub async fn audit_heads(&self) -> Result<Vec<(OrgId, Option<TrailHead>)>, StoreError> {
        let rows: Vec<(String, i64, Option<String>)> =
            sql("SELECT org_id, audit_seq, audit_mark FROM heads ORDER BY org_id")
                .all(self.link())
                .await?;
        rows.into_iter()
            .map(|(org, seq, mark)| {
                let org = Origin { table: "heads", id: &org }.text("org_id", &org)?;
                Ok((org, mark.map(|mark| TrailHead { seq, mark })))
            })
            .collect()
    }
}

impl Write<'_> {
    /// Adds an entry to the trail. It gets its place when the transaction commits.
    pub fn audit(&mut self, org: &OrgId, entry: AuditEntry) {
        self.trail.entry(org.clone()).or_default().push(entry);
    }
}

/// The workloads that what was done to this concerns: those that run an artifact, and the one that a deployment
/// governs.
async fn concerned(
    write: &mut Write<'_>,
    org: &OrgId,
    entity: &AuditedEntity,
) -> Result<Vec<WorkloadId>, StoreError> {
    let Some(id) = &entity.id else { return Ok(Vec::new()) };
    Ok(match entity.kind {
        AuditedKind::Artifact => match id.parse() {
            Ok(id) => write.workloads_using(org, &id).await?,
            Err(_) => Vec::new(),
        },
        AuditedKind::Deployment => match id.parse() {
            Ok(id) => {
                let governs = write.deployment(org, &id).await?;
                governs.map(|deployment| deployment.workload_id).into_iter().collect()
            }
            Err(_) => Vec::new(),
        },
        _ => Vec::new(),
    })
}

async fn head(link: Link<'_>, org: &OrgId) -> Result<TrailHead, StoreError> {
    let row: Option<(i64, Option<String>)> =
        sql("SELECT audit_seq, audit_mark FROM heads WHERE org_id = $1")
            .bind(org)
            .one(link)
            .await?;
    let (seq, mark) = row.ok_or(StoreError::Referenced)?;
    Ok(TrailHead { seq, mark: mark.unwrap_or_default() })
}

/// Numbers, marks and writes the entries of a transaction that is about to commit.
pub(super) async fn append(
    write: &mut Write<'_>,
    witness: &dyn Witness,
    org: &OrgId,
    entries: Vec<AuditEntry>,
) -> Result<TrailHead, StoreError> {
    let mut head = head(write.link(), org).await?;
    for mut entry in entries {
        for workload in concerned(write, org, &entry.entity).await? {
            if !entry.workload_ids.contains(&workload) {
                entry.workload_ids.push(workload);
            }
        }
        let text = json(&entry)?;
        let seq = head.seq + 1;
        let before = (!head.mark.is_empty()).then_some(head.mark.as_str());
        let mark = witness.mark(org, seq, before, &text);
        sql(concat!(
            "INSERT INTO audit (org_id, ",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        ))
        .bind(org)
        .bind(seq)
        .bind(entry.timestamp)
        .bind(&entry.actor.as_ref().map(|actor| actor.id.clone()))
        .bind(entry.action.word())
        .bind(entry.entity.kind.word())
        .bind(&entry.entity.id)
        .bind(entry.outcome.word())
        .bind(&text)
        .bind(&mark)
        .run(write.link())
        .await
        .map_err(StoreError::naming("audit entry"))?;
        for workload in &entry.workload_ids {
            sql("INSERT INTO audit_workloads (org_id, workload_id, seq) VALUES ($1, $2, $3)")
                .bind(org)
                .bind(workload)
                .bind(seq)
                .run(write.link())
                .await?;
        }
        head = TrailHead { seq, mark };
    }
    sql("UPDATE heads SET audit_seq = $2, audit_mark = $3 WHERE org_id = $1")
        .bind(org)
        .bind(head.seq)
        .bind(&head.mark)
        .run(write.link())
        .await?;
    Ok(head)
}
