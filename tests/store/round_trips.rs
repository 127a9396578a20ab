//! Whatever a noun holds, it is read back as it was written.

use std::sync::atomic::{AtomicU64, Ordering};

use handover::model::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::{runtime::Handle, task::block_in_place};

use crate::{
    any,
    make::{at, commit, id, org, settle, workload},
    on_both,
};

on_both! {
    async fn what_was_written_is_read_back(place) {
        let store = place.open().await;
        settle(&store).await;
        let numbers = AtomicU64::new(100);
        let everything = (
            any::user(),
            any::repository(),
            (any::artifact(), any::artifact()),
            (any::workload(), any::workload()),
            (any::proton(), any::proton()),
            (any::replacement(), any::replacement()),
            any::event(),
        );
        let config = Config { cases: 40, failure_persistence: None, ..Config::default() };
        TestRunner::new(config).run(&everything, |case| {
            let (mut user, mut repository, artifacts, workloads, protons, replacements, event) = case;
            let n = numbers.fetch_add(1, Ordering::Relaxed);
            user.id = id(n);
            user.username += &n.to_string();
            repository.id = id(n);
            // The second of each pair is what the first is changed into.
            let (mut artifact, mut artifact_later) = artifacts;
            for one in [&mut artifact, &mut artifact_later] {
                one.id = id(n);
                one.repository_id = id(n);
            }
            let (mut workload, mut workload_later) = workloads;
            for one in [&mut workload, &mut workload_later] {
                one.id = id(n);
                one.name += &n.to_string();
            }
            let (mut proton, mut proton_later) = protons;
            for one in [&mut proton, &mut proton_later] {
                one.id = id(n);
                one.workload_id = id(n);
            }
            let (mut replacement, mut replacement_later) = replacements;
            for one in [&mut replacement, &mut replacement_later] {
                one.id = id(n);
                one.workload_id = id(n);
            }
            artifact_later.creator_id = artifact.creator_id.clone();
            artifact_later.created_at = artifact.created_at;
            workload_later.creator_id = workload.creator_id.clone();
            workload_later.created_at = workload.created_at;
            proton_later.creator_id = proton.creator_id.clone();
            proton_later.created_at = proton.created_at;
            replacement_later.kind = replacement.kind;
            replacement_later.user_id = replacement.user_id.clone();
            replacement_later.candidate_artifact = replacement.candidate_artifact.clone();
            replacement_later.previous_artifact.clone_from(&replacement.previous_artifact);
            replacement_later.created_at = replacement.created_at;

            block_in_place(|| Handle::current().block_on(async {
                commit(&store, async |w| {
                    w.insert_user(&user).await.unwrap();
                    w.insert_repository(&repository).await.unwrap();
                    w.insert_artifact(&artifact).await.unwrap();
                    w.insert_workload(&workload).await.unwrap();
                    w.insert_proton(&proton).await.unwrap();
                    w.insert_replacement(&replacement).await.unwrap();
                }).await;
                assert_eq!(store.user(&user.id).await.unwrap(), Some(user));
                assert_eq!(store.repository(&org(), &repository.id).await.unwrap(), Some(repository));
                assert_eq!(store.artifact(&org(), &artifact.id).await.unwrap(), Some(artifact));
                assert_eq!(store.workload_any(&workload.id).await.unwrap(), Some(workload));
                assert_eq!(store.proton(&proton.id).await.unwrap(), Some(proton));
                assert_eq!(store.replacement(&replacement.id).await.unwrap(), Some(replacement));

                let seq = commit(&store, async |w| {
                    w.update_artifact(&mut artifact_later).await.unwrap();
                    w.update_workload(&mut workload_later).await.unwrap();
                    w.update_proton(&proton_later).await.unwrap();
                    w.update_replacement(&mut replacement_later).await.unwrap();
                    w.event(&org(), event.clone(), at(5), id(n));
                }).await;
                assert_eq!(store.artifact(&org(), &id(n)).await.unwrap(), Some(artifact_later));
                assert_eq!(store.workload_any(&id(n)).await.unwrap(), Some(workload_later));
                assert_eq!(store.proton(&id(n)).await.unwrap(), Some(proton_later));
                assert_eq!(store.replacement(&id(n)).await.unwrap(), Some(replacement_later));
                let told = store.events_after(&org(), seq - 1, 9).await.unwrap();
                assert_eq!(told, [Event {
                    seq,
                    id: id(n),
                    org_id: org(),
                    workload_id: event.workload_id,
                    artifact_id: event.artifact_id,
                    kind: event.kind,
                    level: event.level,
                    message: event.message,
                    details: event.details,
                    actor_id: event.actor_id,
                    at: at(5),
                }]);
            }));
            Ok(())
        }).unwrap();
    }
}

on_both! {
    async fn a_nul_character_is_replaced(place) {
        let store = place.open().await;
        settle(&store).await;
        let described = Workload { description: "a\0b".into(), ..workload(7) };
        commit(&store, async |w| w.insert_workload(&described).await.unwrap()).await;
        let read = store.workload(&org(), &id(7)).await.unwrap().unwrap();
        assert_eq!(read.description, "a\u{fffd}b");
    }
}
