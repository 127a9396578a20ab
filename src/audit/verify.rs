//! Is the trail whole? Everything is compared with everything: marks with entries, columns with entries, the
//! last entry with the head row, with the file beside the database and with what somebody remembered.
//!
//! It runs beside a live server: the file is read before the rows, so a trail that grows meanwhile is only
//! ever longer than what the file said.

use super::Trail;
use crate::{
    model::{AuditEntry, OrgId},
    secrets::Unsealable,
    store::{AuditRow, Store, StoreError, TrailHead},
};

/// Rows that are looked at together.
const BATCH: u64 = 500;

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub org: OrgId,
    pub seq: i64,
    pub what: String,
}

/// What was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    pub entries: u64,
    /// The newest entry of each trail: what to remember.
    pub heads: Vec<(OrgId, TrailHead)>,
    pub findings: Vec<Finding>,
}

/// Looks at every trail in the database.
pub async fn verify(
    store: &Store,
    trail: &Trail,
    expected: &[TrailHead],
) -> Result<Verified, StoreError> {
    let mut verified = Verified::default();
    let mirrored: Vec<_> = {
        let orgs = store.audit_heads().await?;
        orgs.into_iter().map(|(org, _)| (org.clone(), trail.mirrored(&org))).collect()
    };
    let mut met = vec![false; expected.len()];
    for (org, mirrored) in mirrored {
        let mut walk = Walk { org: &org, trail, last: None, found: Vec::new() };
        let mut must: Vec<TrailHead> = mirrored.into_iter().collect();
        loop {
            let after = walk.last.as_ref().map_or(0, |last| last.seq);
            let rows = store.audit_rows(&org, after, BATCH).await?;
            let Some(end) = rows.last().map(|row| row.seq) else { break };
            let listed = store.audit_workloads(&org, after, end).await?;
            for row in rows {
                verified.entries += 1;
                let concerned: Vec<&str> = listed
                    .iter()
                    .filter(|(seq, _)| *seq == row.seq)
                    .map(|(_, workload)| workload.as_str())
                    .collect();
                walk.step(&row, &concerned);
                must.retain(|head| !walk.meets(head));
                for (expected, met) in expected.iter().zip(&mut met) {
                    *met |= walk.meets(expected);
                }
            }
        }
        let head = store.audit_heads().await?.into_iter().find(|(of, _)| *of == org);
        walk.end(head.and_then(|(_, head)| head));
        for missing in must {
            walk.find(missing.seq, "the file audit.head says that there is an entry with another mark; the trail was cut off or recomputed");
        }
        verified.findings.append(&mut walk.found);
        if let Some(last) = walk.last {
            verified.heads.push((org, last));
        }
    }
    for (expected, met) in expected.iter().zip(met) {
        if let (false, Some((org, _))) = (met, verified.heads.first()) {
            let what = format!("no entry has the expected mark {}", expected.mark);
            verified.findings.push(Finding { org: org.clone(), seq: expected.seq, what });
        } else if !met {
            return Err(StoreError::Unwitnessed);
        }
    }
    Ok(verified)
}

/// One trail from its beginning on.
struct Walk<'a> {
    org: &'a OrgId,
    trail: &'a Trail,
    last: Option<TrailHead>,
    found: Vec<Finding>,
}

impl Walk<'_> {
    fn find(&mut self, seq: i64, what: impl Into<String>) {
        self.found.push(Finding { org: self.org.clone(), seq, what: what.into() });
    }

    fn meets(&self, head: &TrailHead) -> bool {
        self.last.as_ref() == Some(head)
    }

    fn step(&mut self, row: &AuditRow, concerned: &[&str]) {
        let due = self.last.as_ref().map_or(1, |last| last.seq + 1);
        if row.seq != due {
            self.find(due, format!("entries {due} to {} are missing", row.seq - 1));
        }
        let before = self.last.as_ref().map(|last| last.mark.as_str());
        match self.trail.check(self.org, row.seq, before, &row.entry, &row.mark) {
            Ok(()) => {}
            Err(Unsealable::Damaged) => {
                self.find(row.seq, "the entry, its place or what comes before it was changed");
            }
            Err(unknown @ Unsealable::UnknownKey(_)) => {
                self.find(row.seq, format!("it can't be checked: {unknown}"));
            }
        }
        match serde_json::from_str::<AuditEntry>(&row.entry) {
            Ok(entry) => {
                if !repeats(row, &entry) {
                    self.find(
                        row.seq,
                        "the columns that are searched say something else than the entry",
                    );
                }
                let mut told: Vec<&str> =
                    entry.workload_ids.iter().map(crate::model::WorkloadId::as_str).collect();
                told.sort_unstable();
                if told != concerned {
                    self.find(row.seq, "it is not listed under the workloads that it concerns");
                }
            }
            Err(_) => self.find(row.seq, "the entry can't be read"),
        }
        self.last = Some(TrailHead { seq: row.seq, mark: row.mark.clone() });
    }

    /// The head row is written in the same transaction as the last entry.
    fn end(&mut self, head: Option<TrailHead>) {
        let Some(head) = head else {
            if self.last.is_some() {
                self.find(0, "the head row says that there is no entry");
            }
            return;
        };
        let last = self.last.as_ref().map_or(0, |last| last.seq);
        // A live server may have added some since the last row was read.
        if head.seq < last || (head.seq == last && !self.meets(&head)) || last == 0 {
            self.find(last, "the last entry is not the one that the head row names");
        }
    }
}

fn repeats(row: &AuditRow, entry: &AuditEntry) -> bool {
    row.at == entry.timestamp.micros()
        && row.actor_id.as_deref() == entry.actor.as_ref().map(|actor| actor.id.as_str())
        && row.action == entry.action.word()
        && row.entity_kind == entry.entity.kind.word()
        && row.entity_id == entry.entity.id
        && row.outcome == entry.outcome.word()
}
