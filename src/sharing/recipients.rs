//! From what a request calls a recipient to who is meant, and back to what people call them.

use std::collections::HashMap;

use crate::{
    error::{Error, FieldError},
    house::House,
    model::{
        Grant, OrgId, PlatformRole, Recipient, RecipientKind, RoleChange, RoleWord, SharedRole,
        User, UserId,
    },
    store::Write,
};

/// Somebody who was named, and what is to become of their role.
pub(super) struct Resolved {
    pub(super) recipient: Recipient,
    /// As people know them.
    pub(super) name: String,
    pub(super) role: RoleWord,
}

/// Who is meant by each entry.
///
/// # Errors
/// [`Error::Invalid`] naming every entry whose recipient is not an active part of the organisation, or who
/// is named twice.
pub(super) async fn resolved(
    write: &mut Write<'_>,
    org: &OrgId,
    roles: &[RoleChange],
) -> Result<Vec<Resolved>, Error> {
    let mut known: Vec<Resolved> = Vec::with_capacity(roles.len());
    let mut wrong = Vec::new();
    for (n, one) in roles.iter().enumerate() {
        let field = if one.id.is_some() { "id" } else { "username" };
        let path = format!("roles.{n}.{field}");
        match find(write, org, one).await? {
            None => wrong.push(FieldError::body(
                &path,
                format!(
                    "there is no such active {} in your organisation",
                    one.share_recipient_type
                ),
            )),
            Some((recipient, _)) if known.iter().any(|other| other.recipient == recipient) => {
                wrong.push(FieldError::body(&path, "this recipient is named twice"));
            }
            Some((recipient, name)) => known.push(Resolved { recipient, name, role: one.role }),
        }
    }
    if wrong.is_empty() { Ok(known) } else { Err(Error::Invalid(wrong)) }
}

async fn find(
    write: &mut Write<'_>,
    org: &OrgId,
    one: &RoleChange,
) -> Result<Option<(Recipient, String)>, Error> {
    let id = one.id.as_deref().unwrap_or_default();
    Ok(match one.share_recipient_type {
        RecipientKind::User => {
            let found = match (&one.username, id.parse()) {
                (Some(name), _) => write.user_by_name(name).await?,
                (None, Ok(id)) => write.user(&id).await?,
                (None, Err(_)) => None,
            };
            // Whoever was deactivated can still be removed.
            let fits = |user: &User| {
                user.org_id == *org && (user.is_active() || one.role == RoleWord::Remove)
            };
            found.filter(fits).map(|user| (Recipient::User(user.id), user.username))
        }
        RecipientKind::Group => match id.parse() {
            Ok(id) => {
                let found = write.group(org, &id).await?;
                found.map(|group| (Recipient::Group(group.id), format!("the group {}", group.name)))
            }
            Err(_) => None,
        },
        RecipientKind::Organization => (id == org.as_str())
            .then(|| (Recipient::Organization(org.clone()), "the organisation".to_owned())),
        RecipientKind::Role => {
            id.parse::<PlatformRole>().ok().map(|role| (Recipient::Role(role), everybody(role)))
        }
    })
}

/// All who have the role in the organisation.
fn everybody(role: PlatformRole) -> String {
    format!("everybody who is {role}")
}

/// The people among those who were granted something.
pub(super) async fn people(
    house: &House,
    grants: &[Grant],
) -> Result<HashMap<UserId, User>, Error> {
    let ids: Vec<UserId> = grants
        .iter()
        .filter_map(|grant| match &grant.recipient {
            Recipient::User(id) => Some(id.clone()),
            _ => None,
        })
        .collect();
    Ok(house.store.users_by_id(&ids).await?)
}

/// The grants with the names that people know.
pub(super) async fn named(
    house: &House,
    org: &OrgId,
    grants: &[Grant],
    people: &HashMap<UserId, User>,
) -> Result<Vec<SharedRole>, Error> {
    let mut roles = Vec::with_capacity(grants.len());
    for grant in grants {
        roles.push(SharedRole {
            id: grant.recipient.id().to_owned(),
            name: name(house, org, people, &grant.recipient).await?,
            role: grant.role,
            share_recipient_type: grant.recipient.kind(),
        });
    }
    Ok(roles)
}

async fn name(
    house: &House,
    org: &OrgId,
    users: &HashMap<UserId, User>,
    recipient: &Recipient,
) -> Result<String, Error> {
    let found = match recipient {
        Recipient::User(id) => users.get(id).map(|user| user.username.clone()),
        Recipient::Group(id) => house.store.group(org, id).await?.map(|group| group.name),
        Recipient::Organization(id) => {
            house.store.organization(id).await?.map(|organization| organization.name)
        }
        Recipient::Role(role) => Some(everybody(*role)),
    };
    // Somebody who is gone is shown by id.
    Ok(found.unwrap_or_else(|| recipient.id().to_owned()))
}
