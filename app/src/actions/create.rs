//! Making workloads.

use leptos::server;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// "New workload", as typed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkloadForm {
    pub name: String,
    pub description: String,
    pub importance: String,
    /// `existing` for an artifact that is there; anything else describes a new one.
    pub source: String,
    /// What existing artifacts are looked for by, and what those that are shown were found by.
    pub find: String,
    pub found: String,
    pub artifact_id: String,
    pub image: String,
    pub port: String,
    pub entrypoint: String,
    pub env: String,
    pub readiness: String,
    pub replicas: String,
    /// A bundle; empty for what is typed below.
    pub bundle: String,
    pub cpu: String,
    pub memory: String,
    /// The button that only looks for artifacts was pressed.
    pub look: String,
}

impl WorkloadForm {
    pub fn is_existing(&self) -> bool {
        self.source == "existing"
    }

    /// Whether it was sent to find artifacts, and not yet to make a workload: by the button, or by Enter in the
    /// search field.
    pub fn looks(&self) -> bool {
        let typed = self.is_existing() && self.artifact_id.is_empty() && self.find != self.found;
        !self.look.is_empty() || typed
    }
}

/// A small draft workload from the binary itself, for the first five minutes.
#[server(prefix = "/_fn", endpoint = "create-demo")]
pub async fn create_demo() -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    let workload = handover::workloads::create_demo(&house, &caller).await?;
    context::go(&format!("/workloads/{}", workload.id));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "create-workload")]
pub async fn create_workload(form: WorkloadForm) -> Result<(), Refusal> {
    use crate::{context, pages::workloads::typed};
    let (house, caller) = context::door()?;
    if form.looks() {
        let form = WorkloadForm { source: "existing".into(), look: String::new(), ..form };
        context::go("/workloads/new");
        // Nothing is refused, but everything that was typed comes back.
        let back = context::or_keep("create-workload", &form, Err::<(), _>(Refusal::default()));
        let _: Result<(), Refusal> = back.await;
        return Ok(());
    }
    let made = match typed::new_workload(&house, &caller, &form).await {
        Ok(wanted) => handover::workloads::create(&house, &caller, wanted)
            .await
            .map_err(|error| typed::at_fields(error.into())),
        Err(refusal) => Err(refusal),
    };
    let workload = context::or_keep("create-workload", &form, made).await?;
    context::go(&format!("/workloads/{}", workload.id));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::WorkloadForm;

    #[test]
    fn enter_in_the_search_field_looks_and_a_choice_creates() {
        let form = WorkloadForm {
            source: "existing".into(),
            find: "checkout".into(),
            ..WorkloadForm::default()
        };
        assert!(form.looks());
        let found = WorkloadForm { found: "checkout".into(), ..form.clone() };
        assert!(!found.looks(), "the same text was looked for already");
        assert!(WorkloadForm { look: "1".into(), ..found }.looks());
        let chosen = WorkloadForm { artifact_id: "a".into(), ..form.clone() };
        assert!(!chosen.looks());
        assert!(!WorkloadForm { source: "new".into(), ..form }.looks());
    }
}
