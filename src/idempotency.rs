//! Requests that may be sent again without being carried out again: a client that got no answer repeats its
//! request under the same key and is told what the first one was (rules.md ).
//!
//! A key is taken into use in a transaction of its own before the request is carried out, so of two that come
//! together one is refused. Answers are sealed: one may show the secret of a new token.
//!
//! Known limitation: a server that is killed between carrying out a request and keeping its answer can't
//! say how it ended. The key is then refused, with words that say so, instead of acting twice.

use serde::{Deserialize, Serialize};

use crate::{
    access::Caller,
    error::Error,
    house::House,
    model::Millis,
    store::{KeyState, KeyedBy, Store},
};

/// How long an answer is kept.
const KEPT: Millis = Millis::hours(24);
/// The longest key.
const LONGEST: usize = 255;
/// A longer body is not kept: the answer to its repetition says so in its place.
const LARGEST: usize = 256 * 1024;

/// What a key was taken for.
#[derive(Debug)]
pub enum Begun {
    /// Carry it out, then say how it ended.
    New(Ticket),
    /// It was carried out before.
    Done(Kept),
    /// It is being carried out now.
    Running,
}

/// A key in use. Whoever has it calls [`finish`] or [`give_back`].
#[derive(Debug)]
pub struct Ticket(KeyedBy);

/// An answer that can be given again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// None when it was too long to be kept.
    pub body: Option<String>,
}

/// Takes a key into use. `fingerprint` tells one request from another.
///
/// # Errors
/// [`Error::BadRequest`] for what can't be a key, [`Error::Refused`] for one that was used for another request,
/// [`Error::Conflict`] for one whose answer is lost.
pub async fn begin(
    house: &House,
    caller: &Caller,
    name: &str,
    fingerprint: &[u8],
) -> Result<Begun, Error> {
    let name = unquoted(name);
    let fits = (1..=LONGEST).contains(&name.len());
    if !fits || !name.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(Error::BadRequest(format!(
            "Idempotency-Key holds 1 to {LONGEST} ASCII characters, best a UUID"
        )));
    }
    let by =
        KeyedBy { org: caller.org().clone(), user: caller.id().clone(), name: name.to_owned() };
    let now = house.now();
    let mut write = house.store.write().await?;
    let Some(known) = write.keyed(&by, now).await? else {
        write.begin_keyed(&by, fingerprint.to_vec(), now, now + KEPT).await?;
        write.commit().await?;
        return Ok(Begun::New(Ticket(by)));
    };
    if known.fingerprint != fingerprint {
        return Err(Error::Refused(
            "this Idempotency-Key was used for another request; choose a new key for each".into(),
        ));
    }
    match (known.state, known.answer) {
        (KeyState::Running, _) => Ok(Begun::Running),
        (KeyState::Done, Some(sealed)) => {
            let opened = house.secrets.open(&about(&by), &sealed).ok();
            let kept = opened.and_then(|plain| serde_json::from_slice(&plain).ok());
            kept.map(Begun::Done).ok_or_else(lost)
        }
        (KeyState::Done | KeyState::Lost, _) => Err(lost()),
    }
}

fn lost() -> Error {
    Error::Conflict(
        "the answer to this Idempotency-Key was lost when the server ended: look whether what you \
         asked for was done, and if not, ask under a new key"
            .into(),
    )
}

/// Clients write the key as a quoted string, as the draft standard has it, or bare.
fn unquoted(name: &str) -> &str {
    let name = name.trim();
    name.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(name)
}

/// What a sealed answer is about.
fn about(by: &KeyedBy) -> String {
    format!("answer to {} under {}", by.user, by.name)
}

/// Keeps the answer for as long as it may be asked for.
pub async fn finish(house: &House, ticket: &Ticket, mut answer: Kept) -> Result<(), Error> {
    if answer.body.as_ref().is_some_and(|body| body.len() > LARGEST) {
        answer.body = None;
    }
    let Ticket(by) = ticket;
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(&answer).unwrap_or_default());
    let sealed = house.secrets.seal(&*house.random, &about(by), &plain);
    let mut write = house.store.write().await?;
    write.finish_keyed(by, sealed).await?;
    write.commit().await?;
    Ok(())
}

/// Nothing was carried out: the key is free again.
pub async fn give_back(house: &House, ticket: &Ticket) -> Result<(), Error> {
    let mut write = house.store.write().await?;
    write.forget_keyed(&ticket.0).await?;
    write.commit().await?;
    Ok(())
}

/// At the start: what a former server was carrying out has an unknown end.
pub async fn lose_running(store: &Store) -> Result<u64, Error> {
    let mut write = store.write().await?;
    let lost = write.lose_keyed().await?;
    write.commit().await?;
    Ok(lost)
}
