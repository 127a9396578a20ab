//! Groups: people who are given roles together. Administrators keep them; everybody may see them, because
//! one shares with them.

use std::collections::HashSet;

use crate::{
    access::{Caller, administrator},
    audit::{self, Act},
    error::{Error, FieldError, Findings},
    house::House,
    model::{
        AuditAction, AuditedKind, EditGroup, Group, GroupId, GroupRecord, NewGroup, Page,
        Permission, Recipient, UserId, UserRecord,
    },
    store::{GroupFilter, Paging, StoreError, UserFilter, Write},
    validate,
};

pub async fn list(
    house: &House,
    caller: &Caller,
    filter: &GroupFilter,
    paging: Paging,
) -> Result<Page<GroupRecord>, Error> {
    let page = house.store.groups(caller.org(), filter, paging).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for group in page.items {
        let members = house.store.members(&group.id).await?;
        items.push(GroupRecord::new(group, members));
    }
    Ok(Page { items, total: page.total })
}

pub async fn get(house: &House, caller: &Caller, id: &GroupId) -> Result<GroupRecord, Error> {
    let group = house.store.group(caller.org(), id).await?.ok_or(Error::NotFound("group"))?;
    Ok(GroupRecord::new(group, house.store.members(id).await?))
}

/// Who is in it, by name, for administrators and for those who are in it.
pub async fn members(
    house: &House,
    caller: &Caller,
    id: &GroupId,
    paging: Paging,
) -> Result<Page<UserRecord>, Error> {
    house.store.group(caller.org(), id).await?.ok_or(Error::NotFound("group"))?;
    if !caller.groups.contains(id) {
        administrator(caller, Permission::View)?;
    }
    let filter = UserFilter { group: Some(id.clone()), ..UserFilter::default() };
    let page = house.store.users_page(caller.org(), &filter, paging).await?;
    Ok(page.map(|user| UserRecord::from(&user)))
}

/// How many roles it was given, on anything.
pub async fn roles(house: &House, caller: &Caller, id: &GroupId) -> Result<u64, Error> {
    administrator(caller, Permission::View)?;
    house.store.group(caller.org(), id).await?.ok_or(Error::NotFound("group"))?;
    Ok(house.store.grants_to(&Recipient::Group(id.clone())).await?)
}

/// Puts one person in, and leaves the others.
pub async fn add(
    house: &House,
    caller: &Caller,
    id: &GroupId,
    user: &UserId,
) -> Result<GroupRecord, Error> {
    let act = Act::on(AuditAction::GroupEdit, id);
    let one = (user, true);
    audit::attempt(house, caller, act, try_edit_one(house, caller, id, one)).await
}

/// Takes one person out.
pub async fn remove(
    house: &House,
    caller: &Caller,
    id: &GroupId,
    user: &UserId,
) -> Result<GroupRecord, Error> {
    let act = Act::on(AuditAction::GroupEdit, id);
    let one = (user, false);
    audit::attempt(house, caller, act, try_edit_one(house, caller, id, one)).await
}

async fn try_edit_one(
    house: &House,
    caller: &Caller,
    id: &GroupId,
    (user, is_in): (&UserId, bool),
) -> Result<GroupRecord, Error> {
    administrator(caller, Permission::Update)?;
    let mut write = house.store.write().await?;
    let group = write.group(caller.org(), id).await?.ok_or(Error::NotFound("group"))?;
    let before = write.members(id).await?;
    let mut members = before.clone();
    members.retain(|member| member != user);
    if is_in {
        members.push(user.clone());
    }
    let members = write_members(&mut write, caller, id, &before, &members).await?;
    let facts = |members: &[UserId]| serde_json::json!({ "name": group.name, "members": members });
    let (before, after) = (facts(&before), facts(&members));
    let act = Act::on(AuditAction::GroupEdit, id);
    audit::done(&mut write, house, caller, act, Some(before), Some(after));
    write.commit().await?;
    house.signed_in.set_members(id, &members);
    Ok(GroupRecord::new(group, members))
}

pub async fn create(house: &House, caller: &Caller, new: NewGroup) -> Result<GroupRecord, Error> {
    let act = Act::new(AuditAction::GroupCreate, AuditedKind::Group);
    audit::attempt(house, caller, act, try_create(house, caller, new)).await
}

