//! Tokens, sessions and the people behind them in memory, read without a lock: the gateway asks once per
//! request. A person is kept once, however many tokens they have, so that a change of role, groups or
//! standing reaches everything they come in with at once.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arc_swap::ArcSwap;

use super::{attempts::Attempts, hash, seen::Seen, session_key};
use crate::{
    access::{Caller, Origin, Via},
    clock::Clock,
    model::{ApiToken, GroupId, Timestamp, TokenHash, TokenId, User, UserId},
    store::{Store, StoreError},
};

/// Who may come in now.
pub struct SignedIn {
    people: Table<UserId, Arc<Person>>,
    tokens: Table<TokenHash, Arc<KnownToken>>,
    sessions: Table<String, OpenSession>,
    attempts: Mutex<Attempts>,
    clock: Arc<dyn Clock>,
}

/// Somebody, and the groups they are in.
struct Person {
    user: User,
    groups: Vec<GroupId>,
}

struct KnownToken {
    token: ApiToken,
    seen: Seen,
}

impl KnownToken {
    fn new(token: ApiToken) -> Arc<Self> {
        Arc::new(Self { token, seen: Seen::at(None) })
    }
}

#[derive(Clone)]
struct OpenSession {
    user: UserId,
    expires_at: Timestamp,
    seen: Arc<Seen>,
}

/// The newest uses of tokens, and of sessions by their keys.
pub(super) type Uses = (Vec<(TokenId, Timestamp)>, Vec<(String, Timestamp)>);

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
            tokens: Table::of(tokens.map(|token| (token.hash, KnownToken::new(token)))),
            sessions: Table::of(sessions.filter_map(|session| {
                let open = OpenSession {
                    user: session.user_id?,
                    expires_at: session.expires_at,
                    seen: Arc::new(Seen::at(Some(session.seen_at))),
                };
                Some((session.id, open))
            })),
            attempts: Mutex::default(),
            clock,
        })
    }

    /// Whose bearer token this is.
    pub fn caller_of_token(&self, token: &str) -> Option<Caller> {
        let known = self.tokens.get(&hash(token))?;
        let (token, now) = (&known.token, self.clock.now());
        if token.expires_at.is_some_and(|at| at <= now) {
            return None;
        }
        known.seen.note(now);
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
        let now = self.clock.now();
        if session.expires_at <= now {
            return None;
        }
        session.seen.note(now);
        self.caller(&session.user, Via::Session)
    }

    fn caller(&self, user: &UserId, via: Via) -> Option<Caller> {
        let person = self.people.get(user).filter(|person| person.user.is_active())?;
        let (user, groups) = (person.user.clone(), person.groups.clone());
        Some(Caller { user, groups, via, origin: Origin::default(), expects: None })
    }

    /// Failed sign-ins of the last minute.
    pub(super) fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
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
            all.insert(token.hash, KnownToken::new(token.clone()));
        });
    }

    pub fn remove_token(&self, id: &TokenId) {
        self.tokens.change(|all| all.retain(|_, known| known.token.id != *id));
    }

    /// Nothing of theirs works any more.
    pub fn remove_tokens_of(&self, user: &UserId) {
        self.tokens.change(|all| all.retain(|_, known| known.token.user_id != *user));
    }

    /// When a token was last used since the start of this server.
    pub(super) fn token_seen(&self, hash: &TokenHash) -> Option<Timestamp> {
        self.tokens.get(hash)?.seen.newest()
    }

    /// When the session with this name in the store was last used.
    pub(super) fn session_seen(&self, key: &str) -> Option<Timestamp> {
        self.sessions.get(&key.to_owned())?.seen.newest()
    }

    /// What the store does not know yet.
    pub(super) fn unkept(&self) -> Uses {
        let tokens = self.tokens.now.load();
        let tokens = tokens
            .values()
            .filter_map(|known| Some((known.token.id.clone(), known.seen.unkept()?)));
        let sessions = self.sessions.now.load();
        let sessions =
            sessions.iter().filter_map(|(key, open)| Some((key.clone(), open.seen.unkept()?)));
        (tokens.collect(), sessions.collect())
    }

    /// The store knows these now.
    pub(super) fn kept(&self, tokens: &[(TokenId, Timestamp)], sessions: &[(String, Timestamp)]) {
        let written: HashMap<_, _> = tokens.iter().map(|(id, at)| (id, at)).collect();
        for known in self.tokens.now.load().values() {
            if let Some(at) = written.get(&known.token.id) {
                known.seen.kept(**at);
            }
        }
        for (key, at) in sessions {
            if let Some(open) = self.sessions.get(key) {
                open.seen.kept(*at);
            }
        }
    }

    /// `key` is the session's name in the store.
    pub fn add_session(&self, key: &str, user: &UserId, expires_at: Timestamp) {
        let now = self.clock.now();
        self.sessions.change(|all| {
            all.retain(|_, session| session.expires_at > now);
            let known = all.get(key).map(|open| Arc::clone(&open.seen));
            let seen = known.unwrap_or_else(|| Arc::new(Seen::at(Some(now))));
            all.insert(key.to_owned(), OpenSession { user: user.clone(), expires_at, seen });
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
