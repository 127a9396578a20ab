//! Changing the settings of a workload.
//!
//! What is typed lives in the address of the page, so that a row more or less, a look at what the change would
//! do, "back" and a reload all work with scripts off and lose nothing.

use handover::model::WorkloadId;
use leptos::server;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// Replicas and resources, as typed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SettingsForm {
    /// The runtime that the form was made from, as JSON.
    pub seen: String,
    /// The runtime of somebody else that is knowingly put aside, as JSON.
    pub over: String,
    /// Not empty when the same settings are to be rolled out again.
    pub restart: String,
    /// `fixed` or `scaled`.
    pub scaling: String,
    pub replicas: String,
    pub policies: Vec<PolicyForm>,
    /// The id of a bundle; empty when each container says for itself.
    pub bundle: String,
    pub containers: Vec<ContainerForm>,
}

/// One row of the autoscaling table.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyForm {
    pub metric: String,
    pub target: String,
    pub min: String,
    pub max: String,
    /// Not shown, and kept.
    pub priority: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ContainerForm {
    pub name: String,
    pub cpu: String,
    pub memory: String,
}

#[server(prefix = "/_fn", endpoint = "settings")]
pub async fn change_settings(id: WorkloadId, form: SettingsForm) -> Result<(), Refusal> {
    use crate::{context, pages::workload::settings};
    use handover::model::Stage;
    let (house, caller) = context::door()?;
    match settings::save(&house, caller, &id, form).await? {
        Ok(record) => {
            if record.stage == Stage::Done.public_word() {
                context::say("The settings are saved. The next start uses them.").await;
            }
            context::go(&format!("/workloads/{id}"));
            Ok(())
        }
        Err((form, refusal)) => {
            context::keep(settings::KEPT, &form, &refusal, &settings::address(&id, &form)).await?;
            Err(refusal)
        }
    }
}

/// The same page with what was typed, after a `step`: `add` a policy, `remove.0`, or none: then only what the
/// change would do is told anew.
#[server(prefix = "/_fn", endpoint = "settings-form")]
pub async fn shape_settings(
    id: WorkloadId,
    form: SettingsForm,
    #[server(default)] step: String,
) -> Result<(), Refusal> {
    use crate::{context, pages::workload::settings};
    let (house, caller) = context::door()?;
    handover::settings::read(&house, &caller, &id).await?;
    context::go(&settings::address(&id, &settings::stepped(form, &step)));
    Ok(())
}
