//! What can be done with an artifact.

use handover::model::ArtifactRecord;

use super::{
    super::artifacts::{
        change::{Change, refusal},
        short_name,
    },
    asked::{Asked, Deed},
    entry::Entry,
};

pub(super) const DEEDS: [Deed<Option<Change>>; 11] = [
    Deed::new("Open the artifact", "show", "", None),
    Deed::new("Edit", "change image variables environment draft", "/edit", Some(Change::Edit)),
    Deed::new("Upload code for", "files build source draft", "/code", Some(Change::Edit)),
    Deed::new("Lock", "version freeze", "/lock", Some(Change::Lock)),
    Deed::new("Clone", "copy draft new version", "/clone", None),
    Deed::new("Compare", "versions differences", "/compare?pick=", None),
    Deed::new("Share the artifact", "access roles permissions", "/share", None),
    Deed::new("Tags of the artifact", "add remove label", "#tags", Some(Change::Tag)),
    Deed::new("New workload from", "create run", "/workloads/new?artifact=", None),
    Deed::new("All versions of", "repository drafts", "/repositories/", None),
    Deed::new("Delete the draft", "remove artifact", "/delete", Some(Change::Delete)),
];

pub(super) fn deeds(artifact: &ArtifactRecord, asked: Asked<'_>) -> Vec<Entry> {
    let called = match artifact.version {
        Some(_) => format!("{} {}", artifact.name, short_name(artifact)),
        None => format!("{}, draft", artifact.name),
    };
    let repository = &artifact.artifact_repository_id;
    asked.lines(&DEEDS, |deed| {
        let href = match deed.path {
            "/compare?pick=" => format!("/repositories/{repository}{}{}", deed.path, artifact.id),
            "/repositories/" => format!("{}{repository}", deed.path),
            "/workloads/new?artifact=" => format!("{}{}", deed.path, artifact.id),
            path => format!("/artifacts/{}{path}", artifact.id),
        };
        let why = deed.takes.and_then(|change| refusal(artifact, change));
        Entry::go(format!("{} {called}", deed.name), href).unless(why)
    })
}
