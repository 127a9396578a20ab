//! Who an entity is shared with (rules.md §10, L12).

use serde::{Deserialize, Serialize};

use super::{
    GroupId, OrgId, PlatformRole, Scope, ShareRole, Timestamp, TokenId, UserData, UserId, words,
};

words! {
    /// What can be shared.
    EntityKind {
        Workload = "workload",
        Artifact = "artifact",
        Repository = "artifact_repository",
        Deployment = "deployment",
    }
}

words! {
    RecipientKind {
        User = "user",
        Group = "group",
        Organization = "organization",
        /// Everybody with this role in the organisation.
        Role = "role",
    }
}

/// Who a role is granted to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Recipient {
    User(UserId),
    Group(GroupId),
    Organization(OrgId),
    Role(PlatformRole),
}

impl Recipient {
    pub fn kind(&self) -> RecipientKind {
        match self {
            Self::User(_) => RecipientKind::User,
            Self::Group(_) => RecipientKind::Group,
            Self::Organization(_) => RecipientKind::Organization,
            Self::Role(_) => RecipientKind::Role,
        }
    }

    pub fn id(&self) -> &str {
        match self {
            Self::User(id) => id.as_str(),
            Self::Group(id) => id.as_str(),
            Self::Organization(id) => id.as_str(),
            Self::Role(role) => role.word(),
        }
    }
}

/// One role on one entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub recipient: Recipient,
    pub role: ShareRole,
    pub granted_at: Timestamp,
}

/// A grant as clients read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct SharedRole {
    pub id: String,
    pub name: String,
    pub role: ShareRole,
    pub share_recipient_type: RecipientKind,
}

words! {
    /// The one operation of a change of roles.
    ShareOperation { UpdateRoles = "updateRoles" }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ShareRequest {
    pub operation: ShareOperation,
    pub roles: Vec<RoleChange>,
}

/// A new role for somebody named by id or, a user only, by username.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleChange {
    pub share_recipient_type: RecipientKind,
    #[cfg_attr(feature = "ssr", schema(value_type = String))]
    pub role: RoleWord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
}

/// A role, or none to remove the one there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum RoleWord {
    Grant(ShareRole),
    Remove,
}

const NO_ROLE: &str = "NO_ROLE";

impl TryFrom<String> for RoleWord {
    type Error = super::UnknownWord;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.eq_ignore_ascii_case(NO_ROLE) {
            return Ok(Self::Remove);
        }
        text.parse().map(Self::Grant).map_err(|mut unknown: super::UnknownWord| {
            unknown.expected = format!("{}, {NO_ROLE}", unknown.expected);
            unknown
        })
    }
}

impl From<RoleWord> for &'static str {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Grant(role) => role.word(),
            RoleWord::Remove => NO_ROLE,
        }
    }
}

words! {
    /// What lets somebody do something with an entity.
    AccessSource {
        /// A grant to the person.
        User = "user",
        Group = "group",
        Organization = "organization",
        /// A grant to everybody with the person's platform role.
        Role = "role",
        /// An administrator may do everything in the organisation.
        Administrator = "administrator",
        /// Whoever may view a workload may view the artifact that it runs.
        Workload = "workload",
    }
}

/// One reason why somebody may do something with an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct AccessReason {
    pub source: AccessSource,
    /// Of the recipient, or of the workload.
    pub id: Option<String>,
    pub name: String,
    pub role: Option<ShareRole>,
    /// What it allows; `*` is everything.
    pub permissions: Vec<String>,
    pub granted_at: Option<Timestamp>,
}

/// What is left with a token that has one scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ScopedAccess {
    pub scope: Scope,
    pub permissions: Vec<String>,
}

/// What is left with one of the person's tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TokenAccess {
    pub id: TokenId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub permissions: Vec<String>,
}

/// What one person may do with one entity, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct EffectiveAccess {
    pub user: UserData,
    pub active: bool,
    pub platform_role: PlatformRole,
    /// In the console, or with a token that has every scope; `*` is everything.
    pub permissions: Vec<String>,
    pub reasons: Vec<AccessReason>,
    /// Why it is less than the reasons allow; none when it is not.
    pub withheld: Option<String>,
    /// What is left with each scope of a token.
    pub scopes: Vec<ScopedAccess>,
    /// The person's tokens that work, for themselves and for administrators.
    pub tokens: Option<Vec<TokenAccess>>,
}
