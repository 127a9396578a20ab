//! What can be done with an artifact.

use handover::model::ArtifactId;
use leptos::server;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// The usual fields of a draft, as typed; the rest of its specification stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ArtifactForm {
    pub name: String,
    pub description: String,
    pub image: String,
    pub port: String,
    pub entrypoint: String,
    pub env: String,
    pub readiness: String,
}

/// The whole specification of a draft as JSON, as typed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SpecForm {
    pub spec: String,
}

#[server(prefix = "/_fn", endpoint = "clone-artifact")]
pub async fn clone_artifact(id: ArtifactId, name: String) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    let copy = handover::artifacts::clone(&house, &caller, &id, name).await?;
    context::go(&format!("/artifacts/{}/edit", copy.id));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "lock-artifact")]
pub async fn lock_artifact(id: ArtifactId) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    handover::artifacts::lock(&house, &caller, &id).await?;
    context::go(&format!("/artifacts/{id}"));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "delete-artifact")]
pub async fn delete_artifact(id: ArtifactId) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    handover::artifacts::delete(&house, &caller, &id).await?;
    context::go("/artifacts");
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "edit-artifact")]
pub async fn edit_artifact(id: ArtifactId, form: ArtifactForm) -> Result<(), Refusal> {
    use crate::{context, pages::forms};
    let (house, caller) = context::door()?;
    let artifact = handover::artifacts::get(&house, &caller, &id).await?;
    let edited = match forms::edited_artifact(&form, artifact.spec) {
        Ok(edit) => handover::artifacts::edit(&house, &caller, &id, edit)
            .await
            .map_err(|error| forms::artifact_faults(error.into())),
        Err(refusal) => Err(refusal),
    };
    context::or_keep("edit-artifact", &form, edited).await?;
    context::go(&format!("/artifacts/{id}"));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "edit-artifact-spec")]
pub async fn edit_artifact_spec(id: ArtifactId, form: SpecForm) -> Result<(), Refusal> {
    use crate::{context, pages::forms};
    let (house, caller) = context::door()?;
    let edited = match forms::spec(&form.spec) {
        Ok(edit) => handover::artifacts::edit(&house, &caller, &id, edit)
            .await
            .map_err(|error| forms::under_spec(error.into())),
        Err(refusal) => Err(refusal),
    };
    context::or_keep("edit-artifact-spec", &form, edited).await?;
    context::go(&format!("/artifacts/{id}"));
    Ok(())
}
