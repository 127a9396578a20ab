//! What ran before and after an entry of the history, long after it did.
//!
//! A proton keeps a copy of what it runs for as long as there is history, so the answer does not change when
//! the draft is edited later. Values of the environment and of probe headers are never told, only a fingerprint
//! by which two of them can be told apart: whoever may read the history need not be shown a secret.
//!
//! Known limitation: settings that were changed while nothing ran have no proton of their own. They are told
//! with the artifact as it is stored now, and say so ([`Ran::is_copy`]).

use super::read::find;
use crate::{
    access::Caller,
    audit,
    error::Error,
    house::House,
    model::{
        ArtifactId, OrgId, ProtonId, ReplacementId, ReplacementKind, Spec, WorkloadId,
        WorkloadRuntime,
    },
    workloads::create::label,
};

#[derive(Debug, Clone, PartialEq)]
pub struct Ran {
    /// `v3`, or `draft 2.0`.
    pub label: String,
    pub artifact_id: ArtifactId,
    pub spec: Spec,
    pub runtime: WorkloadRuntime,
    /// Exactly what ran; otherwise the artifact as it is stored now.
    pub is_copy: bool,
}

/// Both sides of an entry. A side is none when nothing is known of it any more.
#[derive(Debug, Clone, PartialEq)]
pub struct Sides {
    pub before: Option<Ran>,
    pub after: Option<Ran>,
}

/// # Errors
/// [`Error::NotFound`] as for reading the entry.
pub async fn ran(
    house: &House,
    caller: &Caller,
    workload: &WorkloadId,
    id: &ReplacementId,
) -> Result<Sides, Error> {
    let (of, _) = find(house, caller, workload, id).await?;
    let org = &of.org_id;
    let previous = of.previous_artifact.as_ref().unwrap_or(&of.candidate_artifact);
    let before = side(house, org, of.previous.as_ref(), previous, &of.previous_runtime).await?;
    // A promotion has no candidate: what ran goes on, under a number.
    let candidate = of.candidate.as_ref().or(of.previous.as_ref());
    let mut after = side(house, org, candidate, &of.candidate_artifact, &of.runtime).await?;
    if of.candidate.is_none()
        && let Some(after) = &mut after
    {
        after.runtime = of.runtime.clone();
        if of.kind == ReplacementKind::Promote
            && let Some(artifact) = house.store.artifact(org, &of.candidate_artifact).await?
        {
            after.label = label(&artifact);
        }
    }
    Ok(Sides { before, after })
}

async fn side(
    house: &House,
    org: &OrgId,
    proton: Option<&ProtonId>,
    artifact: &ArtifactId,
    runtime: &WorkloadRuntime,
) -> Result<Option<Ran>, Error> {
    let copy = match proton {
        Some(id) => house.store.proton(id).await?,
        None => None,
    };
    if let Some(copy) = copy {
        return Ok(hidden(house, &copy.snapshot.spec).map(|spec| Ran {
            label: copy.snapshot.label,
            artifact_id: copy.artifact_id,
            spec,
            runtime: copy.snapshot.runtime,
            is_copy: true,
        }));
    }
    let stored = house.store.artifact(org, artifact).await?;
    Ok(stored.and_then(|stored| {
        Some(Ran {
            label: label(&stored),
            artifact_id: stored.id.clone(),
            spec: hidden(house, &stored.spec)?,
            runtime: runtime.clone(),
            is_copy: false,
        })
    }))
}

/// A specification without what may be secret. None never happens: it reads what it has written.
fn hidden(house: &House, spec: &Spec) -> Option<Spec> {
    serde_json::from_value(audit::shown(house, spec)?).ok()
}
