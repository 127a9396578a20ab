//! Tags of workloads, artifacts and repositories (rules.md §17.1). They are about a thing and no part of it:
//! nothing restarts, and a locked artifact may be tagged like any other.

use std::collections::BTreeSet;

use crate::{
    access::{self, Caller, Entity},
    audit::{self, Act},
    error::{Error, Findings},
    house::House,
    model::{
        Artifact, ArtifactId, ArtifactRepository, AuditAction, EntityKind, EventId, EventKind,
        NewEvent, NewTag, Permission, RepositoryId, Tag, TagId, Workload, WorkloadId,
    },
    store::Write,
};

/// The most tags one thing carries.
const MOST: usize = 100;

/// The most characters of a name or a value.
const LONGEST: usize = 255;

/// What is tagged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum On {
    Workload(WorkloadId),
    Artifact(ArtifactId),
    Repository(RepositoryId),
}

impl On {
    fn act(&self) -> Act {
        match self {
            Self::Workload(id) => Act::on(AuditAction::TagsChange, id),
            Self::Artifact(id) => Act::on(AuditAction::TagsChange, id),
            Self::Repository(id) => Act::on(AuditAction::TagsChange, id),
        }
    }
}

pub async fn add(house: &House, caller: &Caller, on: &On, new: NewTag) -> Result<Tag, Error> {
    let act = on.act();
    audit::attempt(house, caller, act, try_add(house, caller, on, new)).await
}

async fn try_add(house: &House, caller: &Caller, on: &On, new: NewTag) -> Result<Tag, Error> {
    let mut findings = Findings::default();
    check(&new, "", &mut findings);
    findings.done()?;
    let mut write = house.store.write().await?;
    let thing = Thing::find(&mut write, caller, on).await?;
    let before = thing.tags(&mut write).await?;
    if before.iter().any(|tag| tag.name == new.name) {
        return Err(Error::Conflict(format!(
            "it has a tag named '{}' already; delete that one first, or PATCH all tags at once",
            new.name
        )));
    }
    if before.len() >= MOST {
        return Err(Error::Conflict(format!("it has {MOST} tags already, and takes no more")));
    }
    let added = Tag { id: TagId::from_bytes(house.id()), name: new.name, value: new.value };
    let after = before.iter().chain([&added]).cloned().collect();
    thing.store(write, house, caller, before, after).await?;
    Ok(added)
}

pub async fn remove(house: &House, caller: &Caller, on: &On, id: &TagId) -> Result<(), Error> {
    let act = on.act();
    audit::attempt(house, caller, act, try_remove(house, caller, on, id)).await
}

async fn try_remove(house: &House, caller: &Caller, on: &On, id: &TagId) -> Result<(), Error> {
    let mut write = house.store.write().await?;
    let thing = Thing::find(&mut write, caller, on).await?;
    let before = thing.tags(&mut write).await?;
    let after: Vec<Tag> = before.iter().filter(|tag| tag.id != *id).cloned().collect();
    if after.len() == before.len() {
        return Err(Error::NotFound("tag"));
    }
    thing.store(write, house, caller, before, after).await
}

/// The whole new list of tags. One that stays as it was keeps its id.
pub(crate) fn replaced(
    house: &House,
    before: &[Tag],
    wanted: Vec<NewTag>,
) -> Result<Vec<Tag>, Error> {
    let mut findings = Findings::default();
    findings.check(wanted.len() <= MOST, "tags", format!("at most {MOST} tags"));
    let mut names = BTreeSet::new();
    for (index, tag) in wanted.iter().enumerate() {
        check(tag, &format!("tags.{index}."), &mut findings);
        findings.check(
            names.insert(&tag.name),
            &format!("tags.{index}.name"),
            format!("the tag '{}' is given twice", tag.name),
        );
    }
    findings.done()?;
    let keep = |new: NewTag| {
        let known = before.iter().find(|tag| tag.name == new.name && tag.value == new.value);
        known.cloned().unwrap_or_else(|| Tag {
            id: TagId::from_bytes(house.id()),
            name: new.name,
            value: new.value,
        })
    };
    Ok(wanted.into_iter().map(keep).collect())
}

/// Before and after, for whoever reads the events.
pub(crate) fn change(before: &[Tag], after: &[Tag]) -> serde_json::Value {
    serde_json::json!({ "before": before, "after": after })
}

fn check(tag: &NewTag, path: &str, findings: &mut Findings) {
    for (field, text, least) in [("name", &tag.name, 1), ("value", &tag.value, 0)] {
        let length = text.chars().count();
        findings.check(
            (least..=LONGEST).contains(&length),
            &format!("{path}{field}"),
            format!("{least} to {LONGEST} characters"),
        );
    }
}

/// What is tagged, as it is now.
enum Thing {
    Workload(Workload),
    Artifact(Artifact),
    Repository(ArtifactRepository),
}

impl Thing {
    async fn find(write: &mut Write<'_>, caller: &Caller, on: &On) -> Result<Self, Error> {
        let need = Permission::Update;
        Ok(match on {
            On::Workload(id) => Self::Workload(access::workload_in(write, caller, id, need).await?),
            On::Artifact(id) => Self::Artifact(access::artifact_in(write, caller, id, need).await?),
            On::Repository(id) => {
                Self::Repository(access::repository_in(write, caller, id, need).await?)
            }
        })
    }

    fn key(&self) -> (EntityKind, &str) {
        match self {
            Self::Workload(workload) => (EntityKind::Workload, workload.key()),
            Self::Artifact(artifact) => (EntityKind::Artifact, artifact.key()),
            Self::Repository(repository) => (EntityKind::Repository, repository.key()),
        }
    }

    async fn tags(&self, write: &mut Write<'_>) -> Result<Vec<Tag>, Error> {
        let (kind, id) = self.key();
        Ok(write.tags_on(kind, id).await?)
    }

    /// Writes the tags, and that what carries them has changed.
    async fn store(
        mut self,
        mut write: Write<'_>,
        house: &House,
        caller: &Caller,
        before: Vec<Tag>,
        after: Vec<Tag>,
    ) -> Result<(), Error> {
        let now = house.now();
        let (kind, id) = self.key();
        write.set_tags(caller.org(), kind, id, &after).await?;
        let event = match &mut self {
            Self::Workload(workload) => {
                workload.updated_at = now;
                write.update_workload(workload).await?;
                Some(NewEvent::on_workload(
                    &workload.id,
                    EventKind::MetadataChanged,
                    "tags changed",
                ))
            }
            Self::Artifact(artifact) => {
                artifact.updated_at = now;
                write.update_artifact(artifact).await?;
                let message = format!("tags of '{}' changed", artifact.name);
                Some(NewEvent::on_artifact(&artifact.id, EventKind::ArtifactEdited, message))
            }
            Self::Repository(repository) => {
                repository.updated_at = now;
                write.update_repository(repository).await?;
                None
            }
        };
        if let Some(event) = event {
            let details = serde_json::json!({ "tags": change(&before, &after) });
            let event = event.by(caller.id()).with(details);
            write.event(caller.org(), event, now, EventId::from_bytes(house.id()));
        }
        write.commit().await?;
        if let Self::Workload(workload) = &self {
            house.controller.poke(&workload.id);
        }
        Ok(())
    }
}
