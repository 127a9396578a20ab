//! One server per data folder. Two would fight over the same replicas.
//!
//! The folder also remembers which server it belongs to, so that one that was killed takes its own lease
//! back at once when it starts again.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use handover::random::{Random, hex};

use rustix::fs::{FlockOperation, flock};

/// Held as long as the server runs; the system lets go of it even after `kill -9`.
#[derive(Debug)]
pub(crate) struct DataLock {
    _file: File,
    server: String,
}

impl DataLock {
    /// Takes the folder, making it when it is missing.
    ///
    /// # Errors
    /// When another server holds it, or it can't be written.
    pub(crate) fn take(folder: &Path, random: &dyn Random) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let file = File::create(folder.join("lock"))?;
        flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
            io::Error::new(
                io::ErrorKind::AlreadyExists,
                format!(
                    "another handover server uses the folder {}; stop it, or choose another --data-dir",
                    folder.display()
                ),
            )
        })?;
        let name = folder.join("server-id");
        let server = match fs::read_to_string(&name) {
            Ok(known) if !known.trim().is_empty() => known.trim().to_owned(),
            _ => {
                let new = hex(random, 12);
                fs::write(&name, &new)?;
                new
            }
        };
        Ok(Self { _file: file, server })
    }

    /// The same at every start of this folder's server, and no other's.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }
}
