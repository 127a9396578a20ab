//! What a session remembers.

use handover::{error::Error, model::User};
use tower_sessions::Session;

/// Who is signed in.
pub const USER: &str = "user";
/// Set by a sign-in link: a new password may be chosen without the old one.
pub const MAY_CHOOSE_PASSWORD: &str = "may-choose-password";

/// Signs the person in under a new session id, so that an id somebody planted before is worth nothing.
pub async fn sign_in(session: &Session, user: &User, by_link: bool) -> Result<(), Error> {
    session.clear().await;
    session.cycle_id().await.map_err(lost)?;
    session.insert(USER, &user.id).await.map_err(lost)?;
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
