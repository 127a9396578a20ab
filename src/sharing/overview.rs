//! What a person who is about to share must know first: who has which role, which of these they may change,
//! and why not the others. What is refused here is what [`super::change`] refuses.

use super::{Shared, by_name, recipients, within};
use crate::{
    access::Caller,
    error::Error,
    house::House,
    model::{Permission, Permissions, Recipient, RecipientKind, ShareRole, SharedRole, Timestamp},
};

/// The roles that people choose from; others come from programs and are kept as they are.
pub const CHOICES: [ShareRole; 3] = [ShareRole::Owner, ShareRole::User, ShareRole::Consumer];

/// Who has a role on something, for somebody who looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// What it is called.
    pub name: String,
    /// Why nothing can be shared by this caller; none when something can.
    pub refusal: Option<String>,
    /// The roles of [`CHOICES`] that the caller may give.
    pub may_give: Vec<ShareRole>,
    /// The oldest grant first.
    pub roles: Vec<Held>,
    /// Who may share it without limit: people by name.
    pub owners: Vec<String>,
}

/// A role that somebody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub role: SharedRole,
    /// A person's full name.
    pub full_name: Option<String>,
    pub granted_at: Timestamp,
    /// Why the caller may not change it; none when they may.
    pub fixed: Option<String>,
    /// Why it can't be taken away or made less, although the caller may change it.
    pub needed: Option<String>,
}

pub async fn overview(house: &House, caller: &Caller, shared: &Shared) -> Result<Overview, Error> {
    let found = shared.found(house, caller, Permission::View).await?;
    let owners = found.grants.iter().filter(|grant| by_name(grant)).count();
    let people = recipients::people(house, &found.grants).await?;
    let names = recipients::named(house, caller.org(), &found.grants, &people).await?;
    let roles: Vec<Held> = found
        .grants
        .iter()
        .zip(names)
        .map(|(grant, role)| {
            let person = match &grant.recipient {
                Recipient::User(id) => people.get(id),
                _ => None,
            };
            let last = by_name(grant) && owners == 1;
            Held {
                full_name: person
                    .map(|user| user.full_name.clone())
                    .filter(|name| !name.is_empty()),
                granted_at: grant.granted_at,
                fixed: within(found.held, grant.role).err().map(|error| error.to_string()),
                needed: last
                    .then(|| "the only owner: make somebody else an owner first".to_owned()),
                role,
            }
        })
        .collect();
    let owner = |held: &&Held| {
        held.role.share_recipient_type == RecipientKind::User && held.role.role.is_owner()
    };
    let owners = roles.iter().filter(owner).map(|held| held.role.name.clone()).collect();
    Ok(Overview {
        name: found.name,
        refusal: refusal(found.held),
        may_give: CHOICES.into_iter().filter(|role| within(found.held, *role).is_ok()).collect(),
        roles,
        owners,
    })
}

fn refusal(held: Permissions) -> Option<String> {
    let refused = !held.holds(Permission::Share);
    refused.then(|| "your role here does not allow sharing: ask one of its owners".to_owned())
}
