//! The people of an organisation, kept by its administrators.

use super::{
    link::{LINK_LIFE, link_for},
    password::{check, hashed},
};
use crate::{
    access::{Caller, administrator},
    audit::{self, Act},
    error::{Error, Findings},
    house::House,
    model::{
        AuditAction, AuditedKind, EditUser, NewUser, NewUserRecord, Page, Permission, PlatformRole,
        SignInLinkRecord, User, UserId, UserRecord,
    },
    store::{Paging, StoreError, UserFilter, Write},
};

/// The longest name, full name and address, in characters.
const LONGEST: usize = 200;

pub async fn list(
    house: &House,
    caller: &Caller,
    filter: &UserFilter,
    paging: Paging,
) -> Result<Page<UserRecord>, Error> {
    administrator(caller, Permission::View)?;
    let page = house.store.users_page(caller.org(), filter, paging).await?;
    Ok(page.map(|user| UserRecord::from(&user)))
}

/// An administrator reads everybody, others themselves.
pub async fn get(house: &House, caller: &Caller, id: &UserId) -> Result<UserRecord, Error> {
    if id != caller.id() {
        administrator(caller, Permission::View)?;
    }
    let found = house.store.user(id).await?.filter(|user| user.org_id == *caller.org());
    found.as_ref().map(UserRecord::from).ok_or(Error::NotFound("user"))
}

/// Adds a person: with a password, or with a link by which they choose one.
pub async fn create(house: &House, caller: &Caller, new: NewUser) -> Result<NewUserRecord, Error> {
    let act = Act::new(AuditAction::UserCreate, AuditedKind::User);
    audit::attempt(house, caller, act, try_create(house, caller, new)).await
}

async fn try_create(house: &House, caller: &Caller, new: NewUser) -> Result<NewUserRecord, Error> {
    administrator(caller, Permission::Update)?;
    let mut findings = Findings::default();
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && c != ':';
    findings.check(
        !new.username.is_empty() && new.username.chars().all(plain),
        "username",
        "a username has no blanks and no colon",
    );
    short(&new.username, "username", &mut findings);
    short(&new.full_name, "fullName", &mut findings);
    short(&new.email, "email", &mut findings);
    findings.done()?;
    let password_hash = match &new.password {
        Some(password) => {
            check(password)?;
            Some(hashed(house, password).await?)
        }
        None => None,
    };
    let user = User {
        id: UserId::from_bytes(house.id()),
        org_id: caller.org().clone(),
        username: new.username,
        full_name: new.full_name,
        email: new.email,
        password_hash,
        role: new.role.unwrap_or(PlatformRole::Member),
        created_at: house.now(),
        deactivated_at: None,
    };
    let mut write = house.store.write().await?;
    write.insert_user(&user).await.map_err(|error| match error {
        StoreError::Duplicate { .. } => {
            Error::Conflict(format!("there is a user '{}' already", user.username))
        }
        other => other.into(),
    })?;
    let act = Act::on(AuditAction::UserCreate, &user.id);
    audit::done(&mut write, house, caller, act, None, facts(&user));
    write.commit().await?;
    house.signed_in.put_user(&user);
    let sign_in_link = if user.password_hash.is_none() {
        let secret = link_for(&house.store, &*house.clock, &*house.random, &user).await?;
        Some(address(house, &secret))
    } else {
        None
    };
    Ok(NewUserRecord { user: UserRecord::from(&user), sign_in_link })
}

/// Where a sign-in link leads.
fn address(house: &House, secret: &str) -> String {
    format!("{}/welcome?link={secret}", house.settings.public_url)
}

/// A new link for somebody who has not come in yet or has forgotten their password. Earlier links stay good
/// for as long as they were.
pub async fn sign_in_link(
    house: &House,
    caller: &Caller,
    id: &UserId,
) -> Result<SignInLinkRecord, Error> {
    let act = Act::on(AuditAction::SignInLink, id);
    audit::attempt(house, caller, act, try_link(house, caller, id)).await
}

