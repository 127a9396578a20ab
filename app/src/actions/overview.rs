//! What can be changed in place on a workload's overview.

use handover::model::{TagId, WorkloadId};
use leptos::server;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// One of the fields that are edited in place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AboutField {
    #[default]
    Name,
    Description,
    Importance,
}

/// One field, as typed, and what it held when the form was made. Each has a form of its own on the page, and
/// its control a name of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AboutForm {
    pub field: AboutField,
    pub seen: String,
    pub name: String,
    pub description: String,
    pub importance: String,
}

impl AboutForm {
    /// What was typed.
    pub fn value(&self) -> &str {
        match self.field {
            AboutField::Name => &self.name,
            AboutField::Description => &self.description,
            AboutField::Importance => &self.importance,
        }
    }
}

/// A new tag, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TagForm {
    pub name: String,
    pub value: String,
}

#[server(prefix = "/_fn", endpoint = "edit-about")]
pub async fn edit_about(id: WorkloadId, about: AboutForm) -> Result<(), Refusal> {
    use crate::{context, pages::workload::overview::edit};
    let (house, caller) = context::door()?;
    let saved = edit::save(&house, caller, &id, &about).await;
    context::or_keep("about", &about, saved).await?;
    context::say(edit::said(about.field)).await;
    context::go(&edit::saved_path(&id, about.field));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "add-workload-tag")]
pub async fn add_workload_tag(id: WorkloadId, tag: TagForm) -> Result<(), Refusal> {
    use crate::{context, pages::workload::overview::edit};
    use handover::{model::NewTag, tags};
    let (house, caller) = context::door()?;
    let new = NewTag::new(tag.name.trim(), tag.value.trim());
    let added = tags::add(&house, &caller, &tags::On::Workload(id.clone()), new).await;
    context::or_keep("workload-tag", &tag, added.map_err(Refusal::from)).await?;
    context::say(format!("The tag {} was added.", tag.name.trim())).await;
    context::go(&edit::tags_path(&id));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "remove-workload-tag")]
pub async fn remove_workload_tag(id: WorkloadId, tag: TagId) -> Result<(), Refusal> {
    use crate::{context, pages::workload::overview::edit};
    use handover::tags;
    let (house, caller) = context::door()?;
    tags::remove(&house, &caller, &tags::On::Workload(id.clone()), &tag).await?;
    context::say("The tag was removed.").await;
    context::go(&edit::tags_path(&id));
    Ok(())
}
