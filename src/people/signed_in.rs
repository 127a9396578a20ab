//! Tokens, sessions and the people behind them in memory, read without a lock: the gateway asks once per
//! request. A person is kept once, however many tokens they have, so that a change of role, groups or
//! standing reaches everything they come in with at once.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;

use super::{attempts::Attempts, hash, session_key};
use crate::{
    access::{Caller, Origin, Via},
    clock::Clock,
    model::{ApiToken, GroupId, Timestamp, TokenHash, TokenId, User, UserId},
    store::{Store, StoreError},
};

/// Who may come in now.
pub struct SignedIn {
    people: Table<UserId, Arc<Person>>,
    tokens: Table<TokenHash, Arc<ApiToken>>,
    sessions: Table<String, OpenSession>,
    /// Failed sign-ins of the last minute.
    pub(super) attempts: Mutex<Attempts>,
    clock: Arc<dyn Clock>,
}

/// Somebody, and the groups they are in.
struct Person {
    user: User,
    groups: Vec<GroupId>,
}

#[derive(Clone)]
struct OpenSession {
    user: UserId,
    expires_at: Timestamp,
}

impl SignedIn {
    /// Reads everybody, and every token and session that is still good.
    pub async fn load(store: &Store, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let mut groups = store.memberships().await?;
        let people = store.all_users().await?.into_iter().map(|user| {
            let groups = groups.remove(&user.id).unwrap_or_default();
            (user.id.clone(), Arc::new(Person { user, groups }))
        });
        let tokens = store.tokens().await?.into_iter();
        let sessions = store.all_sessions(clock.now()).await?.into_iter();
        Ok(Self {
            people: Table::of(people),
            tokens: Table::of(tokens.map(|token| (token.hash, Arc::new(token)))),
            sessions: Table::of(sessions.filter_map(|session| {
                let open = OpenSession { user: session.user_id?, expires_at: session.expires_at };
                Some((session.id, open))
            })),
            attempts: Mutex::default(),
            clock,
        })
    }

    /// Whose bearer token this is.
    pub fn caller_of_token(&self, token: &str) -> Option<Caller> {
        let token = self.tokens.get(&hash(token))?;
        if token.expires_at.is_some_and(|at| at <= self.clock.now()) {
            return None;
        }
        let via = Via::Token {
            id: token.id.clone(),
            name: token.name.clone(),
            scopes: token.scopes.clone(),
        };
        self.caller(&token.user_id, via)
    }

    /// Whose session this is, by the value of the cookie.
    pub fn caller_of_session(&self, cookie: &str) -> Option<Caller> {
        let session = self.sessions.get(&session_key(cookie))?;
        if session.expires_at <= self.clock.now() {
            return None;
        }
        self.caller(&session.user, Via::Session)
    }

    fn caller(&self, user: &UserId, via: Via) -> Option<Caller> {
        let person = self.people.get(user).filter(|person| person.user.is_active())?;
        let (user, groups) = (person.user.clone(), person.groups.clone());
        Some(Caller { user, groups, via, origin: Origin::default(), expects: None })
    }

    /// A new person, or a known one who has changed.
    pub fn put_user(&self, user: &User) {
        self.people.change(|all| {
            let groups = all.get(&user.id).map(|person| person.groups.clone()).unwrap_or_default();
            all.insert(user.id.clone(), Arc::new(Person { user: user.clone(), groups }));
        });
    }

    /// Exactly these people are in the group from now on.
    pub fn set_members(&self, group: &GroupId, members: &[UserId]) {
        self.people.change(|all| {
            for (id, person) in all.iter_mut() {
                let (is, was) = (members.contains(id), person.groups.contains(group));
                if is == was {
                    continue;
                }
                let mut groups = person.groups.clone();
                groups.retain(|other| other != group);
                if is {
                    groups.push(group.clone());
                }
                *person = Arc::new(Person { user: person.user.clone(), groups });
            }
        });
    }

    pub fn add_token(&self, token: ApiToken) {
        self.tokens.change(|all| {
            all.insert(token.hash, Arc::new(token.clone()));
        });
    }

    pub fn remove_token(&self, id: &TokenId) {
        self.tokens.change(|all| all.retain(|_, token| token.id != *id));
    }

    /// Nothing of theirs works any more.
    pub fn remove_tokens_of(&self, user: &UserId) {
        self.tokens.change(|all| all.retain(|_, token| token.user_id != *user));
    }

    /// `key` is the session's name in the store.
    pub fn add_session(&self, key: &str, user: &UserId, expires_at: Timestamp) {
        let now = self.clock.now();
        self.sessions.change(|all| {
            all.retain(|_, session| session.expires_at > now);
            all.insert(key.to_owned(), OpenSession { user: user.clone(), expires_at });
        });
    }

    pub fn remove_session(&self, key: &str) {
        self.sessions.change(|all| {
            all.remove(key);
        });
    }

    pub fn remove_sessions_of(&self, user: &UserId) {
        self.sessions.change(|all| all.retain(|_, session| session.user != *user));
    }
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").finish_non_exhaustive()
    }
}

/// A map that is read without waiting and changed by copying. Changes take turns, so none is lost.
struct Table<K, V> {
    now: ArcSwap<HashMap<K, V>>,
    turn: Mutex<()>,
}

impl<K: Eq + Hash + Clone, V: Clone> Table<K, V> {
    fn of(all: impl IntoIterator<Item = (K, V)>) -> Self {
        let all: HashMap<K, V> = all.into_iter().collect();
        Self { now: ArcSwap::from_pointee(all), turn: Mutex::new(()) }
    }

    fn get(&self, key: &K) -> Option<V> {
        self.now.load().get(key).cloned()
    }

    fn change(&self, how: impl FnOnce(&mut HashMap<K, V>)) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut copy = HashMap::clone(&self.now.load());
        how(&mut copy);
        self.now.store(Arc::new(copy));
    }
}
