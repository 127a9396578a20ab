//! What was left with Docker by former servers on a data folder, known before Docker has been asked.

use std::path::Path;

use super::FOLDER;
use crate::engine::supervised::record::{self, PROTON, ProtonRecord, Wanted};

/// What a data folder holds of protons that are with Docker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    Nothing,
    /// Logs and records of those that are over.
    Past,
    /// Some are to run.
    Running,
}

impl Held {
    /// Reads the records of the folder.
    pub fn by(data_dir: &Path) -> Self {
        let Ok(found) = std::fs::read_dir(data_dir.join(FOLDER)) else { return Self::Nothing };
        let mut held = Self::Nothing;
        for folder in found.flatten() {
            let record: Option<ProtonRecord> = record::load(&folder.path(), PROTON);
            held = Self::Past;
            if record.is_some_and(|record| record.wanted == Wanted::Running) {
                return Self::Running;
            }
        }
        held
    }
}
