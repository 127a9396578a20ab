//! Who one could share something with: people, groups and the organisation, by part of a name.
//!
//! Whoever may share something may look for people, because they share with them; they learn usernames and
//! full names. The whole list of people, with what they are, is for administrators.

use super::Shared;
use crate::{
    access::{Caller, need},
    error::Error,
    house::House,
    model::{Permission, Recipient, RecipientKind, ShareRole},
    store::{GroupFilter, Paging, UserFilter},
};

/// The most people, and the most groups, in one answer.
pub const MOST_FOUND: u64 = 8;

/// Somebody one could share with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub kind: RecipientKind,
    pub id: String,
    pub name: String,
    /// A person's full name; how many are in a group.
    pub about: String,
    /// The role that they have already.
    pub role: Option<ShareRole>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidates {
    pub found: Vec<Candidate>,
    /// There are more than are told: the search should say more.
    pub more: bool,
}

/// Nothing to search for finds all of a small team, and none of a large one: of many people the first few are
/// hardly ever the ones who are meant.
pub async fn candidates(
    house: &House,
    caller: &Caller,
    shared: &Shared,
    search: &str,
) -> Result<Candidates, Error> {
    let entity = shared.found(house, caller, Permission::View).await?;
    need(entity.held, Permission::Share, shared.noun())?;
    let role = |recipient: &Recipient| {
        let has = |grant: &&crate::model::Grant| grant.recipient == *recipient;
        entity.grants.iter().find(has).map(|grant| grant.role)
    };
    let org = caller.org();
    let search = Some(search.trim().to_owned()).filter(|text| !text.is_empty());
    let first = Paging::first(MOST_FOUND);
    let filter = UserFilter { search: search.clone(), active: Some(true), ..UserFilter::default() };
    let people = house.store.users_page(org, &filter, first).await?;
    let filter = GroupFilter { search: search.clone(), member: None };
    let groups = house.store.groups(org, &filter, first).await?;
    let more = people.total > MOST_FOUND || groups.total > MOST_FOUND;
    let mut found: Vec<Candidate> = Vec::new();
    let few = |total: u64| search.is_some() || total <= MOST_FOUND;
    for user in people.items.into_iter().filter(|_| few(people.total)) {
        found.push(Candidate {
            kind: RecipientKind::User,
            id: user.id.to_string(),
            role: role(&Recipient::User(user.id)),
            name: user.username,
            about: user.full_name,
        });
    }
    for group in groups.items.into_iter().filter(|_| few(groups.total)) {
        let about = match house.store.members(&group.id).await?.len() {
            1 => "1 person".to_owned(),
            several => format!("{several} people"),
        };
        found.push(Candidate {
            kind: RecipientKind::Group,
            id: group.id.to_string(),
            role: role(&Recipient::Group(group.id)),
            name: group.name,
            about,
        });
    }
    if let Some(organization) = house.store.organization(org).await? {
        let name = organization.name.to_lowercase();
        let fits = |text: &String| {
            let text = text.to_lowercase();
            name.contains(&text) || "organization organisation everybody".contains(&text)
        };
        if search.as_ref().is_none_or(fits) {
            found.push(Candidate {
                kind: RecipientKind::Organization,
                id: org.to_string(),
                role: role(&Recipient::Organization(org.clone())),
                name: organization.name,
                about: "everybody in the organisation".to_owned(),
            });
        }
    }
    Ok(Candidates { found, more })
}
