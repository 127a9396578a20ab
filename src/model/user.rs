//! Who asks.

use serde::{Deserialize, Serialize};

use super::{GroupId, OrgId, PlatformRole, Scope, Timestamp, TokenId, UserId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub org_id: OrgId,
    pub username: String,
    pub full_name: String,
    pub email: String,
    /// argon2 in PHC form; none until the first password is chosen.
    pub password_hash: Option<String>,
    pub role: PlatformRole,
    pub created_at: Timestamp,
    /// From then on the person can't come in, and nothing can be shared with them.
    pub deactivated_at: Option<Timestamp>,
}

impl User {
    pub fn is_admin(&self) -> bool {
        self.role == PlatformRole::Admin
    }

    pub fn is_active(&self) -> bool {
        self.deactivated_at.is_none()
    }
}

/// A tenant. Nothing of one is seen from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    pub id: OrgId,
    pub name: String,
    pub created_at: Timestamp,
}

/// People who are given roles together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub id: GroupId,
    pub org_id: OrgId,
    pub name: String,
    pub created_at: Timestamp,
}

/// An API token. The secret itself is shown once and never stored, only its SHA-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    pub id: TokenId,
    pub org_id: OrgId,
    pub user_id: UserId,
    pub name: String,
    pub hash: TokenHash,
    pub scopes: Vec<Scope>,
    pub created_at: Timestamp,
    /// None for one that is good until it is revoked.
    pub expires_at: Option<Timestamp>,
}

/// SHA-256 of a bearer token. Tokens are long and random, so a fast hash is the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash(pub [u8; 32]);

/// A person as API records show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UserData {
    pub id: UserId,
    pub username: Option<String>,
    pub full_name: Option<String>,
    pub email: Option<String>,
    pub userhash: Option<String>,
}

impl From<&User> for UserData {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.clone(),
            username: Some(user.username.clone()),
            full_name: Some(user.full_name.clone()),
            email: Some(user.email.clone()),
            userhash: None,
        }
    }
}
