//! People, tokens, sessions, sign-in links, and the lease of the controller.

use handover::{
    model::*,
    store::{Session, SignInLink, StoreError},
};

use crate::{
    make::{at, commit, id, org, settle, user},
    on_both,
};

on_both! {
    async fn people_and_their_tokens(place) {
        let store = place.open().await;
        settle(&store).await;
        let mut write = store.write().await.unwrap();
        let twin = User { id: id(2), username: "ADA".into(), ..user() };
        let refusal = write.insert_user(&twin).await;
        assert!(matches!(refusal, Err(StoreError::Duplicate { what: "user" })), "{refusal:?}");
        drop(write);

        let token = |n: u8| ApiToken {
            id: id(n.into()),
            org_id: org(),
            user_id: id(1),
            name: format!("laptop {n}"),
            hash: TokenHash([n; 32]),
            scopes: vec![Scope::Read, Scope::Invoke],
            created_at: at(n.into()),
            expires_at: (n == 2).then(|| at(9)),
        };
        commit(&store, async |w| {
            w.insert_token(&token(1)).await.unwrap();
            w.insert_token(&token(2)).await.unwrap();
            w.update_user(&User { email: "new@example.org".into(), ..user() }).await.unwrap();
        }).await;
        assert_eq!(store.tokens().await.unwrap(), [token(1), token(2)]);
        commit(&store, async |w| {
            assert!(w.revoke_token(&org(), &id(1), at(5)).await.unwrap());
            assert!(!w.revoke_token(&org(), &id(1), at(6)).await.unwrap(), "only once");
            let stranger = "someone-else".parse().unwrap();
            assert!(!w.revoke_token(&stranger, &id(2), at(6)).await.unwrap());
        }).await;
        assert_eq!(store.tokens().await.unwrap(), [token(2)]);
        assert!(store.tokens_used(&id(1)).await.unwrap().is_empty());
        commit(&store, async |w| {
            w.token_used(&id(1), at(7)).await.unwrap();
            w.token_used(&id(2), at(8)).await.unwrap();
            w.token_used(&id(2), at(6)).await.unwrap();
        }).await;
        assert_eq!(store.tokens_used(&id(1)).await.unwrap(), [(id(2), at(8))].into());
        assert_eq!(store.users(&org()).await.unwrap()[0].email, "new@example.org");
    }
}

on_both! {
    async fn sessions_last_until_they_expire(place) {
        let store = place.open().await;
        settle(&store).await;
        let fresh = Session {
            id: "s1".into(),
            data: "{}".into(),
            user_id: None,
            created_at: at(1),
            seen_at: at(1),
            expires_at: at(100),
            address: None,
            client: None,
        };
        let signed_in = Session {
            user_id: Some(id(1)),
            data: "{\"x\":1}".into(),
            seen_at: at(5),
            address: Some("192.0.2.1".into()),
            client: Some("a browser".into()),
            ..fresh.clone()
        };
        commit(&store, async |w| {
            assert!(w.insert_session(&fresh).await.unwrap());
            assert!(!w.insert_session(&signed_in).await.unwrap(), "the id is taken");
        }).await;
        assert_eq!(store.session("s1", at(0)).await.unwrap(), Some(fresh));
        commit(&store, async |w| assert!(w.save_session(&signed_in).await.unwrap())).await;
        assert_eq!(store.session("s1", at(99)).await.unwrap(), Some(signed_in.clone()));
        commit(&store, async |w| w.session_seen("s1", at(9)).await.unwrap()).await;
        commit(&store, async |w| w.session_seen("s1", at(7)).await.unwrap()).await;
        let signed_in = Session { seen_at: at(9), ..signed_in };
        assert_eq!(store.sessions_of(&id(1), at(99)).await.unwrap(), std::slice::from_ref(&signed_in));
        assert_eq!(store.sessions_of(&id(2), at(99)).await.unwrap(), []);
        assert_eq!(store.sessions_of(&id(1), at(100)).await.unwrap(), []);
        assert_eq!(store.session("s1", at(100)).await.unwrap(), None);
        assert_eq!(store.all_sessions(at(0)).await.unwrap(), std::slice::from_ref(&signed_in));
        commit(&store, async |w| w.delete_sessions_of(&id(1)).await.unwrap()).await;
        assert_eq!(store.session("s1", at(0)).await.unwrap(), None);

        commit(&store, async |w| assert!(!w.save_session(&signed_in).await.unwrap())).await;
        assert_eq!(store.session("s1", at(0)).await.unwrap(), None, "what has ended stays ended");

        commit(&store, async |w| assert!(w.insert_session(&signed_in).await.unwrap())).await;
        commit(&store, async |w| {
            assert_eq!(w.purge_sessions(at(99)).await.unwrap(), 0);
            assert_eq!(w.purge_sessions(at(100)).await.unwrap(), 1);
        }).await;
    }
}

on_both! {
    async fn a_link_lets_one_person_in_once(place) {
        let store = place.open().await;
        settle(&store).await;
        let link = |n: u8| SignInLink {
            hash: TokenHash([n; 32]),
            org_id: org(),
            user_id: id(1),
            expires_at: at(100),
            used_at: None,
        };
        commit(&store, async |w| {
            w.insert_link(&link(1)).await.unwrap();
            w.insert_link(&link(2)).await.unwrap();
        }).await;
        commit(&store, async |w| {
            assert_eq!(w.use_link(&link(2).hash, at(100)).await.unwrap(), None, "expired");
        }).await;
        let mut winners = Vec::new();
        for task in (0..4).map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut write = store.write().await.unwrap();
                let user = write.use_link(&link(1).hash, at(50 + n)).await.unwrap();
                write.commit().await.unwrap();
                user
            })
        }).collect::<Vec<_>>() {
            winners.extend(task.await.unwrap());
        }
        assert_eq!(winners, [id(1)]);
        assert!(store.link_by_hash(&link(1).hash).await.unwrap().unwrap().used_at.is_some());
    }
}

on_both! {
    async fn one_holder_and_an_ever_higher_fencing_number(place) {
        let store = place.open().await;
        let ttl = Millis::seconds(10);
        let later = at(0) + Millis::seconds(11);
        commit(&store, async |w| {
            assert_eq!(w.take_lease("controller", "a", at(0), ttl).await.unwrap(), Some(1));
        }).await;
        commit(&store, async |w| {
            assert_eq!(w.take_lease("controller", "b", at(1), ttl).await.unwrap(), None);
            w.fenced("controller", 1).await.unwrap();
            assert!(w.renew_lease("controller", 1, at(2), ttl).await.unwrap());
        }).await;
        commit(&store, async |w| {
            assert_eq!(w.take_lease("controller", "b", later, ttl).await.unwrap(), Some(2));
            assert!(!w.renew_lease("controller", 1, later, ttl).await.unwrap(), "it slept too long");
        }).await;
        let mut write = store.write().await.unwrap();
        let refusal = write.fenced("controller", 1).await;
        assert!(matches!(refusal, Err(StoreError::Conflict { what: "lease" })), "{refusal:?}");
        write.release_lease("controller", 1).await.unwrap();
        write.fenced("controller", 2).await.unwrap();
        write.release_lease("controller", 2).await.unwrap();
        assert!(write.fenced("controller", 2).await.is_err());
        assert_eq!(write.take_lease("controller", "a", later, ttl).await.unwrap(), Some(3));
        write.commit().await.unwrap();
    }
}
