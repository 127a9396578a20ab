//! A person, or a program acting for one.

use std::net::IpAddr;

use crate::{
    error::Error,
    model::{
        GroupId, OrgId, Permission, Permissions, PlatformRole, Recipient, Scope, TokenId, User,
        UserId, words,
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

    /// Through whose eyes a list of what may be viewed is read; none for who sees the whole organisation.
    pub fn viewer(&self) -> Option<Viewer> {
        (!self.user.is_admin()).then(|| Viewer { recipients: self.recipients(), invokers: false })
    }
}
