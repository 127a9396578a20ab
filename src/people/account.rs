//! What people change about themselves. Their name and their address are theirs; what they may do is not.

use super::{
    password::{fits, set_password},
    users::{facts, short},
};
use crate::{
    access::{Caller, Via},
    audit::{self, Act},
    error::{Error, Findings},
    house::House,
    model::{AuditAction, EditAccount, Scope, User, UserRecord},
};

/// Changes the caller's own name or e-mail address.
pub async fn edit(
    house: &House,
    caller: &Caller,
    wanted: EditAccount,
) -> Result<UserRecord, Error> {
    let act = Act::on(AuditAction::UserEdit, caller.id());
    audit::attempt(house, caller, act, try_edit(house, caller, wanted)).await
}

async fn try_edit(
    house: &House,
    caller: &Caller,
    wanted: EditAccount,
) -> Result<UserRecord, Error> {
    if let Via::Token { scopes, .. } = &caller.via
        && !scopes.contains(&Scope::Operate)
    {
        return Err(Error::Forbidden("the scope of this token does not change anything".into()));
    }
    let mut findings = Findings::default();
    short(wanted.full_name.as_deref().unwrap_or_default(), "fullName", &mut findings);
    short(wanted.email.as_deref().unwrap_or_default(), "email", &mut findings);
    findings.done()?;
    let mut write = house.store.write().await?;
    let mut user = write.user(caller.id()).await?.ok_or(Error::NotFound("user"))?;
    let was = facts(&user);
    user.full_name = wanted.full_name.unwrap_or(user.full_name);
    user.email = wanted.email.unwrap_or(user.email);
    write.update_user(&user).await?;
    let act = Act::on(AuditAction::UserEdit, caller.id());
    audit::done(&mut write, house, caller, act, was, facts(&user));
    write.commit().await?;
    house.signed_in.put_user(&user);
    Ok(UserRecord::from(&user))
}

/// Replaces the caller's password, for who knows the present one, and signs them out everywhere.
/// The caller signs them in again where they are.
///
/// # Errors
/// [`Error::Invalid`] at `current` for a wrong one, at `password` for a new one that is too short;
/// [`Error::TooMany`] for somebody who guesses; [`Error::Forbidden`] for a token, which is not the person.
pub async fn change_password(
    house: &House,
    caller: &Caller,
    current: &str,
    password: &str,
) -> Result<User, Error> {
    let act = Act::on(AuditAction::PasswordSet, caller.id());
    audit::attempt(house, caller, act, try_change(house, caller, current, password)).await
}

async fn try_change(
    house: &House,
    caller: &Caller,
    current: &str,
    password: &str,
) -> Result<User, Error> {
    if caller.via != Via::Session {
        return Err(Error::Forbidden("a password is changed in the console, by its person".into()));
    }
    let (address, name) = (caller.origin.address, &caller.user.username);
    if !house.signed_in.attempts().allowed(address, name, house.now()) {
        return Err(Error::TooMany);
    }
    if !fits(current, caller.user.password_hash.clone()).await {
        house.signed_in.attempts().failed(address, name, house.now());
        let mut findings = Findings::default();
        findings.add("current", "this is not your present password");
        findings.done()?;
    }
    house.signed_in.attempts().succeeded(address, name);
    set_password(house, &caller.user, Some(caller), password).await
}
