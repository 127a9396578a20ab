//! Artifacts: what workloads run. Repositories hold the versions, a draft is edited in place, a locked version
//! never changes.

pub mod artifact;
pub mod builds;
pub mod change;
pub mod code;
pub mod compare;
pub mod edit;
pub mod repositories;
pub mod repository;
pub mod tags;
pub mod uses;

use handover::model::{ArtifactRecord, ArtifactStatus, Permission};
use leptos::prelude::*;

use crate::components::chip::version_words;

/// Whether somebody with these permissions, as records show them, may do this.
pub(super) fn may(permissions: &[String], one: Permission) -> bool {
    permissions.iter().any(|word| word == "*" || word == one.word())
}

/// `v3`, or the name of a draft.
pub(super) fn short_name(artifact: &ArtifactRecord) -> String {
    match artifact.version {
        Some(version) => format!("v{version}"),
        None => format!("draft {}", artifact.name),
    }
}

/// Draft or locked, as a mark.
#[component]
pub(super) fn StateChip(status: ArtifactStatus, version: Option<i64>) -> impl IntoView {
    let class = if status == ArtifactStatus::Draft { "chip warn" } else { "chip" };
    view! { <span class=class>{version_words(status, version)}</span> }
}
