//! What the store refuses, and what it keeps.

use handover::{
    model::*,
    store::{Paging, StoreError, WorkloadFilter},
};

use crate::{
    make::{at, commit, id, org, proton, replacement, settle, workload},
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
