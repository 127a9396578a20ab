//! The state of the editor. Nothing of it is kept on the server: all that a person typed travels with the page and
//! comes back with every request, so that nothing is lost when a check fails, a save is refused, the server
//! restarts, or somebody else saves first.

use handover::model::{ArtifactRecord, RepositoryId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    sides::{Prefer, Sides, Stepped},
    typed::{Sent, Typed, TypedContainer},
};

/// What the person wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Look at what is typed.
    Check,
    Save,
    /// Save although somebody else saved in between; what they saved has been seen.
    Overwrite,
    AddContainer,
    RemoveContainer(usize),
    /// Of a container, by their places in the form.
    RemoveVariable(usize, usize),
    /// Empty all fields of a block of a container.
    Clear(usize, String),
    Take(Prefer),
}

impl Act {
    fn read(word: &str) -> Self {
        let mut parts = word.split(':');
        let kind = parts.next().unwrap_or_default();
        let mut number = || parts.next().and_then(|part| part.parse::<usize>().ok());
        match kind {
            "save" => Self::Save,
            "overwrite" => Self::Overwrite,
            "add" => Self::AddContainer,
            "remove" => number().map_or(Self::Check, Self::RemoveContainer),
            "unset" => match (number(), number()) {
                (Some(container), Some(row)) => Self::RemoveVariable(container, row),
                _ => Self::Check,
            },
            "clear" => match (number(), parts.next()) {
                (Some(container), Some(block)) => Self::Clear(container, block.to_owned()),
                _ => Self::Check,
            },
            "form" => Self::Take(Prefer::Form),
            "json" => Self::Take(Prefer::Json),
            _ => Self::Check,
        }
    }

    pub fn saves(&self) -> bool {
        matches!(self, Self::Save | Self::Overwrite)
    }
}

/// What people edit of an artifact, to see whether somebody else has. Builds write into a draft as well; what is
/// theirs is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Edition {
    pub name: String,
    pub description: String,
    pub spec: Value,
}

impl Edition {
    pub fn of(artifact: &ArtifactRecord) -> Self {
        Self {
            name: artifact.name.clone(),
            description: artifact.description.clone(),
            spec: without_images(stored(artifact)),
        }
    }

    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The specification as it is stored, without what only the server writes.
pub fn stored(artifact: &ArtifactRecord) -> Value {
    let mut spec = serde_json::to_value(&artifact.spec).unwrap_or_default();
    each_container(&mut spec, |one| drop(one.remove("build")));
    spec
}

fn without_images(mut spec: Value) -> Value {
    each_container(&mut spec, |one| {
        if one.contains_key("imageBuildConfig") {
            one.remove("imageUri");
        }
    });
    spec
}

fn each_container(spec: &mut Value, change: impl Fn(&mut serde_json::Map<String, Value>)) {
    let groups = spec.get_mut("containerGroups").and_then(Value::as_array_mut);
    for group in groups.into_iter().flatten() {
        let containers = group.get_mut("containers").and_then(Value::as_array_mut);
        containers.into_iter().flatten().filter_map(Value::as_object_mut).for_each(&change);
    }
}

/// Everything in the editor.
#[derive(Debug, Clone)]
pub struct Draft {
    pub name: String,
    pub description: String,
    pub sides: Sides,
    /// What there was when the editor was opened; none for a new artifact.
    pub opened: Option<Edition>,
    /// What somebody else has saved since, as far as the person has been shown it.
    pub seen: Option<Edition>,
    /// Where a new artifact goes; none for a repository of its own.
    pub repository: Option<RepositoryId>,
    pub act: Act,
}

impl Draft {
    /// An editor that is opened on a draft.
    pub fn open(artifact: &ArtifactRecord) -> Self {
        Self {
            name: artifact.name.clone(),
            description: artifact.description.clone(),
            sides: Sides::of(stored(artifact)),
            opened: Some(Edition::of(artifact)),
            seen: None,
            repository: None,
            act: Act::Check,
        }
    }

    /// An editor for something new.
    pub fn new(repository: Option<RepositoryId>, name: String) -> Self {
        let container = json!({ "name": "main", "primary": true, "port": 8080 });
        let spec = json!({ "containerGroups": [{ "name": "default", "containers": [container] }] });
        Self {
            name,
            description: String::new(),
            sides: Sides::of(spec),
            opened: None,
            seen: None,
            repository,
            act: Act::Check,
        }
    }

    /// What came back from an editor.
    pub fn read(sent: &Sent) -> Self {
        let edition = |name: &str| serde_json::from_str(&sent.text(name)).ok();
        let base = serde_json::from_str(&sent.text("base")).unwrap_or_default();
        Self {
            name: sent.text("name"),
            description: sent.text("description"),
            sides: Sides { base, typed: sent.typed(), json: sent.text("json") },
            opened: edition("opened"),
            seen: edition("seen"),
            repository: sent.text("repository").parse().ok(),
            act: Act::read(&sent.text("do")),
        }
    }

    /// Does what was asked for to the form, and brings both sides in step.
    pub fn step(&self) -> Stepped {
        let mut sides = self.sides.clone();
        let mut prefer = Prefer::Neither;
        match &self.act {
            Act::Check | Act::Save | Act::Overwrite => {}
            Act::AddContainer => sides.typed.containers.push(TypedContainer::blank()),
            Act::RemoveContainer(index) => remove_container(&mut sides.typed, *index),
            Act::RemoveVariable(index, row) => {
                let container = sides.typed.containers.get_mut(*index);
                if let Some(rows) = container.and_then(|one| one.variables.as_mut())
                    && *row < rows.len()
                {
                    rows.remove(*row);
                }
            }
            Act::Clear(index, block) => {
                if let Some(container) = sides.typed.containers.get_mut(*index) {
                    container.clear(block);
                }
            }
            Act::Take(which) => prefer = *which,
        }
        sides.step(prefer)
    }
}

fn remove_container(typed: &mut Typed, index: usize) {
    if index >= typed.containers.len() {
        return;
    }
    typed.containers.remove(index);
    typed.primary = match typed.primary {
        Some(primary) if primary == index => None,
        Some(primary) if primary > index => Some(primary - 1),
        other => other,
    };
}
