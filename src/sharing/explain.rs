//! "Why can they see this?": what one person may do with one entity, by which grants, and what their platform
//! role and the scopes of their tokens take away.
//!
//! The answer is computed by the rule that admits requests ([`access::permissions`]), of the person as they
//! are stored now; the reasons are the grants that this rule counts.
//!
//! Known limitation: a token of somebody else is shown to administrators only. Owners see what each scope
//! would leave.

use super::Shared;
use crate::{
    access::{self, Caller, Via, need},
    error::Error,
    house::House,
    model::{
        AccessReason, AccessSource, ArtifactId, EffectiveAccess, Grant, GroupId, Permission,
        Permissions, Recipient, Scope, ScopedAccess, TokenAccess, User, UserData, UserId,
    },
    store::{GroupFilter, Paging},
};

/// Groups of one person that are looked at; nobody is in more.
const MOST_GROUPS: u64 = 1000;

/// Whom to explain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    Id(UserId),
    Name(String),
}

/// What one person may do with it. People may ask about themselves; about others whoever may share it.
///
/// # Errors
/// [`Error::NotFound`] when there is no such person in the organisation.
pub async fn explain(
    house: &House,
    caller: &Caller,
    shared: &Shared,
    person: &Person,
) -> Result<EffectiveAccess, Error> {
    let entity = shared.found(house, caller, Permission::View).await?;
    let found = match person {
        Person::Id(id) => house.store.user(id).await?,
        Person::Name(name) => house.store.user_by_name(name.trim()).await?,
    };
    let found = found.filter(|user| user.org_id == *caller.org());
    let is_self = found.as_ref().is_some_and(|user| user.id == *caller.id());
    if !is_self {
        need(entity.held, Permission::Share, shared.noun())?;
    }
    let user = found.ok_or(Error::NotFound("user"))?;
    let filter = GroupFilter { member: Some(user.id.clone()), search: None };
    let groups = house.store.groups(caller.org(), &filter, Paging::first(MOST_GROUPS)).await?;
    let names: Vec<(GroupId, String)> =
        groups.items.into_iter().map(|group| (group.id, group.name)).collect();
    let person = Caller {
        groups: names.iter().map(|(id, _)| id.clone()).collect(),
        via: Via::Session,
        origin: access::Origin::default(),
        expects: None,
        user,
    };
    let mut reasons = reasons(&person, &entity.grants, &names);
    for reason in &mut reasons {
        if reason.source == AccessSource::Organization {
            let organization = house.store.organization(caller.org()).await?;
            reason.name = organization.map_or_else(|| reason.name.clone(), |found| found.name);
        }
    }
    let mut granted = access::permissions(&person, caller.org(), &entity.grants);
    if let Shared::Artifact(id) = shared {
        let lent = lent(house, caller, &person, id).await?;
        if !lent.is_empty() {
            granted = granted.and(Permissions::of(&[Permission::View]).within(person.ceiling()));
        }
        reasons.extend(lent);
    }
    if !person.user.is_active() {
        granted = Permissions::NONE;
    }
    let scopes = Scope::ALL.iter().map(|scope| ScopedAccess {
        scope: *scope,
        permissions: granted.within(scope.permissions()).words(),
    });
    let told = is_self || access::administrator(caller, Permission::View).is_ok();
    let tokens = if told { Some(tokens(house, &person.user.id, granted).await?) } else { None };
    Ok(EffectiveAccess {
        active: person.user.is_active(),
        platform_role: person.user.role,
        withheld: withheld(&person.user, &reasons, granted),
        permissions: granted.words(),
        reasons,
        scopes: scopes.collect(),
        tokens,
        user: UserData { email: None, ..UserData::from(&person.user) },
    })
}

/// Every grant that counts for this person, and being an administrator.
fn reasons(person: &Caller, grants: &[Grant], groups: &[(GroupId, String)]) -> Vec<AccessReason> {
    let mut reasons = Vec::new();
    if person.user.is_admin() {
        reasons.push(AccessReason {
            source: AccessSource::Administrator,
            id: None,
            name: "administrator of the organisation".into(),
            role: None,
            permissions: Permissions::ALL.words(),
            granted_at: None,
        });
    }
    let recipients = person.recipients();
    for grant in grants.iter().filter(|grant| recipients.contains(&grant.recipient)) {
        let (source, name) = match &grant.recipient {
            Recipient::User(_) => (AccessSource::User, person.user.username.clone()),
            Recipient::Group(id) => {
                let name = groups.iter().find(|(group, _)| group == id);
                (AccessSource::Group, name.map_or_else(|| id.to_string(), |(_, name)| name.clone()))
            }
            Recipient::Organization(id) => (AccessSource::Organization, id.to_string()),
            Recipient::Role(role) => (AccessSource::Role, format!("everybody who is {role}")),
        };
        reasons.push(AccessReason {
            source,
            id: Some(grant.recipient.id().to_owned()),
            name,
            role: Some(grant.role),
            permissions: grant.role.permissions().words(),
            granted_at: Some(grant.granted_at),
        });
    }
    reasons
}

