//! What the store refuses, and what it keeps.

use std::time::Duration;

use handover::{
    model::*,
    store::{EventFilter, Paging, StoreError, WorkloadFilter, Write},
};
use tokio::time::timeout;

use crate::{
    make::{
        artifact, at, commit, id, org, progress, proton, replacement, repository, settle, workload,
    },
    on_both,
};

on_both! {
    async fn opening_again_finds_what_was_kept(place) {
        let store = place.open().await;
        assert_eq!(store.first_org().await.unwrap(), None);
        settle(&store).await;
        commit(&store, async |w| w.insert_workload(&workload(7)).await.unwrap()).await;
        store.close().await;

        let store = place.open().await;
        assert_eq!(store.first_org().await.unwrap(), Some(org()));
        assert_eq!(store.workload(&org(), &id(7)).await.unwrap(), Some(workload(7)));
        let stranger = "someone-else".parse().unwrap();
        assert_eq!(store.workload(&stranger, &id(7)).await.unwrap(), None);
        assert_eq!(store.user_by_name("ADA").await.unwrap().unwrap().id, id(1));
    }
}

on_both! {
    async fn the_second_of_two_racing_writes_is_a_conflict(place) {
        let store = place.open().await;
        settle(&store).await;
        commit(&store, async |w| {
            w.insert_workload(&workload(7)).await.unwrap();
            w.insert_replacement(&replacement(8, 7)).await.unwrap();
        }).await;
        let mut mine = store.workload(&org(), &id(7)).await.unwrap().unwrap();
        let mut theirs = mine.clone();
        mine.description = "mine".into();
        theirs.description = "theirs".into();
        commit(&store, async |w| w.update_workload(&mut mine).await.unwrap()).await;
        assert_eq!(mine.revision, 2);
        let mut write = store.write().await.unwrap();
        let refusal = write.update_workload(&mut theirs).await;
        assert!(matches!(refusal, Err(StoreError::Conflict { what: "workload" })), "{refusal:?}");
        drop(write);
        assert_eq!(store.workload(&org(), &id(7)).await.unwrap(), Some(mine));

        let mut mine = store.replacement(&id(8)).await.unwrap().unwrap();
        let mut theirs = mine.clone();
        commit(&store, async |w| w.update_replacement(&mut mine).await.unwrap()).await;
        let mut write = store.write().await.unwrap();
        let refusal = write.update_replacement(&mut theirs).await;
        assert!(matches!(refusal, Err(StoreError::Conflict { .. })), "{refusal:?}");
    }
}

on_both! {
    async fn names_are_unique_among_the_living(place) {
        let store = place.open().await;
        settle(&store).await;
        let mut first = workload(1);
        first.name = "Straße".into();
        let mut second = workload(2);
        second.name = "STRAßE".into();
        commit(&store, async |w| w.insert_workload(&first).await.unwrap()).await;
        let mut write = store.write().await.unwrap();
        let found = write.workload_by_name(&org(), &second.name).await.unwrap();
        assert_eq!(found.map(|w| w.id), Some(id(1)));
        let refusal = write.insert_workload(&second).await;
        assert!(matches!(refusal, Err(StoreError::Duplicate { .. })), "{refusal:?}");
        drop(write);

        first.wanted = Wanted::Terminated;
        commit(&store, async |w| {
            w.update_workload(&mut first).await.unwrap();
            assert_eq!(w.workload_by_name(&org(), &second.name).await.unwrap(), None);
            w.insert_workload(&second).await.unwrap();
        }).await;
        let all = store
            .workloads(&org(), &WorkloadFilter::default(), Paging::first(10))
            .await
            .unwrap();
        assert_eq!(all.total, 2);
    }
}

