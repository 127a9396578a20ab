//! What can be done with everything else that has a name: repositories, deployments, credentials, people, groups.
//! It is found by its name; what is typed beside that is a deed.

use handover::{
    access::Caller,
    credentials, deployments,
    error::Error,
    house::House,
    model::{
        CredentialRecord, DeploymentRecord, GroupRecord, Permission, RepositoryRecord, UserRecord,
    },
    people::{groups, users},
    repositories,
    store::{DeploymentFilter, GroupFilter, Paging, RepositoryFilter, UserFilter},
};

use super::{
    super::artifacts::{change::NOT_YOURS, may},
    MOST,
    asked::{Asked, Deed, split},
    entry::Entry,
    id_in,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Repository,
    Deployment,
    Credential,
    Person,
    Group,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    May(Permission),
    /// Somebody who can come in.
    Active,
    /// Somebody who can't.
    Deactivated,
}
use Takes::{Active, Deactivated, May, Nothing};

/// Credentials are looked through here, because a list of them is not searched.
const CREDENTIALS: u64 = 100;

/// One of them, as far as it matters here.
struct Thing {
    id: String,
    name: String,
    note: &'static str,
    permissions: Vec<String>,
    active: bool,
}

const REPOSITORY: [Deed<Takes>; 5] = [
    Deed::new("Open", "show versions artifacts", "", Nothing),
    Deed::new("Compare versions of", "differences", "", Nothing),
    Deed::new("Share", "access roles permissions", "/share", Nothing),
    Deed::new("Tags of", "add remove label", "#tags", May(Permission::Update)),
    Deed::new("Delete the repository", "remove", "/delete", May(Permission::Delete)),
];
const DEPLOYMENT: [Deed<Takes>; 6] = [
    Deed::new("Open", "show", "", Nothing),
    Deed::new("Edit", "rename describe importance", "", May(Permission::Update)),
    Deed::new("Share", "access roles permissions", "/share", May(Permission::Share)),
    Deed::new("Explain the access to", "why who may permissions", "/share/why", Nothing),
    Deed::new("Audit log of", "changes who", "/audit", Nothing),
    Deed::new("Delete the deployment", "remove", "/delete", May(Permission::Delete)),
];
const CREDENTIAL: [Deed<Takes>; 3] = [
    Deed::new("Open", "show uses", "", Nothing),
    Deed::new("Edit", "change rename rotate value", "/edit", Nothing),
    Deed::new("Delete the credential", "remove", "/delete", Nothing),
];
const PERSON: [Deed<Takes>; 6] = [
    Deed::new("Open", "show profile", "", Nothing),
    Deed::new("Edit", "change name email role", "", Nothing),
    Deed::new("New sign-in link for", "password invite reset", "", Active),
    Deed::new("Tokens and sign-ins of", "sessions revoke end", "#tokens", Nothing),
    Deed::new("Deactivate", "remove delete block", "/deactivate", Active),
    Deed::new("Reactivate", "activate unblock", "", Deactivated),
];
const GROUP: [Deed<Takes>; 4] = [
    Deed::new("Open", "show members", "", Nothing),
    Deed::new("Rename", "edit name", "", Nothing),
    Deed::new("Put people into", "add take out members", "", Nothing),
    Deed::new("Delete the group", "remove", "/delete", Nothing),
];

impl Kind {
    pub(super) const ALL: [Self; 5] =
        [Self::Repository, Self::Deployment, Self::Credential, Self::Person, Self::Group];

