//! Editing what is not run (name, description, importance, tags), and deleting.

use super::{create::name_taken, facts, full};
use crate::{
    access::{self, Caller},
    audit::{self, Act},
    creator::Creators,
    credentials, deployments,
    error::{Error, Findings},
    house::House,
    model::{
        AuditAction, EditWorkload, EntityKind, EventId, EventKind, NewEvent, Permission, Timestamp,
        UserData, Wanted, WorkloadId, WorkloadRecord,
    },
    rollout::plan,
    store::{EventFilter, Paging},
    tags, validate,
};

/// Changes metadata in place: nothing restarts, whatever state it is in.
pub async fn edit(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    wanted: EditWorkload,
) -> Result<WorkloadRecord, Error> {
    let act = Act::on(AuditAction::WorkloadEdit, id);
    audit::attempt(house, caller, act, try_edit(house, caller, id, wanted)).await
}

async fn try_edit(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    wanted: EditWorkload,
) -> Result<WorkloadRecord, Error> {
    let mut findings = Findings::default();
    if let Some(name) = &wanted.name {
        validate::name(name, "name", &mut findings);
    }
    findings.done()?;
    let mut write = house.store.write().await?;
    let mut workload = access::workload_in(&mut write, caller, id, Permission::Update).await?;
    let was = facts(&workload);
    let before = (workload.name.clone(), workload.description.clone(), workload.importance);
    if let Some(name) = wanted.name {
        workload.name = name;
    }
    if let Some(description) = wanted.description {
        workload.description = description.unwrap_or_default();
    }
    if let Some(importance) = wanted.importance {
        workload.importance = importance;
    }
    let mut changes = changes(&before, &workload);
    let tagged = write.tags_on(EntityKind::Workload, id.as_str()).await?;
    let tags = match wanted.tags {
        Some(wanted) => tags::replaced(house, &tagged, wanted)?,
        None => tagged.clone(),
    };
    let mut details = None;
    if tags != tagged {
        write.set_tags(caller.org(), EntityKind::Workload, id.as_str(), &tags).await?;
        changes.push("tags".to_owned());
        details = Some(serde_json::json!({ "tags": tags::change(&tagged, &tags) }));
    }
    if changes.is_empty() {
        drop(write);
    } else {
        let now = house.now();
        workload.updated_at = now;
        let name = workload.name.clone();
        write.update_workload(&mut workload).await.map_err(|error| name_taken(error, &name))?;
        let text = format!("{} changed", changes.join(", "));
        let mut event = NewEvent::on_workload(id, EventKind::MetadataChanged, text).by(caller.id());
        event.details = details;
        write.event(caller.org(), event, now, EventId::from_bytes(house.id()));
        let act = Act::on(AuditAction::WorkloadEdit, id);
        audit::done(&mut write, house, caller, act, Some(was), Some(facts(&workload)));
        write.commit().await?;
        house.controller.poke(id);
    }
    full(house, caller, &workload).await
}

/// An edit that somebody made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// None for one that nobody made by hand.
    pub by: Option<UserData>,
    pub at: Timestamp,
    /// A sentence without its end: `name from 'a' to 'b' changed`.
    pub what: String,
}

/// The newest edit of its name, description, importance or tags, for somebody who was in the middle of one.
pub async fn last_edit(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
) -> Result<Option<Edited>, Error> {
    let workload = access::workload(house, caller, id, Permission::View).await?;
    let filter = EventFilter {
        workload_id: Some(workload.id),
        kinds: vec![EventKind::MetadataChanged],
        ..EventFilter::default()
    };
    let newest = house.store.events(caller.org(), &filter, Paging::first(1)).await?;
    let Some(event) = newest.items.into_iter().next() else { return Ok(None) };
    let by = match &event.actor_id {
        Some(id) => Some(Creators::new(house).get(id).await?),
        None => None,
    };
    Ok(Some(Edited { by, at: event.at, what: event.message }))
}

fn changes(
    (name, description, importance): &(String, String, crate::model::Importance),
    now: &crate::model::Workload,
) -> Vec<String> {
    let mut changes = Vec::new();
    if *name != now.name {
        changes.push(format!("name from '{name}' to '{}'", now.name));
    }
    if *description != now.description {
        changes.push("description".to_owned());
    }
    if *importance != now.importance {
        changes.push(format!("importance from {importance} to {}", now.importance));
    }
    changes
}

/// Removes it for good. What runs is drained and stopped in the background.
pub async fn delete(house: &House, caller: &Caller, id: &WorkloadId) -> Result<(), Error> {
    let act = Act::on(AuditAction::WorkloadDelete, id);
    audit::attempt(house, caller, act, try_delete(house, caller, id)).await
}

async fn try_delete(house: &House, caller: &Caller, id: &WorkloadId) -> Result<(), Error> {
    let now = house.now();
    let mut write = house.store.write().await?;
    let mut workload = access::workload_in(&mut write, caller, id, Permission::Delete).await?;
    workload.wanted = Wanted::Deleted;
    workload.expires_at = None;
    workload.ended_at = Some(now);
    workload.updated_at = now;
    write.update_workload(&mut workload).await?;
    let token = credentials::revoke_token(&mut write, id, now).await?;
    if let Some(mut running) = write.running_replacement(id).await? {
        running.progress = plan::cut_short(&running.progress, now);
        running.note = Some("the workload was deleted meanwhile".into());
        running.ended_at = Some(now);
        write.update_replacement(&mut running).await?;
    }
    let governed = deployments::release(&mut write, house, caller, id).await?;
    let text = format!("{} was deleted", workload.name);
    let event = NewEvent::on_workload(id, EventKind::WorkloadDeleted, text).by(caller.id());
    write.event(caller.org(), event, now, EventId::from_bytes(house.id()));
    let act = Act::on(AuditAction::WorkloadDelete, id);
    audit::done(&mut write, house, caller, act, Some(facts(&workload)), None);
    write.commit().await?;
    if let Some(token) = token {
        house.signed_in.remove_token(&token);
    }
    if let Some(deployment) = governed {
        house.routes.ungovern(&deployment);
    }
    house.controller.poke(id);
    Ok(())
}
