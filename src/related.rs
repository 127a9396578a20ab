//! What has to do with a workload (rules.md §9): what it runs, is about to run and could go back to, the
//! repositories of these, and its protons that are alive. Something that the caller may not see is named by
//! its id alone.

use crate::{
    access::{self, Caller},
    creator::Creators,
    error::Error,
    house::House,
    model::{
        Artifact, ArtifactRepository, Permission, Permissions, Related, RelatedDetails,
        RelatedKind, Timestamp, UserId, WorkloadId,
    },
};

pub async fn list(house: &House, caller: &Caller, id: &WorkloadId) -> Result<Vec<Related>, Error> {
    let store = &house.store;
    let workload = access::workload(house, caller, id, Permission::View).await?;
    let held = access::held(store, caller, &workload).await?;
    let mut wanted = vec![workload.artifact_id];
    if let Some(running) = store.running_replacement(id).await? {
        wanted.push(running.candidate_artifact);
        wanted.extend(running.previous_artifact);
    }
    let mut artifacts: Vec<Artifact> = Vec::new();
    let mut repositories: Vec<ArtifactRepository> = Vec::new();
    for id in wanted {
        if artifacts.iter().any(|known| known.id == id) {
            continue;
        }
        let Some(artifact) = store.artifact(caller.org(), &id).await? else { continue };
        if !repositories.iter().any(|known| known.id == artifact.repository_id) {
            repositories.extend(store.repository(caller.org(), &artifact.repository_id).await?);
        }
        artifacts.push(artifact);
    }
    let mut people = Creators::new(house);
    let mut all = Vec::new();
    for artifact in artifacts {
        // Whoever views a workload views what it runs.
        let view = Permissions::of(&[Permission::View]);
        let about = About {
            held: access::held(store, caller, &artifact).await?.and(view),
            name: artifact.name,
            creator: artifact.creator_id,
            created_at: artifact.created_at,
            updated_at: artifact.updated_at,
        };
        all.push(tell(&mut people, RelatedKind::Artifact, artifact.id.to_string(), about).await?);
    }
    for repository in repositories {
        let about = About {
            held: access::held(store, caller, &repository).await?,
            name: repository.name,
            creator: repository.creator_id,
            created_at: repository.created_at,
            updated_at: repository.updated_at,
        };
        let id = repository.id.to_string();
        all.push(tell(&mut people, RelatedKind::Repository, id, about).await?);
    }
    for proton in store.live_protons_of(id).await? {
        let about = About {
            held,
            name: proton.name,
            creator: proton.creator_id,
            created_at: proton.created_at,
            updated_at: proton.updated_at,
        };
        all.push(tell(&mut people, RelatedKind::Proton, proton.id.to_string(), about).await?);
    }
    Ok(all)
}

/// What one who may view it is told.
struct About {
    held: Permissions,
    name: String,
    creator: UserId,
    created_at: Timestamp,
    updated_at: Timestamp,
}

async fn tell(
    people: &mut Creators<'_>,
    kind: RelatedKind,
    id: String,
    about: About,
) -> Result<Related, Error> {
    if !about.held.holds(Permission::View) {
        return Ok(Related { id, kind, details: None });
    }
    let details = RelatedDetails {
        name: about.name,
        created_at: about.created_at,
        updated_at: about.updated_at,
        creator: people.get(&about.creator).await?,
        permissions: about.held.words(),
    };
    Ok(Related { id, kind, details: Some(details) })
}
