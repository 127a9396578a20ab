//! Status as a mark, a word and a colour; never the colour alone.

use handover::model::{ArtifactStatus, ProtonStatus, Track, WorkloadRecord, WorkloadStatus};
use leptos::prelude::*;

/// The colour of a status, as a class.
pub fn tone(status: WorkloadStatus) -> &'static str {
    match status {
        WorkloadStatus::Running => "chip go",
        WorkloadStatus::Errored | WorkloadStatus::Failed => "chip bad",
        WorkloadStatus::Stopped | WorkloadStatus::Terminated | WorkloadStatus::Unknown => "chip",
        WorkloadStatus::Stopping => "chip warn",
        _ => "chip next",
    }
}

/// What the status is called.
pub fn status_word(status: WorkloadStatus) -> &'static str {
    match status {
        WorkloadStatus::Running => "Running",
        WorkloadStatus::Errored | WorkloadStatus::Failed => "Errored",
        WorkloadStatus::Stopped => "Stopped",
        WorkloadStatus::Stopping => "Stopping",
        WorkloadStatus::Terminated => "Ended",
        WorkloadStatus::Unknown => "Unknown",
        WorkloadStatus::Submitted => "Submitted",
        _ => "Starting",
    }
}

fn mark(status: WorkloadStatus) -> &'static str {
    match status {
        WorkloadStatus::Running => "dot",
        WorkloadStatus::Errored | WorkloadStatus::Failed => "dot square",
        _ => "dot ring",
    }
}

#[component]
pub fn StatusChip(status: WorkloadStatus) -> impl IntoView {
    view! {
        <span class=tone(status)><span class=mark(status) aria-hidden="true"></span>{status_word(status)}</span>
    }
}

/// `Locked · v3`, or `Draft`.
pub fn version_words(status: ArtifactStatus, version: Option<i64>) -> String {
    match (status, version) {
        (ArtifactStatus::Draft, _) => "Draft".into(),
        (ArtifactStatus::Locked, Some(version)) => format!("Locked · v{version}"),
        (ArtifactStatus::Locked, None) => "Locked".into(),
    }
}

/// `v3`, or `draft`.
pub fn version_label(workload: &WorkloadRecord) -> String {
    match workload.artifact.version {
        Some(version) => format!("v{version}"),
        None => "draft".into(),
    }
}

/// How a proton is, in a word or two.
pub fn proton_words(track: &Track) -> &'static str {
    match track.status {
        ProtonStatus::Running => "running",
        ProtonStatus::Warming => "ready, no traffic",
        ProtonStatus::Draining => "draining",
        ProtonStatus::Stopping => "stopping",
        ProtonStatus::Stopped | ProtonStatus::Terminated => "stopped",
        ProtonStatus::Errored => "errored",
        _ => "starting",
    }
}
