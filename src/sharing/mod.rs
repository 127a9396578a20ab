//! Sharing: who may do what with a workload, an artifact, a repository or a deployment (rules.md §10, L12).
//!
//! A change lists some recipients and leaves the others as they are. All of it happens or nothing: it is
//! refused when it would leave no owner, when it grants more than the caller may grant, or when it takes a
//! role from somebody that the caller could not have given.
//!
//! Known limitation: a role on a repository does not reach the artifacts in it; each is shared by itself.

mod explain;
mod overview;
mod recipients;
mod search;

pub use explain::{Person, explain};
pub use overview::{CHOICES, Held, Overview, overview};
pub use search::{Candidate, Candidates, MOST_FOUND, candidates};

use crate::{
    access::{self, Caller, need},
    audit::{self, Act},
    error::{Error, Findings},
    house::House,
    model::{
        ArtifactId, AuditAction, DeploymentId, EntityKind, EventId, EventKind, Grant, NewEvent,
        Page, Permission, Permissions, Recipient, RepositoryId, RoleChange, RoleWord, ShareRequest,
        ShareRole, SharedRole, WorkloadId,
    },
    store::{Paging, Write},
};

/// The most entries in one change.
const MOST: usize = 100;

/// An entity as its sharing sees it.
struct Found {
    name: String,
    grants: Vec<Grant>,
    /// What the caller may do.
    held: Permissions,
}

/// What is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shared {
    Workload(WorkloadId),
    Artifact(ArtifactId),
    Repository(RepositoryId),
    Deployment(DeploymentId),
}

impl From<WorkloadId> for Shared {
    fn from(id: WorkloadId) -> Self {
        Self::Workload(id)
    }
}

impl From<ArtifactId> for Shared {
    fn from(id: ArtifactId) -> Self {
        Self::Artifact(id)
    }
}

impl From<RepositoryId> for Shared {
    fn from(id: RepositoryId) -> Self {
        Self::Repository(id)
    }
}

impl From<DeploymentId> for Shared {
    fn from(id: DeploymentId) -> Self {
        Self::Deployment(id)
    }
}

impl Shared {
    /// # Errors
    /// [`Error::NotFound`] for text that can't be an id.
    pub fn of(kind: EntityKind, id: &str) -> Result<Self, Error> {
        let found = match kind {
            EntityKind::Workload => id.parse().ok().map(Self::Workload),
            EntityKind::Artifact => id.parse().ok().map(Self::Artifact),
            EntityKind::Repository => id.parse().ok().map(Self::Repository),
            EntityKind::Deployment => id.parse().ok().map(Self::Deployment),
        };
        found.ok_or(Error::NotFound(noun(kind)))
    }

    pub fn kind(&self) -> EntityKind {
        match self {
            Self::Workload(_) => EntityKind::Workload,
            Self::Artifact(_) => EntityKind::Artifact,
            Self::Repository(_) => EntityKind::Repository,
            Self::Deployment(_) => EntityKind::Deployment,
        }
    }

    fn act(&self) -> Act {
        match self {
            Self::Workload(id) => Act::on(AuditAction::RolesChange, id),
            Self::Artifact(id) => Act::on(AuditAction::RolesChange, id),
            Self::Repository(id) => Act::on(AuditAction::RolesChange, id),
            Self::Deployment(id) => Act::on(AuditAction::RolesChange, id),
        }
    }

    pub fn id(&self) -> &str {
        match self {
            Self::Workload(id) => id.as_str(),
            Self::Artifact(id) => id.as_str(),
            Self::Repository(id) => id.as_str(),
            Self::Deployment(id) => id.as_str(),
        }
    }

    /// What is told to those who watch it; a repository has no stream of events, and a deployment has that
    /// of its workload.
    async fn event(
        &self,
        write: &mut Write<'_>,
        caller: &Caller,
        message: String,
    ) -> Result<Option<NewEvent>, Error> {
        let kind = EventKind::RolesChanged;
        Ok(match self {
            Self::Workload(id) => Some(NewEvent::on_workload(id, kind, message)),
            Self::Artifact(id) => Some(NewEvent::on_artifact(id, kind, message)),
            Self::Repository(_) => None,
            Self::Deployment(id) => write.deployment(caller.org(), id).await?.map(|deployment| {
                let message = format!("deployment '{}': {message}", deployment.name);
                NewEvent::on_workload(&deployment.workload_id, kind, message)
            }),
        })
    }

    /// What it is called, and who may do what with it.
    async fn found(&self, house: &House, caller: &Caller, one: Permission) -> Result<Found, Error> {
        let name = match self {
            Self::Workload(id) => access::workload(house, caller, id, one).await?.name,
            Self::Artifact(id) => access::artifact(house, caller, id, one).await?.name,
            Self::Repository(id) => access::repository(house, caller, id, one).await?.name,
            Self::Deployment(id) => access::deployment(house, caller, id, one).await?.name,
        };
        let grants = house.store.grants_on(self.kind(), self.id()).await?;
        // A workload lends a look at its artifact, which no grant on the artifact shows.
        let held = access::permissions(caller, caller.org(), &grants).and(Permissions::of(&[one]));
        Ok(Found { name, grants, held })
    }

