//! Tokens and sessions in memory, read without a lock: the gateway asks once per request.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;

use super::{attempts::Attempts, hash, session_key};
use crate::{
    access::{Caller, Via},
    clock::Clock,
    model::{ApiToken, Timestamp, TokenHash, TokenId, User, UserId},
    store::{Store, StoreError},
};

/// Who may come in now.
pub struct SignedIn {
    tokens: Table<TokenHash, Caller>,
    sessions: Table<String, OpenSession>,
    /// Failed sign-ins of the last minute.
    pub(super) attempts: Mutex<Attempts>,
    clock: Arc<dyn Clock>,
}

#[derive(Clone)]
struct OpenSession {
    caller: Caller,
    expires_at: Timestamp,
}

impl SignedIn {
    /// Reads every token and session that is still good.
    pub async fn load(store: &Store, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let signed_in = Self {
            tokens: Table::default(),
            sessions: Table::default(),
            attempts: Mutex::default(),
            clock,
        };
        let mut users: HashMap<UserId, Option<User>> = HashMap::new();
        let mut tokens = HashMap::new();
        for token in store.tokens().await? {
            if let Some(user) = known(store, &mut users, &token.user_id).await? {
                tokens.insert(token.hash, token_caller(&token, user));
            }
        }
        signed_in.tokens.replace(tokens);
        let mut sessions = HashMap::new();
        for session in store.all_sessions(signed_in.clock.now()).await? {
            let Some(user_id) = session.user_id else { continue };
            if let Some(user) = known(store, &mut users, &user_id).await? {
                let open = OpenSession::of(user, session.expires_at);
                sessions.insert(session.id, open);
            }
        }
        signed_in.sessions.replace(sessions);
        Ok(signed_in)
    }

    /// Whose bearer token this is.
    pub fn caller_of_token(&self, token: &str) -> Option<Caller> {
        self.tokens.get(&hash(token))
    }

    /// Whose session this is, by the value of the cookie.
    pub fn caller_of_session(&self, cookie: &str) -> Option<Caller> {
        let session = self.sessions.get(&session_key(cookie))?;
        (session.expires_at > self.clock.now()).then_some(session.caller)
    }

    pub fn add_token(&self, token: &ApiToken, user: User) {
        self.tokens.change(|all| {
            all.insert(token.hash, token_caller(token, user.clone()));
        });
    }

    pub fn remove_token(&self, id: &TokenId) {
        self.tokens.change(|all| {
            all.retain(|_, caller| !matches!(&caller.via, Via::Token { id: of, .. } if of == id));
        });
    }

    /// `key` is the session's name in the store.
    pub fn add_session(&self, key: &str, user: User, expires_at: Timestamp) {
        let now = self.clock.now();
        self.sessions.change(|all| {
            all.retain(|_, session| session.expires_at > now);
            all.insert(key.to_owned(), OpenSession::of(user.clone(), expires_at));
        });
    }

    pub fn remove_session(&self, key: &str) {
        self.sessions.change(|all| {
            all.remove(key);
        });
    }

    pub fn remove_sessions_of(&self, user: &UserId) {
        self.sessions.change(|all| all.retain(|_, session| session.caller.id() != user));
    }
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").finish_non_exhaustive()
    }
}

impl OpenSession {
    fn of(user: User, expires_at: Timestamp) -> Self {
        Self { caller: Caller { user, via: Via::Session, address: None }, expires_at }
    }
}

fn token_caller(token: &ApiToken, user: User) -> Caller {
    let via = Via::Token { id: token.id.clone(), name: token.name.clone() };
    Caller { user, via, address: None }
}

async fn known(
    store: &Store,
    users: &mut HashMap<UserId, Option<User>>,
    id: &UserId,
) -> Result<Option<User>, StoreError> {
    if let Some(user) = users.get(id) {
        return Ok(user.clone());
    }
    let user = store.user(id).await?;
    users.insert(id.clone(), user.clone());
    Ok(user)
}

/// A map that is read without waiting and changed by copying. Changes take turns, so none is lost.
struct Table<K, V> {
    now: ArcSwap<HashMap<K, V>>,
    turn: Mutex<()>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { now: ArcSwap::from_pointee(HashMap::new()), turn: Mutex::new(()) }
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Table<K, V> {
    fn get(&self, key: &K) -> Option<V> {
        self.now.load().get(key).cloned()
    }

    fn replace(&self, with: HashMap<K, V>) {
        self.now.store(Arc::new(with));
    }

    fn change(&self, how: impl FnOnce(&mut HashMap<K, V>)) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut copy = HashMap::clone(&self.now.load());
        how(&mut copy);
        self.replace(copy);
    }
}
