//! The contents of files, each once, under the SHA-256 of what it is.
//!
//! ```text
//! <data>/files/incoming/<n>        on its way in; emptied at every start
//!             /contents/ab/abcd…   complete: written, flushed, then renamed to here
//! ```

use std::{
    fs, io,
    io::Write,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use sha2::{Digest, Sha256};
use tokio::{sync::mpsc, task::spawn_blocking};

use crate::model::FileDigest;

/// Chunks that may wait for the disk.
const WAITING: usize = 8;

/// A folder of contents.
#[derive(Debug)]
pub struct Contents {
    incoming: PathBuf,
    kept: PathBuf,
    arrivals: AtomicU64,
}

/// Why something did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum ArrivalError {
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    /// The other side ended early, or sent what can't be read.
    #[error("{0}")]
    CutOff(String),
    #[error(transparent)]
    Disk(#[from] io::Error),
}

/// Something that came in and is not kept yet. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Arrival {
    path: PathBuf,
    file: fs::File,
    hash: Sha256,
    size: u64,
    most: u64,
    /// The first bytes, by which programs are known.
    head: Vec<u8>,
}

/// A content that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) digest: FileDigest,
    pub(super) size: u64,
    /// It begins like a program or a script. Some ways of uploading carry no permissions.
    pub(super) is_program: bool,
}

impl Contents {
    /// Uses the folder `files` of the data folder, and forgets what an earlier server had not finished.
    pub fn open(data_dir: &Path) -> io::Result<Self> {
        let folder = std::path::absolute(data_dir)?.join("files");
        let (incoming, kept) = (folder.join("incoming"), folder.join("contents"));
        match fs::remove_dir_all(&incoming) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        create(&incoming)?;
        create(&kept)?;
        Ok(Self { incoming, kept, arrivals: AtomicU64::new(0) })
    }

    /// Where a content is, if it is kept.
    pub fn path(&self, digest: &FileDigest) -> PathBuf {
        let name = digest.as_str();
        self.kept.join(&name[..2]).join(name)
    }

    /// Begins to take in at most `most` bytes. Blocks on the disk.
    pub(super) fn arrival(&self, most: u64) -> io::Result<Arrival> {
        let number = self.arrivals.fetch_add(1, Ordering::Relaxed);
        let path = self.incoming.join(number.to_string());
        let file = fs::File::options().read(true).write(true).create_new(true).open(&path)?;
        Ok(Arrival { path, file, hash: Sha256::new(), size: 0, most, head: Vec::new() })
    }

    /// Takes in a whole stream, without ever holding more than a few chunks of it.
    pub(super) async fn receive<E: std::fmt::Display>(
        &self,
        mut stream: impl Stream<Item = Result<Bytes, E>> + Unpin,
        most: u64,
    ) -> Result<Arrival, ArrivalError> {
        let mut arrival = self.arrival(most)?;
        let (chunks, mut waiting) = mpsc::channel::<Bytes>(WAITING);
        let writing = spawn_blocking(move || {
            while let Some(chunk) = waiting.blocking_recv() {
                arrival.write(&chunk)?;
            }
            Ok::<_, ArrivalError>(arrival)
        });
        let mut cut_off = None;
        while let Some(chunk) = stream.next().await {
            match chunk {
                // The writer ends early only with an error of its own, which is told below.
                Ok(chunk) => {
                    if chunks.send(chunk).await.is_err() {
                        break;
                    }
                }
                Err(error) => {
                    cut_off = Some(error.to_string());
                    break;
                }
            }
        }
        drop(chunks);
        let arrival = writing.await.map_err(io::Error::other)??;
        cut_off.map_or(Ok(arrival), |why| Err(ArrivalError::CutOff(why)))
    }

    /// Keeps what has arrived. Blocks on the disk.
    pub(super) fn keep(&self, arrival: Arrival) -> io::Result<Kept> {
        let digest = FileDigest::from_bytes(&arrival.hash.clone().finalize().into());
        let kept = Kept {
            is_program: arrival.head.starts_with(b"#!") || arrival.head.starts_with(b"\x7fELF"),
            size: arrival.size,
            digest,
        };
        let path = self.path(&kept.digest);
        let folder = path.parent().unwrap_or(&self.kept);
        create(folder)?;
        arrival.file.sync_all()?;
        // Also when it is there already: the new one is younger, and so safe from being tidied away.
        fs::rename(&arrival.path, &path)?;
        fs::File::open(folder)?.sync_all()?;
        Ok(kept)
    }

    /// Removes what `unneeded` says, among contents that are older than `seconds`. Blocks on the disk.
    pub(super) fn sweep(
        &self,
        now: std::time::SystemTime,
        age: std::time::Duration,
        unneeded: impl Fn(&FileDigest) -> bool,
    ) -> io::Result<u64> {
        let mut removed = 0;
        for folder in fs::read_dir(&self.kept)? {
            for found in fs::read_dir(folder?.path())? {
                let found = found?;
                let digest = found.file_name().to_str().and_then(|name| name.parse().ok());
                let Some(digest) = digest else { continue };
                let written = found.metadata()?.modified()?;
                let old = now.duration_since(written).is_ok_and(|passed| passed > age);
                if old && unneeded(&digest) {
                    fs::remove_file(found.path())?;
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}

impl Arrival {
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), ArrivalError> {
        self.size += bytes.len() as u64;
        if self.size > self.most {
            return Err(ArrivalError::TooLarge(self.most));
        }
        let wanted = 4_usize.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..wanted]);
        self.hash.update(bytes);
        self.file.write_all(bytes)?;
        Ok(())
    }

    /// Bytes so far.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// What has arrived, to be read as an archive.
    pub(super) fn reader(&self) -> io::Result<fs::File> {
        fs::File::open(&self.path)
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        // Kept ones have been renamed, and their old path leads nowhere.
        fs::remove_file(&self.path).ok();
    }
}

fn create(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, fs};

    use bytes::Bytes;
    use futures::stream;

    use super::{ArrivalError, Contents};

    fn chunks(parts: &[&'static str]) -> Vec<Result<Bytes, Infallible>> {
        parts.iter().map(|part| Ok(Bytes::from_static(part.as_bytes()))).collect()
    }

    #[tokio::test]
    async fn what_arrives_is_kept_once_under_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let contents = Contents::open(folder.path()).unwrap();
        let first = contents.receive(stream::iter(chunks(&["#", "!a", "bc"])), 5).await.unwrap();
        let first = contents.keep(first).unwrap();
        assert_eq!((first.size, first.is_program), (5, true));
        assert_eq!(fs::read(contents.path(&first.digest)).unwrap(), b"#!abc");
        let again = contents.receive(stream::iter(chunks(&["#!abc"])), 5).await.unwrap();
        assert_eq!(contents.keep(again).unwrap(), first);

        let more = contents.receive(stream::iter(chunks(&["12345", "6"])), 5).await;
        assert!(matches!(more, Err(ArrivalError::TooLarge(5))));
        let broken = stream::iter(vec![Ok(Bytes::from_static(b"1")), Err("gone")]);
        let broken = contents.receive(broken, 5).await;
        assert!(matches!(broken, Err(ArrivalError::CutOff(_))));
        let left = fs::read_dir(folder.path().join("files/incoming")).unwrap().count();
        assert_eq!(left, 0, "nothing stays of what was not kept");
    }
}
