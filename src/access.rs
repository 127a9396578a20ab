//! Who asks, and what they may do. Use cases ask here before they act, so that the API, the console and
//! the gateway cannot differ.
//!
//! Known limitation: only ownership exists. A creator and an administrator of the organisation may do
//! everything with an entity; for everybody else it does not exist.

use std::net::IpAddr;

use crate::{
    error::Error,
    model::{Artifact, OrgId, TokenId, User, UserId, Workload},
    traffic::Endpoint,
};

/// A person, or a program acting for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub user: User,
    pub via: Via,
    /// Where the request came from, when it came over the network.
    pub address: Option<IpAddr>,
}

/// How the caller proved who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    Token { id: TokenId, name: String },
    Session,
}

impl Caller {
    pub fn org(&self) -> &OrgId {
        &self.user.org_id
    }

    pub fn id(&self) -> &UserId {
        &self.user.id
    }
}

/// What belongs to somebody.
pub trait Owned {
    fn org(&self) -> &OrgId;
    fn creator(&self) -> &UserId;
    /// What it is called in an error.
    const NOUN: &'static str;
}

impl Owned for Workload {
    fn org(&self) -> &OrgId {
        &self.org_id
    }
    fn creator(&self) -> &UserId {
        &self.creator_id
    }
    const NOUN: &'static str = "workload";
}

impl Owned for Artifact {
    fn org(&self) -> &OrgId {
        &self.org_id
    }
    fn creator(&self) -> &UserId {
        &self.creator_id
    }
    const NOUN: &'static str = "artifact";
}

impl Owned for Endpoint {
    fn org(&self) -> &OrgId {
        &self.org
    }
    fn creator(&self) -> &UserId {
        &self.owner
    }
    const NOUN: &'static str = "workload";
}

/// Whether `user` may see, change and invoke it.
pub fn may<E: Owned>(user: &User, entity: &E) -> bool {
    user.org_id == *entity.org() && (user.is_admin || user.id == *entity.creator())
}

/// The entity if it exists and the caller may see it.
///
/// # Errors
/// [`Error::NotFound`] otherwise: whether it exists is not for everybody to know.
pub fn visible<E: Owned>(caller: &Caller, entity: Option<E>) -> Result<E, Error> {
    entity.filter(|entity| may(&caller.user, entity)).ok_or(Error::NotFound(E::NOUN))
}

/// What the caller may do with it, in the words of the contract (rules.md §4).
pub fn permissions() -> Vec<String> {
    vec!["*".to_owned()]
}
