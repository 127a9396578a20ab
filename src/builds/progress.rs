//! One step of a build, and what the artifact shows of it.

use crate::{
    error::Error,
    house::House,
    model::{
        Artifact, ArtifactState, Build, BuildLine, BuildStatus, ContainerBuild, EventId, EventKind,
        NewEvent,
    },
    store::Write,
};

/// Lines of a build's log that are kept: room for what its attempts may write, and for how they ended.
pub(super) const MOST_LINES: i64 = 20_000;

/// Writes what a build shows into the containers it is for, and their images once it is completed. Says
/// whether that changed anything.
pub(super) fn show(artifact: &mut Artifact, build: &Build) -> bool {
    // A locked artifact never changes; what it runs was complete when it was locked.
    if artifact.state != ArtifactState::Draft {
        return false;
    }
    let mut changed = false;
    let groups = artifact.spec.container_groups.iter_mut();
    for container in groups.flat_map(|group| &mut group.containers) {
        let Some(source) = container.source().filter(|source| build.target(source).is_some())
        else {
            continue;
        };
        // An older build that comes to its end must not hide the newer one.
        let newer = |shown: &ContainerBuild| {
            shown.artifact_image_build_id != build.id && shown.created_at > build.created_at
        };
        if container.build.as_ref().is_some_and(newer) {
            continue;
        }
        let brief = Some(build.brief());
        changed |= container.build != brief;
        container.build = brief;
        if build.status == BuildStatus::Completed {
            let image = build.image_for(&source).map(str::to_owned);
            changed |= container.image_uri != image;
            container.image_uri = image;
        }
    }
    changed
}

/// Moves a build on: its status, its log and what the artifact shows, in this transaction.
pub(super) async fn advance(
    write: &mut Write<'_>,
    house: &House,
    build: &mut Build,
    status: BuildStatus,
    lines: &[BuildLine],
) -> Result<(), Error> {
    build.status = status;
    build.updated_at = house.now();
    write.update_build(build).await?;
    write.add_build_lines(build, lines, MOST_LINES).await?;
    if let Some(mut artifact) = write.artifact(&build.org_id, &build.artifact_id).await?
        && show(&mut artifact, build)
    {
        if status == BuildStatus::Completed {
            artifact.updated_at = house.now();
        }
        write.update_artifact(&mut artifact).await?;
    }
    Ok(())
}

/// The last step of a build.
pub(super) async fn end(
    write: &mut Write<'_>,
    house: &House,
    build: &mut Build,
    status: BuildStatus,
    lines: &[BuildLine],
) -> Result<(), Error> {
    advance(write, house, build, status, lines).await?;
    let text = format!("build {} of '{}' is {status}", build.id, build.name);
    let mut event = NewEvent::on_artifact(&build.artifact_id, EventKind::BuildEnded, text);
    if status != BuildStatus::Completed {
        event = event.warning();
    }
    note(write, house, build, event);
    Ok(())
}

/// Only the log.
pub(super) async fn write_down(
    house: &House,
    build: &Build,
    lines: &[BuildLine],
) -> Result<(), Error> {
    let mut write = house.store.write().await?;
    write.add_build_lines(build, lines, MOST_LINES).await?;
    write.commit().await?;
    Ok(())
}

pub(super) fn note(write: &mut Write<'_>, house: &House, build: &Build, event: NewEvent) {
    write.event(&build.org_id, event, house.now(), EventId::from_bytes(house.id()));
}
