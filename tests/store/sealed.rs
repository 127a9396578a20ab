//! What is sealed, what is kept under a key, and what is counted.

use handover::{
    model::*,
    secrets::{KeyId, Sealed},
    store::{CredentialFilter, KeyState, KeyedBy, Paging, StoreError, WorkloadToken},
};

use crate::{
    make::{artifact, at, commit, id, org, progress, replacement, repository, settle, workload},
    on_both,
};

fn sealed(n: u8) -> Sealed {
    Sealed { key: key(n), bytes: vec![n, 0, 255] }
}

fn key(n: u8) -> KeyId {
    format!("{n:016x}").parse().unwrap()
}

fn credential(n: u64, name: &str, kind: CredentialKind) -> Credential {
    Credential {
        id: id(n),
        org_id: org(),
        name: name.into(),
        kind,
        description: "d".into(),
        fields: vec!["token".into()],
        creator_id: id(1),
        created_at: at(i64::try_from(n).unwrap()),
    }
}

on_both! {
    async fn credentials_keep_their_secrets_apart(place) {
        let store = place.open().await;
        settle(&store).await;
        let (first, second) =
            (credential(1, "One", CredentialKind::Bearer), credential(2, "two", CredentialKind::S3));
        commit(&store, async |w| {
            w.insert_credential(&first, sealed(1)).await.unwrap();
            w.insert_credential(&second, sealed(2)).await.unwrap();
        }).await;
        let mut write = store.write().await.unwrap();
        let twin = credential(3, "ONE", CredentialKind::Bearer);
        let refused = write.insert_credential(&twin, sealed(1)).await;
        assert!(matches!(refused, Err(StoreError::Duplicate { .. })), "{refused:?}");
        drop(write);
        assert_eq!(store.credential(&org(), &id(1)).await.unwrap(), Some(first.clone()));
        assert_eq!(store.credential_secret(&org(), &id(1)).await.unwrap(), Some(sealed(1)));
        let elsewhere = "someone-else".parse().unwrap();
        assert_eq!(store.credential_secret(&elsewhere, &id(1)).await.unwrap(), None);
        let all = CredentialFilter::default();
        let page = store.credentials(&org(), &all, Paging::first(9)).await.unwrap();
        assert_eq!(page.items, [second, first.clone()]);
        let some = CredentialFilter { kinds: vec![CredentialKind::Bearer], created_by: None };
        let page = store.credentials(&org(), &some, Paging::first(9)).await.unwrap();
        assert_eq!((page.items, page.total), (vec![first], 1));
        assert_eq!(store.sealing_keys().await.unwrap(), [key(1), key(2)]);
        commit(&store, async |w| {
            assert_eq!(w.sealed_credentials().await.unwrap(), [(id(1), sealed(1)), (id(2), sealed(2))]);
            w.reseal_credential(&id(1), sealed(3)).await.unwrap();
            w.delete_credential(&id(2)).await.unwrap();
        }).await;
        assert_eq!(store.credential_secret(&org(), &id(1)).await.unwrap(), Some(sealed(3)));
        assert_eq!(store.sealing_keys().await.unwrap(), [key(3)]);
    }
}

