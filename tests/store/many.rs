//! Ten thousand workloads with a fortnight of traffic: each question that the list asks is answered rightly, and
//! the questions about the same workloads agree. How long they take is printed and decides nothing
//! (`cargo test --test store many -- --nocapture`); `benches/list` measures whole pages.
//!
//! Rows are made by the database itself, in one text for both: through the use cases it would take minutes.

#![allow(clippy::disallowed_methods, reason = "what is printed is this machine's time")]

use std::time::{Duration, Instant};

use handover::{
    model::*,
    store::{
        DayCount, Paging, Store, TagFilter, Viewer, WorkloadFilter, WorkloadKey, WorkloadOrder,
    },
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use crate::{
    make::{org, settle},
    on_both,
};

const DAYS: i64 = 14;
const DAY: i64 = 86_400_000_000;
/// The first of the days.
const START: i64 = 1_780_012_800_000_000;

/// What fills the tables. `{bytes}` is the type of bytes; ids are 24 hexadecimal digits, as decimal ones are.
fn statements(many: i64, bytes: &str) -> Vec<String> {
    let numbers =
        format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many})");
    let id = |of: &str| format!("'000000000000000000' || CAST(100000 + {of} AS TEXT)");
    let (this, org) = (id("i"), org());
    let latencies =
        r"[[12,40],[13,120],[14,300],[15,420],[16,500],[17,380],[18,200],[20,90],[24,20],[31,3]]";
    let days =
        format!("{numbers}, d(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM d WHERE k < {DAYS} - 1)");
    vec![
        format!(
            "{numbers} INSERT INTO repositories (id, org_id, name, name_key, search_text, kind, \
             last_version, creator_id, created_at, updated_at) SELECT {this}, '{org}', 'r', \
             CAST('r' AS {bytes}), 'r', 'service', 3, {this}, i, i FROM n"
        ),
        format!(
            "{numbers} INSERT INTO artifacts (id, org_id, repository_id, name, name_key, description, \
             search_text, kind, status, version, spec, creator_id, created_at, updated_at, revision) \
             SELECT {this}, '{org}', {this}, 'a', CAST('a' AS {bytes}), '', 'a', 'service', \
             CASE WHEN i % 3 = 0 THEN 'draft' ELSE 'locked' END, CASE WHEN i % 3 = 0 THEN NULL ELSE 1 END, \
             '{{\"containerGroups\":[]}}', {this}, i, i, 1 FROM n"
        ),
        format!(
            "{numbers} INSERT INTO workloads (id, org_id, name, name_key, description, search_text, \
             importance, importance_rank, wanted, artifact_id, runtime, active_proton, creator_id, \
             created_at, updated_at, revision, last_response_at) SELECT {this}, '{org}', \
             'workload ' || CAST(i AS TEXT), CAST('workload ' || CAST(i AS TEXT) AS {bytes}), 'what it does', \
             'workload ' || CAST(i AS TEXT) || ' what it does', 'low', 0, \
             CASE WHEN i % 10 = 0 THEN 'stopped' ELSE 'running' END, {this}, '{{\"containerGroups\":[]}}', \
             {this}, {}, i * 1000, (i * 7919) % 10007, 1, (i * 31) % 10007 FROM n",
            id("i % 40")
        ),
        format!(
            "{numbers} INSERT INTO protons (id, org_id, workload_id, artifact_id, name, status, role, \
             snapshot, restarts, creator_id, created_at, updated_at) SELECT {this}, '{org}', {this}, \
             {this}, 'p', CASE WHEN i % 10 = 0 THEN 'stopped' WHEN i % 97 = 0 THEN 'errored' ELSE 'running' END, \
             'active', '{{}}', 0, {this}, i, i FROM n"
        ),
        format!(
            "{numbers} INSERT INTO grants (org_id, entity_kind, entity_id, recipient, role, granted_at) \
             SELECT '{org}', 'workload', {this}, 'user:' || {}, 'OWNER', i FROM n",
            id("i % 40")
        ),
        format!(
            "{numbers} INSERT INTO tags (org_id, entity_kind, entity_id, position, id, name, value) \
             SELECT '{org}', 'workload', {this}, 0, {this}, 'team', 't' || CAST(i % 50 AS TEXT) FROM n"
        ),
        format!(
            "{days} INSERT INTO days (org_id, workload_id, proton_id, at, requests, user_errors, \
             server_errors, peak, latencies) SELECT '{org}', {this}, {this}, {START} + k * {DAY}, 2073, 4, 2, \
             9, '{latencies}' FROM n, d"
        ),
        "ANALYZE".into(),
    ]
}

async fn fill(url: &str, store: &Store, many: i64) {
    settle(store).await;
    if url.starts_with("postgres") {
        let mut link = PgConnection::connect(url).await.unwrap();
        for text in statements(many, "BYTEA") {
            sqlx::query(AssertSqlSafe(text)).execute(&mut link).await.unwrap();
        }
    } else {
        let mut link = SqliteConnection::connect(url).await.unwrap();
        for text in statements(many, "BLOB") {
            sqlx::query(AssertSqlSafe(text)).execute(&mut link).await.unwrap();
        }
    }
}