async fn try_link(house: &House, caller: &Caller, id: &UserId) -> Result<SignInLinkRecord, Error> {
    administrator(caller, Permission::Update)?;
    let found = house.store.user(id).await?.filter(|user| user.org_id == *caller.org());
    let user = found.ok_or(Error::NotFound("user"))?;
    if !user.is_active() {
        let why = format!("'{}' is deactivated; reactivate them first", user.username);
        return Err(Error::Conflict(why));
    }
    let expires_at = house.now() + LINK_LIFE;
    let secret = link_for(&house.store, &*house.clock, &*house.random, &user).await?;
    let mut write = house.store.write().await?;
    let act = Act::on(AuditAction::SignInLink, id);
    audit::done(&mut write, house, caller, act, None, None);
    write.commit().await?;
    Ok(SignInLinkRecord { sign_in_link: address(house, &secret), expires_at })
}

/// What the audit trail keeps of a person.
pub(super) fn facts(user: &User) -> Option<serde_json::Value> {
    serde_json::to_value(UserRecord::from(user)).ok()
}

pub(super) fn short(text: &str, path: &str, findings: &mut Findings) {
    findings.check(text.chars().count() <= LONGEST, path, format!("at most {LONGEST} characters"));
}

/// Changes a person. Whoever is made inactive is out at once: their tokens are revoked, their sessions ended.
pub async fn edit(
    house: &House,
    caller: &Caller,
    id: &UserId,
    wanted: EditUser,
) -> Result<UserRecord, Error> {
    let act = Act::on(AuditAction::UserEdit, id);
    audit::attempt(house, caller, act, try_edit(house, caller, id, wanted)).await
}

async fn try_edit(
    house: &House,
    caller: &Caller,
    id: &UserId,
    wanted: EditUser,
) -> Result<UserRecord, Error> {
    administrator(caller, Permission::Update)?;
    let mut findings = Findings::default();
    short(wanted.full_name.as_deref().unwrap_or_default(), "fullName", &mut findings);
    short(wanted.email.as_deref().unwrap_or_default(), "email", &mut findings);
    findings.done()?;
    let mut write = house.store.write().await?;
    let found = write.user(id).await?.filter(|user| user.org_id == *caller.org());
    let mut user = found.ok_or(Error::NotFound("user"))?;
    let was = facts(&user);
    let counted = user.is_admin() && user.is_active();
    user.full_name = wanted.full_name.unwrap_or(user.full_name);
    user.email = wanted.email.unwrap_or(user.email);
    user.role = wanted.role.unwrap_or(user.role);
    match wanted.active {
        Some(false) if user.is_active() => user.deactivated_at = Some(house.now()),
        Some(true) => user.deactivated_at = None,
        _ => {}
    }
    if counted && !(user.is_admin() && user.is_active()) {
        another_admin(&mut write, &user).await?;
    }
    write.update_user(&user).await?;
    let act = Act::on(AuditAction::UserEdit, id);
    audit::done(&mut write, house, caller, act, was, facts(&user));
    if !user.is_active() {
        write.revoke_tokens_of(&user.id, house.now()).await?;
        write.delete_sessions_of(&user.id).await?;
    }
    write.commit().await?;
    house.signed_in.put_user(&user);
    if !user.is_active() {
        house.signed_in.remove_tokens_of(&user.id);
        house.signed_in.remove_sessions_of(&user.id);
    }
    Ok(UserRecord::from(&user))
}

/// An organisation without an administrator could never get one again.
async fn another_admin(write: &mut Write<'_>, but: &User) -> Result<(), Error> {
    let all = write.users(&but.org_id).await?;
    if all.iter().any(|user| user.is_admin() && user.is_active() && user.id != but.id) {
        return Ok(());
    }
    Err(Error::Conflict("this is the last administrator; make somebody else one first".into()))
}
