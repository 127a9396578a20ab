//! Who may come in: passwords, sign-in links, API tokens and console sessions.
//!
//! Whoever serves a request must know its caller without asking the database, because the gateway keeps
//! serving when the database is busy or gone. [`SignedIn`] therefore mirrors tokens and sessions in memory;
//! every use case that writes them writes both.
//!
//! Secrets that machines make (tokens, links, session ids) are long and random, so they are kept as their
//! SHA-256. Passwords are made by people, so they are kept as argon2.
//!
//! Known limitation: the mirror belongs to this process. A second console on the same database would learn
//! of a revoked token only at its next start.

pub mod account;
mod attempts;
mod first_start;
pub mod groups;
mod link;
pub mod organization;
mod password;
mod seen;
pub mod sessions;
mod sign_in;
mod signed_in;
pub mod tokens;
pub mod users;

pub use first_start::{ADMIN, FirstStart, first_start};
pub use link::{new_link, use_link};
pub use password::{MIN_PASSWORD, set_password};
pub use seen::keep_seen;
pub use sign_in::sign_in;
pub use signed_in::SignedIn;

use sha2::{Digest, Sha256};

use crate::model::TokenHash;

/// What is kept of a secret that a machine made.
pub fn hash(secret: &str) -> TokenHash {
    TokenHash(Sha256::digest(secret.as_bytes()).into())
}

/// The name under which a session is stored, so that reading the database does not let anybody in.
pub fn session_key(cookie: &str) -> String {
    let TokenHash(bytes) = hash(cookie);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