/// How long it takes once it has been done before.
async fn timed<T>(work: impl AsyncFn() -> T) -> (Duration, T) {
    work().await;
    let began = Instant::now();
    let made = work().await;
    (began.elapsed(), made)
}

fn views() -> Vec<(&'static str, WorkloadFilter)> {
    let none = WorkloadFilter::default;
    let by =
        |key, descending| WorkloadFilter { order: WorkloadOrder { key, descending }, ..none() };
    let somebody: UserId = id_of(3);
    let recipients = vec![Recipient::User(somebody.clone())];
    let viewer = Viewer { recipients, roles: vec![ShareRole::Owner, ShareRole::User] };
    let tags = TagFilter { each: vec!["team=t7".into()], ..TagFilter::default() };
    vec![
        ("newest", none()),
        ("name", by(WorkloadKey::Name, false)),
        ("status", by(WorkloadKey::Status, true)),
        ("importance", by(WorkloadKey::Importance, true)),
        ("updated", by(WorkloadKey::UpdatedAt, true)),
        ("last answer", by(WorkloadKey::LastResponse, true)),
        ("search", WorkloadFilter { search: Some("9999".into()), ..none() }),
        ("errored", WorkloadFilter { status: vec![WorkloadStatus::Errored], ..none() }),
        ("drafts", WorkloadFilter { artifact_status: vec![ArtifactStatus::Draft], ..none() }),
        ("created by", WorkloadFilter { created_by: Some(somebody), ..none() }),
        ("tag", WorkloadFilter { tags, ..none() }),
        ("one of forty", WorkloadFilter { viewer: Some(viewer), ..none() }),
    ]
}

fn id_of(n: u64) -> UserId {
    format!("000000000000000000{}", 100_000 + n).parse().unwrap()
}

on_both! {
    async fn ten_thousand_are_counted_as_ten(place) {
        let url = place.url.clone();
        let store = place.open().await;
        fill(&url, &store, 10_000).await;
        let name = url.split(':').next().unwrap();
        let told = |what: &str, took: Duration| {
            println!("{name:>8} {:>8.1} ms  {what}", took.as_secs_f64() * 1000.0);
        };
        for (view, filter) in views() {
            let page = async || store.workloads(&org(), &filter, Paging::first(20)).await.unwrap();
            let (took, found) = timed(page).await;
            assert!(found.total > 0 && found.total <= 10_000, "{view}: {}", found.total);
            told(view, took);
            let (took, tally) =
                timed(async || store.workload_tally(&org(), &filter).await.unwrap()).await;
            assert_eq!(tally.iter().map(|one| one.count).sum::<u64>(), found.total, "{view}");
            told(&format!("{view}, counted"), took);
        }
        let all = WorkloadFilter::default();
        let last = Paging { offset: 9_980, limit: 20 };
        let (took, found) =
            timed(async || store.workloads(&org(), &all, last).await.unwrap()).await;
        assert_eq!(found.items.len(), 20);
        told("the last page", took);
        let (took, makers) =
            timed(async || store.workload_creators(&org(), &all).await.unwrap()).await;
        assert_eq!(makers.len(), 40);
        told("creators", took);
        let (took, tags) = timed(async || store.workload_tags(&org(), &all, 60).await.unwrap()).await;
        assert_eq!(tags.len(), 50);
        told("tags", took);
        let ids: Vec<WorkloadId> = found.items.iter().map(|w| w.id.clone()).collect();
        let (took, sums) = timed(async || {
            store.latest_replacements(&ids).await.unwrap();
            store.hours_of(&ids, Timestamp::from_micros(START)).await.unwrap();
            store.sums_of(&ids).await.unwrap()
        })
        .await;
        assert_eq!(sums.len(), 20);
        told("a page's companions", took);
        let (from, middle) =
            (Timestamp::from_micros(START), Timestamp::from_micros(START + 7 * DAY));
        let began = Instant::now();
        let [old, new] = store.traffic(&org(), &all, from, middle).await.unwrap();
        assert_eq!((old.requests, new.requests), (145_110_000, 145_110_000));
        told("two weeks added up", began.elapsed());

        // What the page reads is all of it, once in a while and before anybody waits; meanwhile one day, and ids.
        let began = Instant::now();
        let days = store.days(&org(), None, from).await.unwrap();
        told("two weeks of each", began.elapsed());
        let of = |days: &[DayCount]| days.iter().map(|day| day.requests).sum::<u64>();
        assert_eq!(of(&days), old.requests + new.requests);
        let last = Timestamp::from_micros(START + (DAYS - 1) * DAY);
        let (took, days) = timed(async || store.days(&org(), None, last).await.unwrap()).await;
        assert_eq!((days.len(), of(&days)), (10_000, 10_000 * 2073));
        told("one day of each", took);
        let (took, ids) = timed(async || store.workload_ids(&org(), &all).await.unwrap()).await;
        assert_eq!(ids.len(), 10_000);
        told("ids", took);
    }
}
