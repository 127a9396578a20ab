//! What can be done with artifacts, their repositories, their tags and their builds.

use handover::model::{ArtifactId, BuildId, RepositoryId, TagId};
use leptos::server;

use crate::refusal::Refusal;

#[server(prefix = "/_fn", endpoint = "clone-artifact")]
pub async fn clone_artifact(id: ArtifactId, name: String) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    let copy = handover::artifacts::clone(&house, &caller, &id, name.clone()).await;
    let copy = context::or_keep("clone-artifact", &name, copy.map_err(Into::into)).await?;
    context::say("Cloned: this is the new draft.").await;
    context::go(&format!("/artifacts/{}/edit", copy.id));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "lock-artifact")]
pub async fn lock_artifact(id: ArtifactId) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    let locked = handover::artifacts::lock(&house, &caller, &id).await?;
    let version = locked.version.unwrap_or_default();
    context::say(format!("Locked as v{version}. It never changes from now on.")).await;
    context::go(&format!("/artifacts/{id}"));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "delete-artifact")]
pub async fn delete_artifact(id: ArtifactId) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    let artifact = handover::artifacts::get(&house, &caller, &id).await?;
    handover::artifacts::delete(&house, &caller, &id).await?;
    context::say(format!("The draft {} is deleted.", artifact.name)).await;
    context::go(&format!("/repositories/{}?status=draft", artifact.artifact_repository_id));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "delete-repository")]
pub async fn delete_repository(id: RepositoryId) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    handover::repositories::delete(&house, &caller, &id).await?;
    context::say("The repository and all that was in it is deleted.").await;
    context::go("/artifacts");
    Ok(())
}

/// `of` is what carries the tag: `artifact` or `repository`.
#[server(prefix = "/_fn", endpoint = "add-tag")]
pub async fn add_tag(
    of: String,
    id: String,
    name: String,
    #[server(default)] value: String,
) -> Result<(), Refusal> {
    use crate::context;
    use handover::{model::NewTag, tags};
    let (house, caller) = context::door()?;
    let (on, back) = tagged(&of, &id)?;
    tags::add(&house, &caller, &on, NewTag::new(name.trim(), value.trim())).await?;
    context::go(&back);
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "remove-tag")]
pub async fn remove_tag(of: String, id: String, tag: TagId) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    let (on, back) = tagged(&of, &id)?;
    handover::tags::remove(&house, &caller, &on, &tag).await?;
    context::go(&back);
    Ok(())
}

/// What carries the tag, and its page.
#[cfg(feature = "ssr")]
fn tagged(of: &str, id: &str) -> Result<(handover::tags::On, String), Refusal> {
    use handover::{error::Error, tags::On};
    let unknown = |noun| Refusal::from(Error::NotFound(noun));
    match of {
        "artifact" => {
            let id: ArtifactId = id.parse().map_err(|_| unknown("artifact"))?;
            let back = format!("/artifacts/{id}");
            Ok((On::Artifact(id), back))
        }
        _ => {
            let id: RepositoryId = id.parse().map_err(|_| unknown("artifact repository"))?;
            let back = format!("/repositories/{id}");
            Ok((On::Repository(id), back))
        }
    }
}

#[server(prefix = "/_fn", endpoint = "start-build")]
pub async fn start_build(id: ArtifactId) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    let builds = handover::builds::start(&house, &caller, &id).await?;
    match builds.first() {
        Some(build) => context::go(&format!("/artifacts/{id}/builds/{build}")),
        None => context::go(&format!("/artifacts/{id}")),
    }
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "cancel-build")]
pub async fn cancel_build(id: ArtifactId, build: BuildId) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    handover::builds::cancel(&house, &caller, &id, &build).await?;
    context::say("The build is cancelled.").await;
    context::go(&format!("/artifacts/{id}/builds/{build}"));
    Ok(())
}
