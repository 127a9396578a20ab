//! One thing done to several workloads, one after the other. Each is its own use case with its own entry in the
//! audit trail: what is refused for one leaves the others done, and the answer says which is which.

use handover::model::WorkloadId;
use leptos::server;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// What can be done to several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Many {
    Start,
    Stop,
    Share,
    Delete,
}

impl Many {
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "start" => Some(Self::Start),
            "stop" => Some(Self::Stop),
            "share" => Some(Self::Share),
            "delete" => Some(Self::Delete),
            _ => None,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Share => "share",
            Self::Delete => "delete",
        }
    }

    /// What has become of one to which it was done.
    pub fn done(self) -> &'static str {
        match self {
            Self::Start => "is starting",
            Self::Stop => "is stopping",
            Self::Share => "is shared as you said",
            Self::Delete => "is deleted",
        }
    }
}

/// One confirmation for all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkForm {
    pub action: Many,
    pub ids: Vec<WorkloadId>,
    /// The list that they were chosen on.
    #[serde(default)]
    pub back: String,
    /// For a deletion: the names of those that matter, in the order in which they were asked for.
    #[serde(default)]
    pub typed: Vec<Typed>,
    /// For sharing: `user`, `organization`, or `group:` and its id.
    #[serde(default)]
    pub recipient: String,
    #[serde(default)]
    pub username: String,
    #[serde(default)]
    pub role: String,
}

/// The name of a workload, typed to be sure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    pub id: WorkloadId,
    #[serde(default)]
    pub name: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    pub action: Many,
    pub back: String,
    pub all: Vec<Outcome>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub id: WorkloadId,
    pub name: String,
    /// None when it was done.
    pub refusal: Option<String>,
}

/// Where the session keeps the newest [`Outcomes`].
#[cfg(feature = "ssr")]
pub const OUTCOMES: &str = "bulk";

#[server(prefix = "/_fn", endpoint = "bulk-workloads")]
pub async fn bulk_workloads(form: BulkForm) -> Result<(), Refusal> {
    use crate::{context, pages::workloads::several};
    let (house, caller) = context::door()?;
    let made = several::run(&house, &caller, &form).await;
    let outcomes = context::or_keep("bulk-workloads", &form, made).await?;
    if let Some(words) = several::in_a_line(&outcomes) {
        context::say(words).await;
        context::go(context::own_path(&form.back));
        return Ok(());
    }
    let kept = context::session()?.insert(OUTCOMES, &outcomes).await;
    if kept.is_err() {
        return Err(Refusal::new(
            "It was done for some and refused for others, and what came of each could not be kept: look at the list.",
        ));
    }
    context::go("/workloads/bulk/done");
    Ok(())
}