on_both! {
    async fn a_workload_has_one_token_and_its_credentials_are_found(place) {
        let store = place.open().await;
        settle(&store).await;
        let named = credential(7, "c", CredentialKind::Bearer);
        let mut artifact = artifact(1, 1);
        let variable = EnvVar::Credential(CredentialVar {
            source: CredentialSource::Credential,
            name: "T".into(),
            dr_credential_id: named.id.to_string(),
            key: "token".into(),
        });
        let container =
            Container { environment_vars: Some(vec![variable]), ..Container::default() };
        artifact.spec.container_groups =
            vec![ContainerGroup { name: "default".into(), containers: vec![container] }];
        let token = ApiToken {
            id: id(1),
            org_id: org(),
            user_id: id(1),
            name: "t".into(),
            hash: TokenHash([1; 32]),
            scopes: vec![Scope::Read],
            created_at: at(1),
            expires_at: None,
        };
        let kept = WorkloadToken { workload: id(1), org: org(), token: id(1), secret: sealed(4) };
        commit(&store, async |w| {
            w.insert_repository(&repository(1)).await.unwrap();
            w.insert_artifact(&artifact).await.unwrap();
            let workload = Workload { artifact_id: id(1), active_proton: None, ..workload(1) };
            w.insert_workload(&workload).await.unwrap();
            w.insert_token(&token).await.unwrap();
            w.insert_workload_token(kept.clone()).await.unwrap();
            assert_eq!(w.workloads_naming(&org(), &named.id).await.unwrap(), [id(1)]);
            assert_eq!(w.workloads_naming(&org(), &id(8)).await.unwrap(), []);
        }).await;
        assert_eq!(store.workload_token(&id(1)).await.unwrap(), Some(kept));
        assert_eq!(store.sealing_keys().await.unwrap(), [key(4)]);
        commit(&store, async |w| w.purge_workload(&id(1)).await.unwrap()).await;
        assert_eq!(store.workload_token(&id(1)).await.unwrap(), None);
    }
}

on_both! {
    async fn a_key_is_taken_once_until_its_time_is_over(place) {
        let store = place.open().await;
        settle(&store).await;
        let by = KeyedBy { org: org(), user: id(1), name: "k".into() };
        commit(&store, async |w| {
            assert_eq!(w.keyed(&by, at(1)).await.unwrap(), None);
            w.begin_keyed(&by, vec![9], at(1), at(100)).await.unwrap();
        }).await;
        let mut write = store.write().await.unwrap();
        let twice = write.begin_keyed(&by, vec![9], at(1), at(100)).await;
        assert!(matches!(twice, Err(StoreError::Duplicate { .. })), "{twice:?}");
        drop(write);
        commit(&store, async |w| {
            let found = w.keyed(&by, at(2)).await.unwrap().unwrap();
            assert_eq!((found.fingerprint, found.state, found.answer), (vec![9], KeyState::Running, None));
            assert_eq!(w.lose_keyed().await.unwrap(), 1);
            assert_eq!(w.keyed(&by, at(2)).await.unwrap().unwrap().state, KeyState::Lost);
            w.finish_keyed(&by, sealed(5)).await.unwrap();
            assert_eq!(w.lose_keyed().await.unwrap(), 0);
            let found = w.keyed(&by, at(99)).await.unwrap().unwrap();
            assert_eq!((found.state, found.answer), (KeyState::Done, Some(sealed(5))));
            assert_eq!(w.keyed(&by, at(100)).await.unwrap(), None);
            // Taking it again clears away what is over.
            w.begin_keyed(&by, vec![8], at(100), at(200)).await.unwrap();
            w.forget_keyed(&by).await.unwrap();
            assert_eq!(w.keyed(&by, at(100)).await.unwrap(), None);
        }).await;
    }
}

on_both! {
    async fn replacements_are_counted_by_how_they_ended(place) {
        let store = place.open().await;
        settle(&store).await;
        let failed = || Cause::Failed("\"course\":{\"to\":\"forward\"".into());
        let courses = [
            Course::Forward,
            Course::Forward,
            Course::Withdraw(Cause::Asked),
            Course::Back(Cause::Asked),
            Course::Withdraw(failed()),
            Course::Back(failed()),
        ];
        commit(&store, async |w| {
            for (n, course) in (1..).zip(courses) {
                let progress = Progress { course, ..progress(Stage::Done) };
                let ended = Replacement { progress, ..replacement(n, n) };
                let word = ended.progress.outcome().unwrap().word();
                w.insert_replacement(&ended).await.unwrap_or_else(|error| panic!("{word}: {error}"));
            }
            w.insert_replacement(&replacement(9, 9)).await.unwrap();
        }).await;
        let counts = store.replacement_counts().await.unwrap();
        let counts: Vec<_> = counts.iter().map(|(word, n)| (word.as_str(), *n)).collect();
        let wanted =
            [("cancelled", 1), ("completed", 2), ("failed", 2), ("rolled_back", 1), ("running", 1)];
        assert_eq!(counts, wanted);
        assert_eq!(store.workload_counts().await.unwrap(), []);
    }
}
