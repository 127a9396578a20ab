//! What can be done with a workload, and with the replacement that it is in.

use handover::model::{Action, ReplacementRecord, WorkloadRecord};
use leptos::server_fn::ServerFn;

use super::{
    asked::{Asked, Deed},
    entry::Entry,
};
use crate::{
    actions::{Extend, Steer},
    components::{
        chip::status_word,
        header::{refusal, share_refusal},
        rollout::{is_over, steering},
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Whoever sees it may.
    Nothing,
    This(Action),
    Sharing,
    /// It moves a replacement, at once.
    Rollout(Action),
}
use Takes::{Nothing, Rollout, Sharing, This};

pub(super) const DEEDS: [Deed<Takes>; 31] = [
    Deed::new("Open", "overview show", "", Nothing),
    Deed::new(
        "Replace artifact of",
        "roll out rollout deploy update version",
        "/replace",
        This(Action::Replace),
    ),
    Deed::new(
        "Switch now to the new version of",
        "traffic skip warm-up",
        "",
        Rollout(Action::Switch),
    ),
    Deed::new(
        "Switch back to the old version of",
        "roll rollback undo revert traffic",
        "",
        Rollout(Action::Rollback),
    ),
    Deed::new("Hold the switch of", "pause wait traffic", "", Rollout(Action::Hold)),
    Deed::new("Release the hold of", "continue traffic", "", Rollout(Action::Release)),
    Deed::new(
        "Wait longer in the replacement of",
        "extend more minutes",
        "",
        Rollout(Action::Extend),
    ),
    Deed::new("Finish the replacement of", "end old version", "", Rollout(Action::Finish)),
    Deed::new("Cancel the replacement of", "abort rollout rolling", "", Rollout(Action::Cancel)),
    Deed::new("Promote", "lock production", "/promote", This(Action::Promote)),
    Deed::new("Start", "activate run", "/start", This(Action::Start)),
    Deed::new("Stop", "deactivate halt", "/stop", This(Action::Stop)),
    Deed::new("Restart", "same settings again", "/settings", This(Action::Settings)),
    Deed::new(
        "Settings of",
        "replicas scale autoscaling memory cpu size bundle edit change",
        "/settings",
        This(Action::Settings),
    ),
    Deed::new(
        "Rename or describe",
        "edit name description importance details",
        "/settings#details",
        This(Action::Edit),
    ),
    Deed::new("Tags of", "add remove label edit", "#tags", This(Action::Edit)),
    Deed::new("Share", "access roles permissions people", "/share", Sharing),
    Deed::new("Explain the access to", "why who may permissions", "/share/why", Sharing),
    Deed::new("Deploy", "create new deployment govern", "/deployments/new?workload=", Nothing),
    Deed::new("Endpoint of", "try call request curl python invoke address", "/endpoint", Nothing),
    Deed::new(
        "Monitoring of",
        "health requests errors latency response chart",
        "/monitoring",
        Nothing,
    ),
    Deed::new(
        "Resources of",
        "monitoring cpu memory usage chart",
        "/monitoring/resources",
        Nothing,
    ),
    Deed::new("Metrics of", "monitoring otel telemetry", "/monitoring/metrics", Nothing),
    Deed::new("Clear statistics of", "reset monitoring", "/clear-statistics", This(Action::Edit)),
    Deed::new("History of", "versions replacements roll back rollback", "/history", Nothing),
    Deed::new("Compare the history of", "versions differences", "/history/compare", Nothing),
    Deed::new("Activity of", "events", "/activity", Nothing),
    Deed::new("Logs of", "output lines activity", "/activity/logs", Nothing),
    Deed::new("Audit log of", "changes who activity", "/activity/audit", Nothing),
    Deed::new("Artifact of", "version image edit clone lock", "/artifacts/", Nothing),
    Deed::new("Delete", "remove", "/delete", This(Action::Delete)),
];

pub(super) fn opened(workload: &WorkloadRecord) -> Entry {
    let href = format!("/workloads/{}", workload.id);
    Entry::go(&workload.name, href).note(status_word(workload.status))
}

pub(super) fn deeds(workload: &WorkloadRecord, asked: Asked<'_>) -> Vec<Entry> {
    let running = workload.replacement.as_ref().filter(|record| !is_over(record));
    asked.lines(&DEEDS, |deed| entry(workload, running, deed))
}

fn entry(
    workload: &WorkloadRecord,
    running: Option<&ReplacementRecord>,
    deed: &Deed<Takes>,
) -> Entry {
    let label = format!("{} {}", deed.name, workload.name);
    let href = match deed.path {
        "/deployments/new?workload=" => format!("{}{}", deed.path, workload.id),
        "/artifacts/" => format!("{}{}", deed.path, workload.artifact_id),
        path => format!("/workloads/{}{path}", workload.id),
    };
    match (deed.takes, running) {
        (Nothing, _) => Entry::go(label, href),
        (This(action), _) => Entry::go(label, href).unless(refusal(&workload.allowed, action)),
        (Sharing, _) => Entry::go(label, href).unless(share_refusal(workload)),
        (Rollout(_), None) => {
            Entry::go(label, href).unless(Some("nothing of it is being replaced".into()))
        }
        (Rollout(action), Some(record)) => match refusal(&record.allowed, action) {
            Some(why) => Entry::go(label, href).unless(Some(why)),
            None => steer(workload, record, action, label),
        },
    }
}

fn steer(
    workload: &WorkloadRecord,
    record: &ReplacementRecord,
    action: Action,
    label: String,
) -> Entry {
    let id = ("id", workload.id.to_string());
    let entry = match action {
        Action::Extend => {
            let minutes = ("minutes", steering::MORE_MINUTES.to_string());
            Entry::send(label, Extend::url(), vec![id, minutes])
        }
        _ => Entry::send(label, Steer::url(), vec![id, ("action", action.word().to_owned())]),
    };
    entry.note(steering::said(record, action))
}
