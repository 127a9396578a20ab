//! What administrators and people themselves read and send about people (rules.md §16).

use serde::{Deserialize, Serialize};

use super::{
    Group, GroupId, OrgId, PlatformRole, Scope, SessionId, Timestamp, TokenId, User, UserId,
};

/// A person as administrators see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UserRecord {
    pub id: UserId,
    /// The same id under the name that other readers of this record know.
    pub uid: UserId,
    pub username: String,
    pub full_name: String,
    pub email: String,
    pub role: PlatformRole,
    pub active: bool,
    pub org_id: OrgId,
    pub tenant_id: OrgId,
    pub created_at: Timestamp,
}

impl From<&User> for UserRecord {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.clone(),
            uid: user.id.clone(),
            username: user.username.clone(),
            full_name: user.full_name.clone(),
            email: user.email.clone(),
            role: user.role,
            active: user.is_active(),
            org_id: user.org_id.clone(),
            tenant_id: user.org_id.clone(),
            created_at: user.created_at,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewUser {
    pub username: String,
    #[serde(default)]
    pub full_name: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub role: Option<PlatformRole>,
    /// None: the person chooses one, by the link that the answer holds.
    #[serde(default)]
    pub password: Option<String>,
}

/// A new person, and how they come in for the first time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewUserRecord {
    #[serde(flatten)]
    pub user: UserRecord,
    /// Good once and for an hour; none when a password was given.
    pub sign_in_link: Option<String>,
}

/// What is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditUser {
    #[serde(default)]
    pub full_name: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub role: Option<PlatformRole>,
    #[serde(default)]
    pub active: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct GroupRecord {
    pub id: GroupId,
    pub name: String,
    pub org_id: OrgId,
    pub members: Vec<UserId>,
    pub created_at: Timestamp,
}

impl GroupRecord {
    pub fn new(group: Group, members: Vec<UserId>) -> Self {
        let Group { id, org_id, name, created_at } = group;
        Self { id, name, org_id, members, created_at }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewGroup {
    pub name: String,
    #[serde(default)]
    pub members: Vec<UserId>,
}

/// What is absent stays as it is; `members` is the whole list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditGroup {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub members: Option<Vec<UserId>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct OrganizationRecord {
    pub id: OrgId,
    pub name: String,
    pub created_at: Timestamp,
}

/// A token without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TokenRecord {
    pub id: TokenId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub user_id: UserId,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    /// To the minute; none when it never was.
    #[serde(default)]
    pub last_used_at: Option<Timestamp>,
}

/// A person who is signed in to the console, somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SessionRecord {
    pub id: SessionId,
    /// Where the person signed in from, as far as it is known.
    pub address: Option<String>,
    /// What their browser calls itself.
    pub user_agent: Option<String>,
    pub created_at: Timestamp,
    /// To the minute.
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
}

/// What people change of their own record; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditAccount {
    #[serde(default)]
    pub full_name: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
}

/// A link that lets a person in once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SignInLinkRecord {
    pub sign_in_link: String,
    pub expires_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewToken {
    pub name: String,
    /// None: everything the person may do.
    #[serde(default)]
    pub scopes: Option<Vec<Scope>>,
    /// None: until it is revoked.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// A new token. The secret is told this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewTokenRecord {
    #[serde(flatten)]
    pub record: TokenRecord,
    pub token: String,
}
