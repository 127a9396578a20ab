//! Where people are signed in to the console. Each sees and ends their own; an administrator anybody's.
//!
//! A session is named by the beginning of the name that it has in the store, which is a hash of what the
//! browser holds: enough to tell one from another, and of no use to get in.

use super::session_key;
use crate::{
    access::{Caller, administrator},
    audit::{self, Act},
    error::Error,
    house::House,
    model::{AuditAction, Permission, SessionId, SessionRecord, UserId},
    store::Session,
};

/// Digits of a session's name that are shown: 96 bits.
const SHOWN: usize = 24;

/// The name of the session whose cookie this is.
pub fn session_id(cookie: &str) -> Option<SessionId> {
    shown(&session_key(cookie))
}

fn shown(key: &str) -> Option<SessionId> {
    key.get(..SHOWN)?.parse().ok()
}

/// A person's sessions, newest first.
pub async fn list(
    house: &House,
    caller: &Caller,
    user: &UserId,
) -> Result<Vec<SessionRecord>, Error> {
    own_or_administrated(house, caller, user, Permission::View).await?;
    let sessions = house.store.sessions_of(user, house.now()).await?;
    Ok(sessions.into_iter().filter_map(|session| record(house, session)).collect())
}

fn record(house: &House, session: Session) -> Option<SessionRecord> {
    let seen = house.signed_in.session_seen(&session.id);
    Some(SessionRecord {
        id: shown(&session.id)?,
        address: session.address,
        user_agent: session.client,
        created_at: session.created_at,
        last_seen_at: seen.unwrap_or(session.seen_at).max(session.seen_at),
        expires_at: session.expires_at,
    })
}

/// Ends one of them at once, here and at the gateway.
pub async fn end(
    house: &House,
    caller: &Caller,
    user: &UserId,
    id: &SessionId,
) -> Result<(), Error> {
    let act = Act::on(AuditAction::SessionEnd, user);
    let is_it = |session: &Session| shown(&session.id).as_ref() == Some(id);
    let work = async {
        let ended = end_those(house, caller, user, AuditAction::SessionEnd, is_it).await?;
        if ended == 0 { Err(Error::NotFound("session")) } else { Ok(()) }
    };
    audit::attempt(house, caller, act, work).await
}

/// Ends all but one: a person who lost a laptop stays in where they are. Says how many it ended.
pub async fn end_others(house: &House, caller: &Caller, keep: &SessionId) -> Result<usize, Error> {
    let act = Act::on(AuditAction::SignOutEverywhere, caller.id());
    let others = |session: &Session| shown(&session.id).as_ref() != Some(keep);
    let work = end_those(house, caller, caller.id(), AuditAction::SignOutEverywhere, others);
    audit::attempt(house, caller, act, work).await
}

async fn end_those(
    house: &House,
    caller: &Caller,
    user: &UserId,
    action: AuditAction,
    wanted: impl Fn(&Session) -> bool,
) -> Result<usize, Error> {
    own_or_administrated(house, caller, user, Permission::Update).await?;
    let mut ended = house.store.sessions_of(user, house.now()).await?;
    ended.retain(wanted);
    if ended.is_empty() {
        return Ok(0);
    }
    let mut write = house.store.write().await?;
    for session in &ended {
        write.delete_session(&session.id).await?;
    }
    let before: Vec<_> = ended.iter().filter_map(|session| shown(&session.id)).collect();
    let before = serde_json::json!({ "sessions": before });
    audit::done(&mut write, house, caller, Act::on(action, user), Some(before), None);
    write.commit().await?;
    for session in &ended {
        house.signed_in.remove_session(&session.id);
    }
    Ok(ended.len())
}

/// People keep their own; of others only an administrator knows.
pub(super) async fn own_or_administrated(
    house: &House,
    caller: &Caller,
    user: &UserId,
    one: Permission,
) -> Result<(), Error> {
    if user == caller.id() {
        return Ok(());
    }
    administrator(caller, one)?;
    let found = house.store.user(user).await?;
    found.filter(|user| user.org_id == *caller.org()).map(drop).ok_or(Error::NotFound("user"))
}