/// The workloads that run the artifact and that the person may view: they may view what it runs. One that the
/// caller may not view is told without its name.
async fn lent(
    house: &House,
    caller: &Caller,
    person: &Caller,
    artifact: &ArtifactId,
) -> Result<Vec<AccessReason>, Error> {
    let mut reasons = Vec::new();
    for id in house.store.workloads_using(caller.org(), artifact).await? {
        let theirs = access::workload(house, person, &id, Permission::View).await;
        if theirs.is_err() {
            continue;
        }
        let known = access::workload(house, caller, &id, Permission::View).await.ok();
        reasons.push(AccessReason {
            source: AccessSource::Workload,
            id: known.is_some().then(|| id.to_string()),
            name: known
                .map_or_else(|| "a workload that you may not see".into(), |found| found.name),
            role: None,
            permissions: Permissions::of(&[Permission::View]).words(),
            granted_at: None,
        });
    }
    Ok(reasons)
}

/// Why they may do less than the reasons say; none when they don't.
fn withheld(user: &User, reasons: &[AccessReason], granted: Permissions) -> Option<String> {
    if !user.is_active() {
        return Some("the account is deactivated, so nothing that was granted counts".into());
    }
    let words = granted.words();
    let less = |reason: &AccessReason| {
        words != ["*"] && reason.permissions.iter().any(|one| !words.contains(one))
    };
    (!user.is_admin() && reasons.iter().any(less)).then(|| {
        format!("the platform role '{}' only looks and calls, whatever was granted", user.role)
    })
}

async fn tokens(
    house: &House,
    user: &UserId,
    granted: Permissions,
) -> Result<Vec<TokenAccess>, Error> {
    let now = house.now();
    let tokens = house.store.tokens_of(user).await?;
    let works = tokens.into_iter().filter(|token| token.expires_at.is_none_or(|at| at > now));
    Ok(works
        .map(|token| {
            let scoped =
                token.scopes.iter().fold(Permissions::NONE, |sum, one| sum.and(one.permissions()));
            TokenAccess {
                id: token.id,
                name: token.name,
                scopes: token.scopes,
                permissions: granted.within(scoped).words(),
            }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::{reasons, withheld};
    use crate::{
        access::{self, Caller, Via},
        model::{
            AccessSource, Grant, GroupId, Permissions, PlatformRole, Recipient, ShareRole,
            Timestamp, User,
        },
    };

    fn at(n: i64) -> Timestamp {
        Timestamp::from_micros(n)
    }

    fn person(role: PlatformRole) -> Caller {
        let user = User {
            id: "ada".parse().unwrap(),
            org_id: "org".parse().unwrap(),
            username: "ada".into(),
            full_name: String::new(),
            email: String::new(),
            password_hash: None,
            role,
            created_at: at(0),
            deactivated_at: None,
        };
        let groups = vec!["risk".parse().unwrap()];
        Caller { user, groups, via: Via::Session, origin: access::Origin::default(), expects: None }
    }

    fn grants() -> Vec<Grant> {
        let grant = |recipient, role| Grant { recipient, role, granted_at: at(1) };
        vec![
            grant(Recipient::User("bob".parse().unwrap()), ShareRole::Owner),
            grant(Recipient::User("ada".parse().unwrap()), ShareRole::Consumer),
            grant(Recipient::Group("risk".parse().unwrap()), ShareRole::Editor),
            grant(Recipient::Group("other".parse().unwrap()), ShareRole::Owner),
            grant(Recipient::Organization("org".parse().unwrap()), ShareRole::Observer),
            grant(Recipient::Role(PlatformRole::Reader), ShareRole::User),
        ]
    }

    fn names() -> [(GroupId, String); 1] {
        [("risk".parse().unwrap(), "Risk".into())]
    }

    #[test]
    fn the_reasons_together_are_what_is_admitted() {
        for role in PlatformRole::ALL {
            let person = person(*role);
            let admitted = access::permissions(&person, person.org(), &grants());
            let told = reasons(&person, &grants(), &names());
            let sum = told.iter().fold(Permissions::NONE, |sum, reason| {
                sum.and(reason.role.map_or(Permissions::ALL, ShareRole::permissions))
            });
            assert_eq!(sum.within(person.ceiling()), admitted, "{role}");
        }
    }

    #[test]
    fn each_reason_names_what_it_comes_from() {
        let told = reasons(&person(PlatformRole::Member), &grants(), &names());
        let told: Vec<_> =
            told.iter().map(|reason| (reason.source, reason.name.as_str(), reason.role)).collect();
        assert_eq!(
            told,
            [
                (AccessSource::User, "ada", Some(ShareRole::Consumer)),
                (AccessSource::Group, "Risk", Some(ShareRole::Editor)),
                (AccessSource::Organization, "org", Some(ShareRole::Observer)),
            ]
        );
        let admin = reasons(&person(PlatformRole::Admin), &[], &[]);
        assert_eq!(admin[0].source, AccessSource::Administrator);
    }

    #[test]
    fn what_is_taken_away_is_said_and_nothing_else() {
        let told = |role| {
            let person = person(role);
            let reasons = reasons(&person, &grants(), &names());
            let admitted = access::permissions(&person, person.org(), &grants());
            withheld(&person.user, &reasons, admitted)
        };
        assert_eq!(told(PlatformRole::Member), None);
        assert_eq!(told(PlatformRole::Admin), None);
        assert!(told(PlatformRole::Reader).is_some_and(|why| why.contains("reader")));
        let mut gone = person(PlatformRole::Member);
        gone.user.deactivated_at = Some(at(5));
        assert!(withheld(&gone.user, &[], Permissions::NONE).is_some());
    }
}
