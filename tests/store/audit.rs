//! The audit trail: whatever is done to it behind our back is found.

use std::sync::Arc;

use handover::{
    audit::{Trail, verify},
    model::*,
    random::SystemRandom,
    secrets::{KeySource, Secrets},
    store::{AuditFilter, Paging, Store, TrailHead},
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use crate::{
    Place,
    make::{at, commit, id, org, settle},
    on_both,
};

/// What somebody does who can write to the database and nothing else.
async fn behind_our_back(place: &Place, statement: &str) {
    let statement = AssertSqlSafe(statement.to_owned());
    if place.url.starts_with("sqlite:") {
        let mut db = SqliteConnection::connect(&place.url).await.unwrap();
        sqlx::query(statement).execute(&mut db).await.unwrap();
    } else {
        let mut db = PgConnection::connect(&place.url).await.unwrap();
        sqlx::query(statement).execute(&mut db).await.unwrap();
    }
}

fn secrets(digit: &str) -> Arc<Secrets> {
    let source = KeySource::Given(digit.repeat(64));
    Arc::new(Secrets::load(&source, &[], &SystemRandom).unwrap())
}

fn entry(n: i64) -> AuditEntry {
    AuditEntry {
        timestamp: at(n),
        actor: None,
        source: AuditSource { ip: None, user_agent: None, channel: "api".into() },
        action: AuditAction::WorkloadEdit,
        entity: AuditedEntity { kind: AuditedKind::Workload, id: Some(format!("w{n}")) },
        workload_ids: vec![id(u64::try_from(n).unwrap())],
        before: None,
        after: Some(serde_json::json!({ "name": format!("name {n}") })),
        outcome: AuditOutcome::Done,
        reason: None,
        request_id: None,
    }
}

/// Six entries, and where the trail keeps its newest mark.
async fn written(place: &Place) -> (Store, tempfile::TempDir) {
    let store = place.open().await;
    settle(&store).await;
    let folder = tempfile::tempdir().unwrap();
    store.witnessed_by(Arc::new(Trail::open(secrets("a"), folder.path()).unwrap()));
    for n in [1, 3, 5] {
        commit(&store, async |w| {
            w.audit(&org(), entry(n));
            w.audit(&org(), entry(n + 1));
        })
        .await;
    }
    (store, folder)
}

/// What is found, as (entry, words).
async fn found(
    store: &Store,
    folder: &tempfile::TempDir,
    expect: &[TrailHead],
) -> Vec<(i64, String)> {
    let trail = Trail::open(secrets("a"), folder.path()).unwrap();
    let verified = verify(store, &trail, expect).await.unwrap();
    verified.findings.into_iter().map(|finding| (finding.seq, finding.what)).collect()
}

on_both! {
    async fn a_whole_trail_is_found_whole_and_read_back(place) {
        let (store, folder) = written(&place).await;
        assert_eq!(found(&store, &folder, &[]).await, []);
        let all = store.audit(&org(), &AuditFilter::default(), Paging::first(10)).await.unwrap();
        assert_eq!(all.total, 6);
        assert_eq!((all.items[0].id.as_str(), &all.items[0].entry), ("6", &entry(6)));
        let one = AuditFilter { workload: Some(id(2)), ..AuditFilter::default() };
        let one = store.audit(&org(), &one, Paging::first(10)).await.unwrap();
        assert_eq!((one.total, &one.items[0].entry), (1, &entry(2)));
        let below = async |before| {
            let found = store.audit_before(&org(), &AuditFilter::default(), before, 2).await;
            found.unwrap().into_iter().map(|record| record.id).collect::<Vec<_>>()
        };
        assert_eq!((below(None).await, below(Some(5)).await), (vec!["6".into(), "5".into()], vec!["4".into(), "3".into()]));
        assert_eq!((below(Some(2)).await, below(Some(1)).await), (vec!["1".into()], vec![]));
        let heads = store.audit_heads().await.unwrap();
        let remembered = heads[0].1.clone().unwrap();
        commit(&store, async |w| w.audit(&org(), entry(7))).await;
        assert_eq!(found(&store, &folder, std::slice::from_ref(&remembered)).await, []);
        let other = TrailHead { seq: 6, mark: remembered.mark.replace(':', ":0") };
        assert_eq!(found(&store, &folder, &[other]).await.len(), 1);
    }
}

on_both! {
    async fn one_changed_byte_is_found(place) {
        let (store, folder) = written(&place).await;
        behind_our_back(&place, "UPDATE audit SET entry = REPLACE(entry, 'name 3', 'name 8') WHERE seq = 3").await;
        let found = found(&store, &folder, &[]).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, 3);
    }
}

on_both! {
    async fn whatever_else_is_done_to_it_is_found(place) {
        let (store, folder) = written(&place).await;
        let tricks = [
            "UPDATE heads SET audit_seq = 5",
            // Told by a search, and not by the entry.
            "UPDATE audit SET outcome = 'refused' WHERE seq = 2",
            "UPDATE audit SET at = at + 1 WHERE seq = 5",
            "DELETE FROM audit_workloads WHERE seq = 4",
            "DELETE FROM audit WHERE seq = 3",
            // Two change places.
            "UPDATE audit SET seq = 9 WHERE seq = 1",
        ];
        let mut known = 0;
        for trick in tricks {
            behind_our_back(&place, trick).await;
            let now = found(&store, &folder, &[]).await;
            assert!(now.len() > known, "{trick}: {now:?}");
            known = now.len();
        }
    }
}

on_both! {
    async fn a_trail_that_was_cut_off_is_found_by_the_file_beside_it(place) {
        let (store, folder) = written(&place).await;
        let before: Vec<_> = store.audit_rows(&org(), 3, 1).await.unwrap();
        behind_our_back(&place, "DELETE FROM audit WHERE seq > 4").await;
        behind_our_back(&place, "DELETE FROM audit_workloads WHERE seq > 4").await;
        let head = format!("UPDATE heads SET audit_seq = 4, audit_mark = '{}'", before[0].mark);
        behind_our_back(&place, &head).await;
        let cut = found(&store, &folder, &[]).await;
        assert_eq!(cut.len(), 1, "{cut:?}");
        assert!(cut[0].1.contains("audit.head"), "{cut:?}");
    }
}

on_both! {
    /// Somebody without our key writes a whole new trail, with marks of a key of their own.
    async fn a_recomputed_trail_is_found(place) {
        let (store, folder) = written(&place).await;
        drop(store);
        for table in ["audit", "audit_workloads"] {
            behind_our_back(&place, &format!("DELETE FROM {table}")).await;
        }
        behind_our_back(&place, "UPDATE heads SET audit_seq = 0, audit_mark = NULL").await;
        let forger = place.open().await;
        let elsewhere = tempfile::tempdir().unwrap();
        forger.witnessed_by(Arc::new(Trail::open(secrets("b"), elsewhere.path()).unwrap()));
        for n in 1..=6 {
            commit(&forger, async |w| w.audit(&org(), entry(n))).await;
        }
        let all = found(&forger, &folder, &[]).await;
        assert_eq!(all.iter().filter(|(_, what)| what.contains("can't be checked")).count(), 6);
        assert!(all.iter().any(|(_, what)| what.contains("audit.head")), "{all:?}");
    }
}
