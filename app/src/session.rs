//! What a session remembers.

use handover::{
    access::Origin,
    error::Error,
    house::House,
    model::{SessionId, User},
    secrets::Sealed,
};
use tower_sessions::Session;

/// Who is signed in.
pub const USER: &str = "user";
/// Where somebody signed in from.
pub const ADDRESS: &str = "address";
/// What their browser calls itself.
pub const CLIENT: &str = "client";
/// Set by a sign-in link: a new password may be chosen without the old one.
pub const MAY_CHOOSE_PASSWORD: &str = "may-choose-password";

/// Signs the person in under a new session id, so that an id somebody planted before is worth nothing.
pub async fn sign_in(
    session: &Session,
    user: &User,
    origin: &Origin,
    by_link: bool,
) -> Result<(), Error> {
    session.clear().await;
    session.cycle_id().await.map_err(lost)?;
    session.insert(USER, &user.id).await.map_err(lost)?;
    if let Some(address) = origin.address {
        session.insert(ADDRESS, address.to_string()).await.map_err(lost)?;
    }
    if let Some(client) = &origin.client {
        session.insert(CLIENT, client).await.map_err(lost)?;
    }
    if by_link {
        session.insert(MAY_CHOOSE_PASSWORD, true).await.map_err(lost)?;
    }
    session.save().await.map_err(lost)
}

/// Forgets the session here and in the browser.
pub async fn sign_out(session: &Session) -> Result<(), Error> {
    session.flush().await.map_err(lost)
}

pub async fn may_choose_password(session: &Session) -> bool {
    matches!(session.get::<bool>(MAY_CHOOSE_PASSWORD).await, Ok(Some(true)))
}

fn lost(why: tower_sessions::session::Error) -> Error {
    tracing::error!(error = &why as &dyn std::error::Error, "a session could not be kept");
    Error::Refused("the session could not be kept; try again".into())
}

/// Which of the person's sessions this one is.
pub fn id(session: &Session) -> Option<SessionId> {
    handover::people::sessions::session_id(&session.id()?.to_string())
}

/// Keeps a secret until the next page shows it, sealed, because what a session remembers is in the database.
pub async fn keep_secret(
    session: &Session,
    house: &House,
    name: &str,
    secret: &str,
) -> Result<(), Error> {
    let sealed = house.secrets.seal(&*house.random, &about(name), secret.as_bytes());
    let kept = (sealed.key.to_string(), sealed.bytes);
    session.insert(&about(name), kept).await.map_err(lost)
}

/// What was kept by [`keep_secret`], once.
pub async fn take_secret(session: &Session, house: &House, name: &str) -> Option<String> {
    if crate::context::is_look() {
        return None;
    }
    let kept: Option<(String, Vec<u8>)> = session.remove(&about(name)).await.ok().flatten();
    let (key, bytes) = kept?;
    let sealed = Sealed { key: key.parse().ok()?, bytes };
    let plain = house.secrets.open(&about(name), &sealed).ok()?;
    String::from_utf8(plain.to_vec()).ok()
}

fn about(name: &str) -> String {
    format!("shown once: {name}")
}