on_both! {
    async fn one_role_each_and_one_running_replacement(place) {
        let store = place.open().await;
        settle(&store).await;
        let candidate = |n| Proton { role: Some(Role::Candidate), ..proton(n, 7) };
        let mut running = replacement(20, 7);
        commit(&store, async |w| {
            w.insert_workload(&workload(7)).await.unwrap();
            w.insert_proton(&candidate(10)).await.unwrap();
            w.insert_proton(&proton(11, 7)).await.unwrap();
            w.insert_proton(&proton(12, 7)).await.unwrap();
            w.insert_replacement(&running).await.unwrap();
        }).await;

        let mut write = store.write().await.unwrap();
        let refusal = write.insert_proton(&candidate(13)).await;
        assert!(matches!(refusal, Err(StoreError::Duplicate { .. })), "{refusal:?}");
        drop(write);
        let mut write = store.write().await.unwrap();
        let refusal = write.insert_replacement(&replacement(21, 7)).await;
        assert!(matches!(refusal, Err(StoreError::Duplicate { .. })), "{refusal:?}");
        drop(write);

        running.progress.stage = Stage::Done;
        commit(&store, async |w| {
            assert_eq!(w.running_replacement(&id(7)).await.unwrap().unwrap().id, running.id);
            w.update_replacement(&mut running).await.unwrap();
            assert_eq!(w.running_replacement(&id(7)).await.unwrap(), None);
            let later = Replacement { created_at: at(5), ..replacement(21, 7) };
            w.insert_replacement(&later).await.unwrap();
        }).await;
        assert_eq!(store.latest_replacement(&id(7)).await.unwrap().unwrap().id, id(21));
        assert_eq!(store.replacements_of(&id(7), Paging::first(1)).await.unwrap().total, 2);
    }
}

on_both! {
    async fn a_transaction_given_up_leaves_nothing(place) {
        let store = place.open().await;
        settle(&store).await;
        let made = NewEvent::on_workload(&id(7), EventKind::WorkloadCreated, "made");
        let mut changes = store.changes();
        let mut write = store.write().await.unwrap();
        write.insert_workload(&workload(7)).await.unwrap();
        write.event(&org(), made.clone(), at(1), id(1));
        drop(write);
        assert_eq!(store.workload(&org(), &id(7)).await.unwrap(), None);
        assert_eq!(store.head(&org()).await.unwrap(), 0);
        assert!(!changes.has_changed().unwrap());

        commit(&store, async |w| {
            w.event(&org(), made.clone(), at(1), id(1));
        }).await;
        changes.changed().await.unwrap();
        assert_eq!(*changes.borrow(), 1);
        let filter = EventFilter { kinds: vec![EventKind::WorkloadCreated], ..Default::default() };
        let told = store.events(&org(), &filter, Paging::first(5)).await.unwrap();
        assert_eq!((told.total, told.items[0].seq), (1, 1));
        let others = EventFilter { workload_id: Some(id(8)), ..Default::default() };
        assert_eq!(store.events(&org(), &others, Paging::first(5)).await.unwrap().total, 0);
    }
}

on_both! {
    async fn versions_are_never_given_twice(place) {
        let store = place.open().await;
        settle(&store).await;
        commit(&store, async |w| {
            w.insert_repository(&repository(1)).await.unwrap();
            assert_eq!(w.next_version(&id(1)).await.unwrap(), 1);
            let state = ArtifactState::Locked { version: 1 };
            w.insert_artifact(&Artifact { state, ..artifact(1, 1) }).await.unwrap();
        }).await;
        let mut write = store.write().await.unwrap();
        let refusal = write.delete_repository(&id(1)).await;
        assert!(matches!(refusal, Err(StoreError::Referenced)), "{refusal:?}");
        drop(write);
        commit(&store, async |w| {
            w.delete_artifact(&org(), &id(1)).await.unwrap();
            // What is read from the repository itself must not turn the count back.
            w.update_repository(&repository(1)).await.unwrap();
            assert_eq!(w.next_version(&id(1)).await.unwrap(), 2);
            w.delete_repository(&id(1)).await.unwrap();
        }).await;
        assert_eq!(store.repository(&org(), &id(1)).await.unwrap(), None);
    }
}

