//! Counts are kept, and are never older than the last commit: each kind of write that they depend on is seen by a
//! process that has counted before, as by one that has not.

use handover::{
    model::*,
    store::{Paging, Store, TagFilter, Viewer, WorkloadFilter, Write},
};

use crate::{
    Place,
    make::{artifact, at, commit, id, org, proton, repository, settle, workload},
    on_both,
};

/// All that is counted, as text to compare.
async fn counts(store: &Store) -> String {
    let group = Viewer { recipients: vec![Recipient::Group(id(5))], roles: vec![ShareRole::User] };
    let none = WorkloadFilter::default;
    let tags = TagFilter { each: vec!["team=red".into()], ..TagFilter::default() };
    let filters = [
        none(),
        WorkloadFilter { viewer: Some(group.clone()), ..none() },
        WorkloadFilter { unseen_by: Some(group), ..none() },
        WorkloadFilter { tags, ..none() },
        WorkloadFilter { status: vec![WorkloadStatus::Errored], ..none() },
        WorkloadFilter { artifact_status: vec![ArtifactStatus::Locked], ..none() },
    ];
    let mut all = String::new();
    for filter in &filters {
        let page = store.workloads(&org(), filter, Paging::first(5)).await.unwrap();
        let tally = store.workload_tally(&org(), filter).await.unwrap();
        let tags = store.workload_tags(&org(), filter, 9).await.unwrap();
        let makers = store.workload_creators(&org(), filter).await.unwrap();
        all += &format!("{} {tally:?} {tags:?} {makers:?}\n", page.total);
    }
    all
}

/// Writes, and holds what a process that has counted before says against one that has not.
async fn step(
    place: &Place,
    [writer, reader]: [&Store; 2],
    what: &str,
    work: impl AsyncFnOnce(&mut Write<'_>),
) {
    let before = counts(reader).await;
    commit(writer, work).await;
    let after = counts(reader).await;
    assert_ne!(before, after, "{what} is not seen");
    assert_eq!(after, counts(&place.open().await).await, "{what} is not seen by one that counted");
}

on_both! {
    async fn a_count_is_as_new_as_the_last_commit(place) {
        let (writer, reader) = (place.open().await, place.open().await);
        settle(&writer).await;
        let stores = [&writer, &reader];
        commit(&writer, async |w| {
            w.insert_repository(&repository(1)).await.unwrap();
            w.insert_artifact(&artifact(1, 1)).await.unwrap();
        })
        .await;
        let mut one = Workload { active_proton: Some(id(7)), ..workload(1) };
        let mut running = proton(7, 1);
        step(&place, stores, "a new workload", async |w| {
            w.insert_workload(&one).await.unwrap();
        })
        .await;
        step(&place, stores, "a new proton", async |w| {
            w.insert_proton(&running).await.unwrap();
        })
        .await;
        step(&place, stores, "a proton's status", async |w| {
            running.status = ProtonStatus::Errored;
            w.update_proton(&running).await.unwrap();
        })
        .await;
        step(&place, stores, "importance", async |w| {
            one.importance = Importance::Critical;
            w.update_workload(&mut one).await.unwrap();
        })
        .await;
        step(&place, stores, "locking", async |w| {
            let mut locked = artifact(1, 1);
            locked.state = ArtifactState::Locked { version: 1 };
            w.update_artifact(&mut locked).await.unwrap();
        })
        .await;
        let tag = |value: &str| Tag { id: id(9), name: "team".into(), value: value.into() };
        for value in ["red", "blue"] {
            step(&place, stores, "a tag", async |w| {
                let tags = [tag(value)];
                w.set_tags(&org(), EntityKind::Workload, one.id.as_str(), &tags).await.unwrap();
            })
            .await;
        }
        let group = Group { id: id(5), org_id: org(), name: "crew".into(), created_at: at(0) };
        commit(&writer, async |w| w.insert_group(&group).await.unwrap()).await;
        let recipient = Recipient::Group(group.id.clone());
        let given = Grant { recipient: recipient.clone(), role: ShareRole::User, granted_at: at(1) };
        let (kind, key) = (EntityKind::Workload, one.id.to_string());
        step(&place, stores, "a grant", async |w| {
            w.grant(&org(), kind, &key, &given).await.unwrap();
        })
        .await;
        step(&place, stores, "a grant that is taken away", async |w| {
            w.ungrant(&org(), kind, &key, &recipient).await.unwrap();
        })
        .await;
        commit(&writer, async |w| w.grant(&org(), kind, &key, &given).await.unwrap()).await;
        step(&place, stores, "a group that is deleted", async |w| {
            w.delete_group(&org(), &group.id).await.unwrap();
        })
        .await;
        step(&place, stores, "an artifact that is gone", async |w| {
            w.delete_artifact(&org(), &id(1)).await.unwrap();
        })
        .await;
        step(&place, stores, "deleting", async |w| {
            one.wanted = Wanted::Deleted;
            w.update_workload(&mut one).await.unwrap();
        })
        .await;
    }
}