async fn try_create(house: &House, caller: &Caller, new: NewGroup) -> Result<GroupRecord, Error> {
    administrator(caller, Permission::Update)?;
    named(&new.name)?;
    let group = Group {
        id: GroupId::from_bytes(house.id()),
        org_id: caller.org().clone(),
        name: new.name,
        created_at: house.now(),
    };
    let mut write = house.store.write().await?;
    write.insert_group(&group).await.map_err(|error| taken(error, &group.name))?;
    let members = write_members(&mut write, caller, &group.id, &[], &new.members).await?;
    let record = GroupRecord::new(group, members);
    let act = Act::on(AuditAction::GroupCreate, &record.id);
    audit::done(&mut write, house, caller, act, None, facts(&record));
    write.commit().await?;
    house.signed_in.set_members(&record.id, &record.members);
    Ok(record)
}

pub async fn edit(
    house: &House,
    caller: &Caller,
    id: &GroupId,
    wanted: EditGroup,
) -> Result<GroupRecord, Error> {
    let act = Act::on(AuditAction::GroupEdit, id);
    audit::attempt(house, caller, act, try_edit(house, caller, id, wanted)).await
}

async fn try_edit(
    house: &House,
    caller: &Caller,
    id: &GroupId,
    wanted: EditGroup,
) -> Result<GroupRecord, Error> {
    administrator(caller, Permission::Update)?;
    let mut write = house.store.write().await?;
    let mut group = write.group(caller.org(), id).await?.ok_or(Error::NotFound("group"))?;
    let present = write.members(id).await?;
    let before = serde_json::json!({ "name": group.name, "members": present });
    if let Some(name) = wanted.name {
        named(&name)?;
        write.rename_group(id, &name).await.map_err(|error| taken(error, &name))?;
        group.name = name;
    }
    let members = match &wanted.members {
        Some(members) => Some(write_members(&mut write, caller, id, &present, members).await?),
        None => None,
    };
    let act = Act::on(AuditAction::GroupEdit, id);
    let after = serde_json::json!({ "name": group.name, "members": members });
    audit::done(&mut write, house, caller, act, Some(before), Some(after));
    write.commit().await?;
    if let Some(members) = &members {
        house.signed_in.set_members(id, members);
    }
    Ok(GroupRecord::new(group, house.store.members(id).await?))
}

/// Removes it, and with it every role that was granted to it.
pub async fn delete(house: &House, caller: &Caller, id: &GroupId) -> Result<(), Error> {
    let act = Act::on(AuditAction::GroupDelete, id);
    audit::attempt(house, caller, act, try_delete(house, caller, id)).await
}

async fn try_delete(house: &House, caller: &Caller, id: &GroupId) -> Result<(), Error> {
    administrator(caller, Permission::Delete)?;
    let mut write = house.store.write().await?;
    let group = write.group(caller.org(), id).await?.ok_or(Error::NotFound("group"))?;
    let before = facts(&GroupRecord::new(group, write.members(id).await?));
    write.delete_group(caller.org(), id).await?;
    let act = Act::on(AuditAction::GroupDelete, id);
    audit::done(&mut write, house, caller, act, before, None);
    write.commit().await?;
    house.signed_in.set_members(id, &[]);
    Ok(())
}

fn facts(group: &GroupRecord) -> Option<serde_json::Value> {
    serde_json::to_value(group).ok()
}

fn named(name: &str) -> Result<(), Error> {
    let mut findings = Findings::default();
    validate::name(name, "name", &mut findings);
    findings.done()
}

fn taken(error: StoreError, name: &str) -> Error {
    match error {
        StoreError::Duplicate { .. } => {
            Error::Conflict(format!("there is a group '{name}' already"))
        }
        other => other.into(),
    }
}

/// Writes who is in it, each once. Whoever was deactivated may stay, and can't be put in.
async fn write_members(
    write: &mut Write<'_>,
    caller: &Caller,
    group: &GroupId,
    present: &[UserId],
    members: &[UserId],
) -> Result<Vec<UserId>, Error> {
    let mut wrong = Vec::new();
    let mut seen = HashSet::new();
    let mut known = Vec::new();
    for (n, id) in members.iter().enumerate() {
        match write.user(id).await? {
            Some(user)
                if user.org_id == *caller.org() && (user.is_active() || present.contains(id)) =>
            {
                if seen.insert(id.clone()) {
                    known.push(id.clone());
                }
            }
            _ => wrong.push(FieldError::body(
                &format!("members.{n}"),
                "there is no such active user in your organisation",
            )),
        }
    }
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    write.set_members(caller.org(), group, &known).await?;
    Ok(known)
}