    fn place(self) -> &'static str {
        match self {
            Self::Repository => "/repositories/",
            Self::Deployment => "/deployments/",
            Self::Credential => "/credentials/",
            Self::Person => "/team/users/",
            Self::Group => "/team/groups/",
        }
    }

    /// What the page is about, and what was found.
    fn titles(self) -> (&'static str, &'static str) {
        match self {
            Self::Repository => ("This repository", "Artifacts"),
            Self::Deployment => ("This deployment", "Deployments"),
            Self::Credential => ("This credential", "Credentials"),
            Self::Person => ("This person", "People"),
            Self::Group => ("This group", "Groups"),
        }
    }

    fn deeds(self) -> &'static [Deed<Takes>] {
        match self {
            Self::Repository => &REPOSITORY,
            Self::Deployment => &DEPLOYMENT,
            Self::Credential => &CREDENTIAL,
            Self::Person => &PERSON,
            Self::Group => &GROUP,
        }
    }

    /// Only administrators keep people and groups.
    fn is_for(self, caller: &Caller) -> bool {
        caller.user.is_admin() || !matches!(self, Self::Person | Self::Group)
    }

    fn entries(self, thing: &Thing, asked: Asked<'_>) -> Vec<Entry> {
        asked.lines(self.deeds(), |deed| {
            let href = format!("{}{}{}", self.place(), thing.id, deed.path);
            let why = match deed.takes {
                May(permission) if !may(&thing.permissions, permission) => Some(NOT_YOURS),
                Active if !thing.active => Some("they are deactivated already"),
                Deactivated if thing.active => Some("they are not deactivated"),
                _ => None,
            };
            Entry::go(format!("{} {}", deed.name, thing.name), href).unless(why.map(str::to_owned))
        })
    }

    async fn one(self, house: &House, caller: &Caller, id: &str) -> Option<Thing> {
        Some(match self {
            Self::Repository => {
                repositories::get(house, caller, &id.parse().ok()?).await.ok()?.into()
            }
            Self::Deployment => {
                deployments::get(house, caller, &id.parse().ok()?).await.ok()?.into()
            }
            Self::Credential => {
                credentials::used(house, caller, &id.parse().ok()?).await.ok()?.record.into()
            }
            Self::Person => users::get(house, caller, &id.parse().ok()?).await.ok()?.into(),
            Self::Group => groups::get(house, caller, &id.parse().ok()?).await.ok()?.into(),
        })
    }

    async fn search(
        self,
        house: &House,
        caller: &Caller,
        text: String,
    ) -> Result<Vec<Thing>, Error> {
        let paging = Paging::first(MOST);
        Ok(match self {
            Self::Repository => {
                let filter = RepositoryFilter { search: Some(text), ..RepositoryFilter::default() };
                all(repositories::list(house, caller, &filter, paging).await?.items)
            }
            Self::Deployment => {
                let filter = DeploymentFilter { search: Some(text), ..DeploymentFilter::default() };
                all(deployments::list(house, caller, &filter, paging).await?.items)
            }
            Self::Credential => {
                let paging = Paging::first(CREDENTIALS);
                let found = credentials::list(house, caller, Vec::new(), paging).await?.items;
                let fits = |one: &CredentialRecord| one.name.to_lowercase().contains(&text);
                all(found
                    .into_iter()
                    .filter(fits)
                    .take(usize::try_from(MOST).unwrap_or(usize::MAX))
                    .collect())
            }
            Self::Person => {
                let filter = UserFilter { search: Some(text), ..UserFilter::default() };
                all(users::list(house, caller, &filter, paging).await?.items)
            }
            Self::Group => {
                let filter = GroupFilter { search: Some(text), member: None };
                all(groups::list(house, caller, &filter, paging).await?.items)
            }
        })
    }
}

/// What can be done with what the page at `from` is about.
pub(super) async fn of_page(
    house: &House,
    caller: &Caller,
    from: &str,
    words: &[String],
) -> Option<(&'static str, Vec<Entry>)> {
    for kind in Kind::ALL.into_iter().filter(|kind| kind.is_for(caller)) {
        let Some(id) = id_in(from, kind.place()) else { continue };
        let thing = kind.one(house, caller, id).await?;
        let asked = Asked::of_page(words, &thing.name);
        return Some((kind.titles().0, kind.entries(&thing, asked)));
    }
    None
}

/// What of this kind is called so.
pub(super) async fn found(
    house: &House,
    caller: &Caller,
    kind: Kind,
    words: &[String],
) -> Result<(&'static str, Vec<Entry>), Error> {
    let (verbs, rest) = split(words, kind.deeds());
    let title = kind.titles().1;
    if rest.is_empty() || !kind.is_for(caller) {
        return Ok((title, Vec::new()));
    }
    let found = kind.search(house, caller, rest).await?;
    let entries = found.iter().flat_map(|thing| {
        if verbs.is_empty() {
            let href = format!("{}{}", kind.place(), thing.id);
            vec![Entry::go(&thing.name, href).note(thing.note)]
        } else {
            kind.entries(thing, Asked::of_found(&verbs))
        }
    });
    Ok((title, entries.collect()))
}

fn all<T: Into<Thing>>(records: Vec<T>) -> Vec<Thing> {
    records.into_iter().map(Into::into).collect()
}

impl Thing {
    fn new(id: String, name: String, note: &'static str) -> Self {
        Self { id, name, note, permissions: Vec::new(), active: true }
    }
}

impl From<RepositoryRecord> for Thing {
    fn from(one: RepositoryRecord) -> Self {
        let thing = Self::new(one.id.to_string(), one.name, "artifacts");
        Self { permissions: one.permissions, ..thing }
    }
}

impl From<DeploymentRecord> for Thing {
    fn from(one: DeploymentRecord) -> Self {
        let thing = Self::new(one.id.to_string(), one.name, "deployment");
        Self { permissions: one.permissions, ..thing }
    }
}

impl From<CredentialRecord> for Thing {
    fn from(one: CredentialRecord) -> Self {
        Self::new(one.credential_id.to_string(), one.name, "credential")
    }
}

impl From<UserRecord> for Thing {
    fn from(one: UserRecord) -> Self {
        Self { active: one.active, ..Self::new(one.id.to_string(), one.username, "person") }
    }
}

impl From<GroupRecord> for Thing {
    fn from(one: GroupRecord) -> Self {
        Self::new(one.id.to_string(), one.name, "group")
    }
}
