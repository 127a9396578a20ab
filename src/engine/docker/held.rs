//! What was left with Docker by former servers on a data folder, known before Docker has been asked.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::FOLDER;
use crate::engine::supervised::record::{self, PROTON, ProtonRecord, Wanted};

/// A file of the data folder.
const SOCKET: &str = "engine-socket.json";

/// Where the engine listened that a former server worked with. What runs there stays with it, even if another one
/// answers first today.
#[must_use]
pub fn former_socket(data_dir: &Path) -> Option<PathBuf> {
    record::load(data_dir, SOCKET)
}

pub(super) fn remember_socket(data_dir: &Path, socket: &Path) -> io::Result<()> {
    if former_socket(data_dir).as_deref() == Some(socket) {
        return Ok(());
    }
    record::create_folder(data_dir)?;
    record::save(data_dir, SOCKET, &socket)
}

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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Held, former_socket, remember_socket};

    #[test]
    fn the_socket_that_is_worked_with_is_remembered_and_the_last_one_counts() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(former_socket(folder.path()), None);
        assert_eq!(Held::by(folder.path()), Held::Nothing);
        for socket in ["/run/one.sock", "/run/one.sock", "/run/another.sock"] {
            remember_socket(folder.path(), Path::new(socket)).expect("a disk");
            assert_eq!(former_socket(folder.path()).as_deref(), Some(Path::new(socket)));
        }
        std::fs::write(folder.path().join(super::SOCKET), "no path").expect("a disk");
        assert_eq!(former_socket(folder.path()), None, "what can't be read is not guessed");
    }
}