on_both! {
    async fn who_uses_an_artifact_and_who_needs_the_controller(place) {
        let store = place.open().await;
        settle(&store).await;
        let with = |n: u64, wanted| Workload { wanted, artifact_id: id(n), ..workload(n) };
        let over = |n| Replacement { progress: progress(Stage::Done), ..replacement(n, n) };
        commit(&store, async |w| {
            w.insert_workload(&with(1, Wanted::Running)).await.unwrap();
            w.insert_workload(&with(2, Wanted::Stopped)).await.unwrap();
            w.insert_workload(&with(3, Wanted::Stopped)).await.unwrap();
            let deleted = Workload { ended_at: Some(at(1)), ..with(4, Wanted::Deleted) };
            w.insert_workload(&deleted).await.unwrap();
            w.insert_workload(&with(5, Wanted::Stopped)).await.unwrap();
            w.insert_workload(&with(6, Wanted::Stopped)).await.unwrap();
            let status = ProtonStatus::Stopped;
            w.insert_proton(&Proton { status, ..proton(10, 2) }).await.unwrap();
            let status = ProtonStatus::Stopping;
            w.insert_proton(&Proton { status, ..proton(11, 3) }).await.unwrap();
            // Both replace by artifact 2; only the first is still going on.
            w.insert_replacement(&replacement(5, 5)).await.unwrap();
            w.insert_replacement(&over(6)).await.unwrap();
        }).await;
        let managed = store.managed_workloads().await.unwrap();
        assert_eq!(managed, [id(1), id(3), id(5)]);
        let mut doors: Vec<_> =
            store.doors().await.unwrap().into_iter().map(|door| door.workload).collect();
        doors.sort();
        assert_eq!(doors, [id(1), id(2), id(3), id(5), id(6)], "all that are not deleted");
        assert_eq!(store.live_protons().await.unwrap(), [(id(11), id(3))]);
        assert_eq!(store.workloads_using(&org(), &id(2)).await.unwrap(), [id(2), id(5)]);
        assert_eq!(store.workloads_using(&org(), &id(4)).await.unwrap(), [], "it is deleted");
    }
}

on_both! {
    async fn the_history_outlives_the_workload(place) {
        let store = place.open().await;
        settle(&store).await;
        let promotion = Replacement {
            kind: ReplacementKind::Promote,
            created_at: at(9),
            progress: progress(Stage::Done),
            ..replacement(21, 7)
        };
        commit(&store, async |w| {
            w.insert_workload(&workload(7)).await.unwrap();
            w.insert_proton(&proton(8, 7)).await.unwrap();
            w.insert_replacement(&replacement(20, 7)).await.unwrap();
            w.insert_replacement(&promotion).await.unwrap();
            w.event(&org(), NewEvent::on_workload(&id(7), EventKind::Promoted, "v1"), at(1), id(1));
        }).await;
        let latest = store.latest_replacements(&[id(7), id(6)]).await.unwrap();
        assert_eq!(latest, [(id(7), replacement(20, 7))].into(), "a promotion moves no traffic");
        commit(&store, async |w| w.purge_workload(&id(7)).await.unwrap()).await;
        assert_eq!(store.workload_any(&id(7)).await.unwrap(), None);
        assert_eq!(store.proton(&id(8)).await.unwrap(), None);
        let history = store.replacements_of(&id(7), Paging::first(9)).await.unwrap();
        assert_eq!(history.items, [promotion, replacement(20, 7)]);
        assert_eq!(store.events_after(&org(), 0, 9).await.unwrap().len(), 1);
    }
}

on_both! {
    /// Two use cases of two processes look first and then write: what they saw must still be true when they
    /// commit, or a draft would get two workloads.
    async fn what_a_transaction_read_is_true_when_it_commits(place) {
        let (here, there) = (place.open().await, place.open().await);
        settle(&here).await;
        let take_the_draft = async |write: &mut Write<'_>, n| {
            if write.workloads_using(&org(), &id(1)).await.unwrap().is_empty() {
                write.insert_workload(&workload(n)).await.unwrap();
            }
        };
        let mut first = here.write().await.unwrap();
        assert_eq!(first.workloads_using(&org(), &id(1)).await.unwrap(), []);
        let mut second = Box::pin(commit(&there, async |w| take_the_draft(w, 2).await));
        // Time enough to get in between, if it could.
        timeout(Duration::from_millis(300), &mut second).await.unwrap_err();
        first.insert_workload(&workload(1)).await.unwrap();
        first.commit().await.unwrap();
        second.await;
        assert_eq!(here.workloads_using(&org(), &id(1)).await.unwrap(), [id(1)]);
    }
}
