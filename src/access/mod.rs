//! Who asks, and what they may do. Use cases ask here before they act, so that the API, the console and
//! the gateway cannot differ.
//!
//! What one may do with an entity is the union of what was granted to the person, to their groups, to the
//! organisation and to their platform role (rules.md L12), narrowed by the platform role and by the scopes
//! of the token they came with. An administrator owns everything in the organisation.
//!
//! Whoever may do nothing with an entity is told that there is none; whoever may do something, but not
//! this, is told so (rules.md §3).
//!
//! Known limitation: the grants of an entity are read anew for each request. That is one indexed read, and
//! it keeps two consoles on one database from differing.

mod caller;
mod entity;
#[cfg(test)]
mod tests;

pub use caller::{Caller, Channel, Expected, Origin, Via};
pub(crate) use entity::held;
pub use entity::{
    Entity, artifact, artifact_in, deployment, deployment_in, repository, repository_in, workload,
    workload_in,
};

use crate::{
    error::Error,
    model::{Grant, Permission, Permissions},
};

/// What the caller may do with something that has these grants.
pub fn permissions(caller: &Caller, org: &crate::model::OrgId, grants: &[Grant]) -> Permissions {
    if caller.org() != org {
        return Permissions::NONE;
    }
    if caller.user.is_admin() {
        return caller.ceiling();
    }
    grants
        .iter()
        .filter(|grant| caller.is_meant_by(&grant.recipient))
        .fold(Permissions::NONE, |sum, grant| sum.and(grant.role.permissions()))
        .within(caller.ceiling())
}

/// Passes when `held` holds what is needed.
///
/// # Errors
/// [`Error::NotFound`] for somebody who may do nothing with it: whether it exists is not for everybody to
/// know. [`Error::Forbidden`] for somebody who may do something else.
pub(crate) fn need(held: Permissions, one: Permission, noun: &'static str) -> Result<(), Error> {
    if held.holds(one) {
        return Ok(());
    }
    if !held.holds(Permission::View) && !held.holds(Permission::Invoke) {
        return Err(Error::NotFound(noun));
    }
    Err(Error::Forbidden(format!(
        "your role on this {noun} does not allow that: it needs {one}; ask one of its owners"
    )))
}

/// Passes when the caller may make new things.
///
/// # Errors
/// [`Error::Forbidden`] for readers, and for tokens that may not operate.
pub fn may_create(caller: &Caller) -> Result<(), Error> {
    if caller.ceiling().holds(Permission::Update) {
        return Ok(());
    }
    Err(Error::Forbidden(
        "you may not create anything: your role, or the scope of this token, only reads".into(),
    ))
}

/// Passes for an administrator whose token may do this.
///
/// # Errors
/// [`Error::Forbidden`] for everybody else.
pub fn administrator(caller: &Caller, one: Permission) -> Result<(), Error> {
    if caller.user.is_admin() && caller.ceiling().holds(one) {
        return Ok(());
    }
    Err(Error::Forbidden("only an administrator of the organisation may do that".into()))
}
