//! Checking and saving what is in the editor.

use handover::{
    access::{Caller, Expected},
    artifacts,
    error::Error,
    house::House,
    model::{ArtifactId, ArtifactKind, ArtifactRecord, ArtifactStatus, EditArtifact, NewArtifact},
};

use super::{
    draft::{Act, Draft, Edition},
    sides::Stepped,
};
use crate::refusal::{Fault, Refusal};

/// What came of it.
pub enum Outcome {
    /// Stored under this id.
    Saved(ArtifactId),
    /// Not asked to be saved, or not possible.
    Open(Found),
}

/// What is wrong with what is typed, besides the sides not being in step.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// By path from the specification on; `name` is that of the artifact.
    pub faults: Vec<Fault>,
    /// What is wrong with all of it, as a sentence.
    pub refusal: Option<String>,
    /// Somebody else has saved this since.
    pub theirs: Option<Edition>,
}

impl Found {
    fn add(&mut self, error: Error) {
        let Refusal { message, fields } = error.into();
        if fields.is_empty() {
            self.refusal = Some(message);
        }
        self.faults.extend(fields.into_iter().map(|fault| {
            let field = fault.field.strip_prefix("spec.").unwrap_or(&fault.field).to_owned();
            Fault { field, ..fault }
        }));
    }
}

/// For a draft that exists. `artifact` is how it is now.
pub async fn edit(
    house: &House,
    caller: &Caller,
    artifact: &ArtifactRecord,
    draft: &Draft,
    stepped: &Stepped,
) -> Result<Outcome, Error> {
    let mut found = Found::default();
    let now = Edition::of(artifact);
    if draft.opened.as_ref() != Some(&now) {
        found.theirs = Some(now.clone());
    }
    let Some(spec) = ready(stepped, &mut found) else { return Ok(Outcome::Open(found)) };
    let may_save = match (&draft.act, &found.theirs) {
        (Act::Save, None) => true,
        (Act::Overwrite, theirs) => theirs.is_none() || draft.seen.as_ref() == theirs.as_ref(),
        _ => false,
    };
    if !may_save {
        let checked =
            artifacts::check_draft(house, caller, &artifact.id, draft.name.trim(), spec).await;
        checked.unwrap_or_else(|error| found.add(error));
        return Ok(Outcome::Open(found));
    }
    let wanted = EditArtifact {
        name: Some(draft.name.trim().to_owned()),
        description: Some(draft.description.trim().to_owned()),
        spec: Some(spec),
        ..EditArtifact::default()
    };
    // What was compared above is what may be replaced, and nothing newer.
    let expects = Expected { entity: artifact.id.to_string(), revisions: vec![artifact.revision] };
    let caller = Caller { expects: Some(expects), ..caller.clone() };
    match artifacts::edit(house, &caller, &artifact.id, wanted).await {
        Ok(saved) => Ok(Outcome::Saved(saved.id)),
        Err(error) => {
            found.add(error);
            Ok(Outcome::Open(found))
        }
    }
}

/// For one that does not exist yet.
pub async fn create(
    house: &House,
    caller: &Caller,
    draft: &Draft,
    stepped: &Stepped,
) -> Result<Outcome, Error> {
    let mut found = Found::default();
    let Some(spec) = ready(stepped, &mut found) else { return Ok(Outcome::Open(found)) };
    if !draft.act.saves() {
        let checked = artifacts::check_new(caller, draft.name.trim(), spec, ArtifactKind::Service);
        checked.unwrap_or_else(|error| found.add(error));
        return Ok(Outcome::Open(found));
    }
    let new = NewArtifact {
        name: draft.name.trim().to_owned(),
        spec,
        description: draft.description.trim().to_owned(),
        kind: ArtifactKind::Service,
        status: ArtifactStatus::Draft,
        artifact_repository_id: draft.repository.clone(),
    };
    match artifacts::create(house, caller, new).await {
        Ok(made) => Ok(Outcome::Saved(made.id)),
        Err(error) => {
            found.add(error);
            Ok(Outcome::Open(found))
        }
    }
}

/// The specification, when both sides agree on one that can be read.
fn ready(stepped: &Stepped, found: &mut Found) -> Option<handover::model::Spec> {
    if stepped.out.is_some() {
        return None;
    }
    match stepped.spec() {
        Ok(spec) => Some(spec),
        Err(faults) => {
            found.faults = faults;
            None
        }
    }
}
