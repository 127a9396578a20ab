//! What can be done with deployments.

use handover::model::{DeploymentId, Importance, WorkloadId};
use leptos::server;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// A deployment as typed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeploymentForm {
    pub workload: String,
    pub name: String,
    pub description: String,
    pub importance: String,
}

#[server(prefix = "/_fn", endpoint = "create-deployment")]
pub async fn create_deployment(form: DeploymentForm) -> Result<(), Refusal> {
    use crate::context;
    use handover::{deployments, model::NewDeployment};
    let (house, caller) = context::door()?;
    let made = match form.workload.parse::<WorkloadId>() {
        Ok(workload_id) => {
            let new = NewDeployment {
                workload_id,
                name: Some(form.name.trim().to_owned()).filter(|name| !name.is_empty()),
                description: Some(form.description.trim().to_owned()),
                importance: form.importance.parse::<Importance>().ok(),
                approvers: None,
            };
            deployments::create(&house, &caller, new).await.map_err(Refusal::from)
        }
        Err(_) => Err(Refusal::at("workload", "choose a workload")),
    };
    let made = context::or_keep("create-deployment", &form, made).await?;
    context::say(format!("{} is deployed.", made.name)).await;
    context::go(&format!("/deployments/{}", made.id));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "edit-deployment")]
pub async fn edit_deployment(id: DeploymentId, form: DeploymentForm) -> Result<(), Refusal> {
    use crate::context;
    use handover::{deployments, model::EditDeployment};
    let (house, caller) = context::door()?;
    let wanted = EditDeployment {
        name: Some(form.name.trim().to_owned()),
        description: Some(form.description.trim().to_owned()),
        importance: form.importance.parse::<Importance>().ok(),
    };
    let edited = deployments::edit(&house, &caller, &id, wanted).await.map_err(Refusal::from);
    context::or_keep("edit-deployment", &form, edited).await?;
    context::say("Saved.").await;
    context::go(&format!("/deployments/{id}"));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "delete-deployment")]
pub async fn delete_deployment(id: DeploymentId) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    handover::deployments::delete(&house, &caller, &id).await?;
    context::say("The deployment is deleted. Its workload goes on running.").await;
    context::go("/deployments");
    Ok(())
}
