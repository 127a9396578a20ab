//! A person, or a program acting for one.

use std::net::IpAddr;

use crate::{
    error::Error,
    model::{
        GroupId, OrgId, Permission, Permissions, PlatformRole, Recipient, Scope, ShareRole,
        TokenId, User, UserId, words,
    },
    store::Viewer,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub user: User,
    pub groups: Vec<GroupId>,
    pub via: Via,
    pub origin: Origin,
    /// What the caller believes of the entity that they are about to change.
    pub expects: Option<Expected>,
}

/// One entity as the caller read it (rules.md ). Whoever changes it compares, inside the transaction that
/// changes it: before that, it could change in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    pub entity: String,
    /// Any of these will do.
    pub revisions: Vec<i64>,
}

impl Expected {
    /// # Errors
    /// [`Error::Changed`] when this is the entity, and it is not as expected.
    pub(super) fn check(&self, entity: &str, revision: i64) -> Result<(), Error> {
        if self.entity != entity || self.revisions.contains(&revision) {
            return Ok(());
        }
        Err(Error::Changed)
    }
}

/// How the caller proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    Token {
        id: TokenId,
        name: String,
        scopes: Vec<Scope>,
    },
    /// A person who signed in to the console.
    Session,
}

words! {
    /// By which door a request came in.
    Channel { Api = "api", Console = "console" }
}

/// Where a request came from, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub address: Option<IpAddr>,
    /// What the client calls itself.
    pub client: Option<String>,
    pub channel: Channel,
    pub request_id: Option<String>,
}

impl Default for Origin {
    fn default() -> Self {
        Self { address: None, client: None, channel: Channel::Api, request_id: None }
    }
}

impl Caller {
    pub fn org(&self) -> &OrgId {
        &self.user.org_id
    }

    pub fn id(&self) -> &UserId {
        &self.user.id
    }

    /// Everything that can be granted to and means this person.
    pub fn recipients(&self) -> Vec<Recipient> {
        let mut all = vec![
            Recipient::User(self.user.id.clone()),
            Recipient::Organization(self.user.org_id.clone()),
            Recipient::Role(self.user.role),
        ];
        all.extend(self.groups.iter().cloned().map(Recipient::Group));
        all
    }

    /// Whether what was granted to it was granted to this person. The gateway asks at each request, so nothing is
    /// put together for it.
    pub fn is_meant_by(&self, recipient: &Recipient) -> bool {
        match recipient {
            Recipient::User(id) => *id == self.user.id,
            Recipient::Group(id) => self.groups.contains(id),
            Recipient::Organization(id) => *id == self.user.org_id,
            Recipient::Role(role) => *role == self.user.role,
        }
    }

    /// What no grant can exceed.
    pub fn ceiling(&self) -> Permissions {
        let role = match self.user.role {
            PlatformRole::Admin | PlatformRole::Member => Permissions::ALL,
            PlatformRole::Reader => Permissions::of(&[Permission::View, Permission::Invoke]),
        };
        match &self.via {
            Via::Session => role,
            Via::Token { scopes, .. } => {
                let scoped =
                    scopes.iter().fold(Permissions::NONE, |sum, s| sum.and(s.permissions()));
                role.within(scoped)
            }
        }
    }

    /// Through whose eyes a list is read of that with which one may do any of `wanted`; none for who sees the
    /// whole organisation. What the platform role or the token takes away is not listed either, so that
    /// nothing is in a list that can't be read by itself.
    pub fn viewer(&self, wanted: Permissions) -> Option<Viewer> {
        let wanted = wanted.within(self.ceiling());
        if self.user.is_admin() && !wanted.is_none() {
            return None;
        }
        let gives = |role: &ShareRole| !role.permissions().within(wanted).is_none();
        let roles = ShareRole::ALL.iter().copied().filter(gives).collect();
        Some(Viewer { recipients: self.recipients(), roles })
    }
}
