//! Passwords: chosen by people, kept as argon2id, compared on threads that may be slow.

use std::sync::OnceLock;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};

use crate::{
    access::Caller,
    audit::{self, Act},
    error::{Error, Findings},
    house::House,
    model::{AuditAction, User},
};

/// The shortest password that is accepted, in characters.
pub const MIN_PASSWORD: usize = 12;
/// The longest, in bytes: what has no limit is an invitation to make the server hash a film.
const MAX_PASSWORD: usize = 1024;

const SALT: usize = 16;

/// Gives the person a new password and signs them out everywhere, as whoever knew the old one must go.
/// Whoever calls this signs them in again where they are. `by` is who asked for it; nobody at the start of
/// the server.
pub async fn set_password(
    house: &House,
    user: &User,
    by: Option<&Caller>,
    password: &str,
) -> Result<User, Error> {
    check(password)?;
    let hash = hashed(house, password).await?;
    let mut write = house.store.write().await?;
    let mut user = write.user(&user.id).await?.ok_or(Error::NotFound("user"))?;
    user.password_hash = Some(hash);
    write.update_user(&user).await?;
    write.delete_sessions_of(&user.id).await?;
    let act = Act::on(AuditAction::PasswordSet, &user.id);
    match by {
        Some(caller) => audit::done(&mut write, house, caller, act, None, None),
        None => audit::happened(&mut write, house, &user.org_id, act, None),
    }
    write.commit().await?;
    house.signed_in.put_user(&user);
    house.signed_in.remove_sessions_of(&user.id);
    Ok(user)
}

pub(super) fn check(password: &str) -> Result<(), Error> {
    let mut findings = Findings::default();
    findings.check(
        password.chars().count() >= MIN_PASSWORD,
        "password",
        format!("use at least {MIN_PASSWORD} characters"),
    );
    findings.check(
        password.len() <= MAX_PASSWORD,
        "password",
        format!("use at most {MAX_PASSWORD} characters"),
    );
    findings.done()
}

/// The argon2 of a password, in PHC form.
pub(super) async fn hashed(house: &House, password: &str) -> Result<String, Error> {
    let mut salt = [0; SALT];
    house.random.fill(&mut salt);
    let password = password.to_owned();
    let hash = tokio::task::spawn_blocking(move || phc(&password, &salt)).await;
    hash.ok().flatten().ok_or_else(no_hash)
}

/// Whether the password fits the stored hash. Without a hash it takes as long and says no, so that the
/// time of the answer does not tell which names exist.
pub(super) async fn fits(password: &str, stored: Option<String>) -> bool {
    let password = password.to_owned();
    let compared = tokio::task::spawn_blocking(move || match &stored {
        Some(stored) => matches(&password, stored),
        None => {
            matches(&password, decoy());
            false
        }
    });
    compared.await.unwrap_or(false)
}

fn phc(password: &str, salt: &[u8]) -> Option<String> {
    let hash: PasswordHash =
        Argon2::default().hash_password_with_salt(password.as_bytes(), salt).ok()?;
    Some(hash.to_string())
}

fn matches(password: &str, stored: &str) -> bool {
    let Ok(hash) = PasswordHash::new(stored) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
}

/// Something to compare with when there is nothing.
fn decoy() -> &'static str {
    static DECOY: OnceLock<String> = OnceLock::new();
    DECOY.get_or_init(|| phc("nobody's password", &[0; SALT]).unwrap_or_default())
}

fn no_hash() -> Error {
    Error::Refused("the password could not be stored; try another, or try again".into())
}

#[cfg(test)]
mod tests {
    use super::{decoy, fits, phc};

    #[tokio::test]
    async fn the_right_password_and_nothing_else() {
        let stored = phc("a long enough one", &[7; 16]);
        assert!(fits("a long enough one", stored.clone()).await);
        assert!(!fits("a long enough onE", stored).await);
        assert!(!fits("nobody's password", None).await, "the decoy lets nobody in");
        assert!(decoy().starts_with("$argon2id$"));
    }
}
