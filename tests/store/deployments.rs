//! Governed deployments: what is stored comes back, one for each workload, seen through grants.

use handover::{
    model::*,
    store::{
        DeploymentFilter, DeploymentKey, DeploymentOrder, Governed, Paging, StoreError, Viewer,
    },
};

use crate::{
    make::{artifact, at, commit, id, org, repository, settle, workload},
    on_both,
};

fn deployment(n: u64, workload: u64) -> Deployment {
    Deployment {
        id: id(n),
        org_id: org(),
        workload_id: id(workload),
        name: format!("Deployment {n}"),
        description: "sells 100% of it".into(),
        importance: Importance::ALL[(n % 4) as usize],
        approval: ApprovalStatus::NotRequired,
        approvers: vec![id(1), id(2)],
        creator_id: id(1),
        created_at: at(n as i64),
        updated_at: at(n as i64),
        revision: 0,
    }
}

on_both! {
    async fn deployments_are_kept_found_and_shared(place) {
        let store = place.open().await;
        settle(&store).await;
        commit(&store, async |w| {
            w.insert_repository(&repository(1)).await.unwrap();
            w.insert_artifact(&artifact(1, 1)).await.unwrap();
            for n in 1..=2 {
                w.insert_workload(&workload(n)).await.unwrap();
                w.insert_deployment(&deployment(10 + n, n)).await.unwrap();
            }
            let id = id::<DeploymentId>(12);
            w.own(&org(), EntityKind::Deployment, id.as_str(), &"ada".parse().unwrap(), at(0)).await.unwrap();
        })
        .await;
        assert_eq!(store.deployment(&org(), &id(11)).await.unwrap(), Some(deployment(11, 1)));
        let mut write = store.write().await.unwrap();
        assert_eq!(write.deployment_of(&id(2)).await.unwrap(), Some(deployment(12, 2)));
        let second = write.insert_deployment(&deployment(13, 2)).await;
        assert!(matches!(second, Err(StoreError::Duplicate { .. })), "one for each workload");
        drop(write);

        let ids = async |filter: DeploymentFilter| -> Vec<DeploymentId> {
            let page = store.deployments(&org(), &filter, Paging::first(9)).await.unwrap();
            assert_eq!(page.total, page.items.len() as u64);
            page.items.into_iter().map(|found| found.id).collect()
        };
        let none = DeploymentFilter::default;
        assert_eq!(ids(none()).await, [id(12), id(11)], "newest first");
        assert_eq!(ids(DeploymentFilter { search: Some("100% OF".into()), ..none() }).await.len(), 2);
        assert_eq!(ids(DeploymentFilter { workload_id: Some(id(1)), ..none() }).await, [id(11)]);
        let rank = DeploymentOrder { key: DeploymentKey::Importance, descending: true };
        assert_eq!(ids(DeploymentFilter { order: rank, ..none() }).await, [id(11), id(12)]);
        let ada = Recipient::User("ada".parse().unwrap());
        let seen = async |roles: &[ShareRole]| {
            let viewer = Viewer { recipients: vec![ada.clone()], roles: roles.to_vec() };
            ids(DeploymentFilter { viewer: Some(viewer), ..none() }).await
        };
        assert_eq!(seen(&[ShareRole::Owner, ShareRole::User]).await, [id(12)]);
        assert_eq!((seen(&[ShareRole::User]).await, seen(&[]).await), (vec![], vec![]));

        let mut governed = store.governed().await.unwrap();
        governed.sort_by(|a, b| a.deployment.cmp(&b.deployment));
        let owner = Grant { recipient: ada, role: ShareRole::Owner, granted_at: at(0) };
        assert_eq!(governed, [
            Governed { deployment: id(11), workload: id(1), grants: vec![] },
            Governed { deployment: id(12), workload: id(2), grants: vec![owner] },
        ]);
        let (twelve, waits) = (id(12), [ChangeStatus::Pending]);
        let changes = store.change_requests(&twelve, &waits, Paging::first(9)).await.unwrap();
        assert_eq!(changes.total, 0);

        let mut edited = deployment(12, 2);
        let mut stale = edited.clone();
        commit(&store, async |w| {
            edited.name = "Renamed".into();
            w.update_deployment(&mut edited).await.unwrap();
            w.delete_deployment(&id(11)).await.unwrap();
        })
        .await;
        assert_eq!(edited.revision, 1);
        assert_eq!(store.deployment(&org(), &id(12)).await.unwrap(), Some(edited));
        assert_eq!(ids(none()).await, [id(12)]);
        let mut write = store.write().await.unwrap();
        let refused = write.update_deployment(&mut stale).await;
        assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
    }
}
