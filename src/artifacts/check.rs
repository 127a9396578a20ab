//! What a save would be told, without saving: for whoever is still writing.
//!
//! Known limitation: whether credentials and uploaded code may be used is looked at when it is saved, inside the
//! transaction; here only the specification itself is.

use super::create::check;
use crate::{
    access::{self, Caller, may_create},
    creator::Creators,
    error::Error,
    house::House,
    model::{ArtifactId, ArtifactKind, EventKind, Permission, Spec, Timestamp, UserData},
    store::{EventFilter, Paging},
};

/// Checks what an edit of a draft would store.
///
/// # Errors
/// [`Error::Invalid`] with every wrong field, named as in the body of the edit; [`Error::Forbidden`] for what
/// the caller may not store.
pub async fn check_draft(
    house: &House,
    caller: &Caller,
    id: &ArtifactId,
    name: &str,
    mut spec: Spec,
) -> Result<(), Error> {
    let artifact = access::artifact(house, caller, id, Permission::Update).await?;
    check(caller, name, &mut spec, artifact.kind)
}

/// The same for an artifact that does not exist yet.
///
/// # Errors
/// As [`check_draft`].
pub fn check_new(
    caller: &Caller,
    name: &str,
    mut spec: Spec,
    kind: ArtifactKind,
) -> Result<(), Error> {
    may_create(caller)?;
    check(caller, name, &mut spec, kind)
}

/// An edit, and who made it; nobody when it happened by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub at: Timestamp,
    pub by: Option<UserData>,
}

/// The newest edit of an artifact; none when nobody has edited it since it was made.
///
/// # Errors
/// As for reading the artifact.
pub async fn last_change(
    house: &House,
    caller: &Caller,
    id: &ArtifactId,
) -> Result<Option<Change>, Error> {
    let id = access::artifact(house, caller, id, Permission::View).await?.id;
    let kinds = vec![EventKind::ArtifactEdited, EventKind::ArtifactLocked];
    let filter = EventFilter { artifact_id: Some(id), kinds, ..EventFilter::default() };
    let page = house.store.events(caller.org(), &filter, Paging::first(1)).await?;
    let Some(event) = page.items.into_iter().next() else { return Ok(None) };
    let by = match &event.actor_id {
        Some(actor) => Some(Creators::new(house).get(actor).await?),
        None => None,
    };
    Ok(Some(Change { at: event.at, by }))
}
