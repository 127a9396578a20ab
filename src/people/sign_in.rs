//! A name and a password become a person.

use super::password::fits;
use crate::{
    access::Origin,
    audit,
    error::Error,
    house::House,
    model::{AuditOutcome, User},
};

/// # Errors
/// One sentence for a wrong name and a wrong password alike; [`Error::TooMany`] for somebody who guesses.
pub async fn sign_in(
    house: &House,
    origin: &Origin,
    username: &str,
    password: &str,
) -> Result<User, Error> {
    let address = origin.address;
    let attempts = || house.signed_in.attempts();
    if !attempts().allowed(address, username, house.now()) {
        return Err(Error::TooMany);
    }
    let user = house.store.user_by_name(username).await?;
    let stored = user.as_ref().and_then(|user| user.password_hash.clone());
    match (fits(password, stored).await, user) {
        (true, Some(user)) if user.is_active() => {
            attempts().succeeded(address, username);
            audit::signed_in(house, &user, origin, AuditOutcome::Done).await;
            Ok(user)
        }
        (_, user) => {
            attempts().failed(address, username, house.now());
            if let Some(user) = user {
                audit::signed_in(house, &user, origin, AuditOutcome::Refused).await;
            }
            Err(Error::Forbidden("that name and password do not belong together".into()))
        }
    }
}