    fn noun(&self) -> &'static str {
        noun(self.kind())
    }

    async fn shareable(&self, write: &mut Write<'_>, caller: &Caller) -> Result<(), Error> {
        let share = Permission::Share;
        match self {
            Self::Workload(id) => access::workload_in(write, caller, id, share).await.map(drop),
            Self::Artifact(id) => access::artifact_in(write, caller, id, share).await.map(drop),
            Self::Repository(id) => access::repository_in(write, caller, id, share).await.map(drop),
            Self::Deployment(id) => access::deployment_in(write, caller, id, share).await.map(drop),
        }
    }
}

/// What it is called in a sentence.
fn noun(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Workload => "workload",
        EntityKind::Artifact => "artifact",
        EntityKind::Repository => "artifact repository",
        EntityKind::Deployment => "deployment",
    }
}

/// Who has which role on it, the oldest grant first.
pub async fn list(
    house: &House,
    caller: &Caller,
    shared: &Shared,
    paging: Paging,
) -> Result<Page<SharedRole>, Error> {
    let grants = shared.found(house, caller, Permission::View).await?.grants;
    let total = grants.len() as u64;
    let from = usize::try_from(paging.offset).unwrap_or(usize::MAX);
    let limit = usize::try_from(paging.limit).unwrap_or(usize::MAX);
    let shown: Vec<Grant> = grants.into_iter().skip(from).take(limit).collect();
    let people = recipients::people(house, &shown).await?;
    Ok(Page { items: recipients::named(house, caller.org(), &shown, &people).await?, total })
}

/// Gives, changes and takes roles.
///
/// # Errors
/// [`Error::Invalid`] for an unknown recipient and when no owner would be left; [`Error::Forbidden`] for
/// what is above the caller's own role.
pub async fn change(
    house: &House,
    caller: &Caller,
    shared: &Shared,
    request: &ShareRequest,
) -> Result<(), Error> {
    let act = shared.act();
    audit::attempt(house, caller, act, try_change(house, caller, shared, request)).await
}

async fn try_change(
    house: &House,
    caller: &Caller,
    shared: &Shared,
    request: &ShareRequest,
) -> Result<(), Error> {
    sensible(&request.roles)?;
    let mut write = house.store.write().await?;
    shared.shareable(&mut write, caller).await?;
    let (kind, id) = (shared.kind(), shared.id());
    let mut grants = write.grants_on(kind, id).await?;
    let before = facts(&grants);
    let held = access::permissions(caller, caller.org(), &grants);
    let changes = recipients::resolved(&mut write, caller.org(), &request.roles).await?;
    let now = house.now();
    let mut said = Vec::new();
    for recipients::Resolved { recipient, name, role } in changes {
        let present = grants.iter().position(|grant| grant.recipient == recipient);
        if let Some(present) = present {
            within(held, grants[present].role)?;
            grants.remove(present);
        }
        match role {
            RoleWord::Grant(role) => {
                within(held, role)?;
                let grant = Grant { recipient: recipient.clone(), role, granted_at: now };
                write.grant(caller.org(), kind, id, &grant).await?;
                grants.push(grant);
                said.push(format!("{name} is {}", role.word().to_lowercase()));
            }
            RoleWord::Remove => {
                write.ungrant(caller.org(), kind, id, &recipient).await?;
                said.push(format!("{name} has no role"));
            }
        }
    }
    owned(&grants)?;
    let message = format!("sharing changed: {}", said.join(", "));
    if let Some(event) = shared.event(&mut write, caller, message).await? {
        write.event(caller.org(), event.by(caller.id()), now, EventId::from_bytes(house.id()));
    }
    audit::done(&mut write, house, caller, shared.act(), Some(before), Some(facts(&grants)));
    write.commit().await?;
    let endpoint = match shared {
        Shared::Workload(id) => house.routes.get(id.as_str()),
        Shared::Deployment(id) => house.routes.deployment(id.as_str()),
        Shared::Artifact(_) | Shared::Repository(_) => None,
    };
    if let Some(endpoint) = endpoint {
        endpoint.share(grants);
    }
    if let Shared::Workload(id) = shared {
        house.controller.live().changed(id);
    }
    Ok(())
}

/// What the audit trail keeps of who has which role.
fn facts(grants: &[Grant]) -> serde_json::Value {
    let fact = |grant: &Grant| {
        serde_json::json!({
            "shareRecipientType": grant.recipient.kind(),
            "id": grant.recipient.id(),
            "role": grant.role,
        })
    };
    grants.iter().map(fact).collect()
}

fn sensible(roles: &[RoleChange]) -> Result<(), Error> {
    let mut findings = Findings::default();
    findings.check(
        (1..=MOST).contains(&roles.len()),
        "roles",
        format!("a change has 1 to {MOST} entries"),
    );
    for (n, one) in roles.iter().enumerate() {
        findings.check(
            one.id.is_some() != one.username.is_some(),
            &format!("roles.{n}.id"),
            "name the recipient by 'id' or, a user only, by 'username'",
        );
    }
    findings.done()
}

/// One grants and takes only what one's own role reaches.
fn within(held: Permissions, role: ShareRole) -> Result<(), Error> {
    need(held, role.granted_by(), "entity").map_err(|_| {
        Error::Forbidden(format!("your own role here does not reach {role}: ask one of its owners"))
    })
}

/// Somebody must be able to do everything with it, by name.
fn owned(grants: &[Grant]) -> Result<(), Error> {
    let mut findings = Findings::default();
    findings.check(grants.iter().any(by_name), "roles", "this would leave it without an owner");
    findings.done()
}

fn by_name(grant: &Grant) -> bool {
    matches!(grant.recipient, Recipient::User(_)) && grant.role.is_owner()
}
