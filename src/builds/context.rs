//! The archive that an engine builds from: the files of one version of code, written while it is read. A gigabyte
//! of code never is in memory, nor on the disk a second time.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Read, Write},
    path::PathBuf,
    sync::Arc,
};

use bytes::Bytes;
use tar::{Builder, EntryType, Header};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
};
use tokio_stream::wrappers::ReceiverStream;

use crate::{files::Contents, model::StoredFile};

/// Bytes that are sent at once, and how many of these may wait.
const PIECE: usize = 64 * 1024;
const WAITING: usize = 8;
/// The same for all files, so that a layer of them is the same as before when they are; not 1970, which some
/// archives can't hold.
const YEAR_2000: u64 = 946_684_800;

/// An archive on its way.
pub(super) struct Context {
    pub(super) bytes: ReceiverStream<io::Result<Bytes>>,
    writing: JoinHandle<io::Result<()>>,
}

impl Context {
    /// The files below `folder`, or at the top, and perhaps one more that is named here.
    pub(super) fn of(
        files: Vec<StoredFile>,
        contents: Arc<Contents>,
        folder: Option<&'static str>,
        more: Option<(&'static str, String)>,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        let writing = spawn_blocking(move || {
            let pieces = io::BufWriter::with_capacity(PIECE, Pieces(Some(sender.clone())));
            let mut archive = Builder::new(pieces);
            let Err(error) = write(&mut archive, &files, &contents, folder, more) else {
                return archive.into_inner()?.flush();
            };
            // Dropped, an archive is brought to its end, and half of the code would look like all of it.
            archive.get_mut().get_mut().0 = None;
            // Nobody may be listening.
            drop(sender.blocking_send(Err(io::Error::new(error.kind(), error.to_string()))));
            Err(error)
        });
        Self { bytes: ReceiverStream::new(receiver), writing }
    }

    /// Gives what is sent, and what says afterwards whether all of it could be read.
    pub(super) fn split(self) -> (ReceiverStream<io::Result<Bytes>>, Reading) {
        (self.bytes, Reading(self.writing))
    }
}

/// The end of an archive that was sent.
pub(super) struct Reading(JoinHandle<io::Result<()>>);

impl Reading {
    /// Why the code could not be read; none when that was not what went wrong.
    pub(super) async fn trouble(self) -> Option<io::Error> {
        let error = self.0.await.map_err(io::Error::other).flatten().err()?;
        // That nobody reads any more is no trouble of ours.
        (error.kind() != io::ErrorKind::BrokenPipe).then_some(error)
    }
}

fn write(
    archive: &mut Builder<impl Write>,
    files: &[StoredFile],
    contents: &Contents,
    folder: Option<&str>,
    more: Option<(&str, String)>,
) -> io::Result<()> {
    if let Some((name, text)) = more {
        let mut header = header(EntryType::Regular, 0o644, text.len() as u64);
        archive.append_data(&mut header, name, text.as_bytes())?;
    }
    let mut known: BTreeSet<PathBuf> = BTreeSet::new();
    for file in files {
        let path = folder.map_or_else(PathBuf::new, PathBuf::from).join(&file.path);
        // Folders that are not named are made by each engine as it likes.
        let above: Vec<PathBuf> = path.ancestors().skip(1).map(PathBuf::from).collect();
        for parent in above.into_iter().rev() {
            if !parent.as_os_str().is_empty() && known.insert(parent.clone()) {
                archive.append_data(
                    &mut header(EntryType::Directory, 0o755, 0),
                    &parent,
                    io::empty(),
                )?;
            }
        }
        let mode = if file.executable { 0o755 } else { 0o644 };
        let mut header = header(EntryType::Regular, mode, file.size);
        let content = fs::File::open(contents.path(&file.digest))?;
        if content.metadata()?.len() != file.size {
            return Err(io::Error::other(format!(
                "what is kept of {} is not all of it",
                file.path
            )));
        }
        archive.append_data(&mut header, &path, content.take(file.size))?;
    }
    Ok(())
}

fn header(kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(YEAR_2000);
    header
}

/// Sends what is written, until it is told that nothing more is to follow.
struct Pieces(Option<mpsc::Sender<io::Result<Bytes>>>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = Ok(Bytes::copy_from_slice(bytes));
        let sent = self.0.as_ref().is_some_and(|to| to.blocking_send(piece).is_ok());
        if sent { Ok(bytes.len()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Read, sync::Arc};

    use futures::StreamExt;

    use super::Context;
    use crate::{
        files::Contents,
        model::{FileDigest, StoredFile},
    };

    fn file(path: &str, digest: u8, size: u64, executable: bool) -> StoredFile {
        let digest = FileDigest::from_bytes(&[digest; 32]);
        StoredFile { path: path.to_owned(), digest, size, executable }
    }

    fn keep(contents: &Contents, digest: u8, content: &[u8]) {
        let path = contents.path(&FileDigest::from_bytes(&[digest; 32]));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    #[tokio::test]
    async fn the_archive_holds_every_file_with_its_path_its_bit_and_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let contents = Contents::open(folder.path()).unwrap();
        let large: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
        keep(&contents, 1, b"#!/bin/sh\n");
        keep(&contents, 2, &large);
        let long = format!("deep/{}/ü {}", "a".repeat(200), "b".repeat(200));
        let files = vec![
            file("bin/run", 1, 10, true),
            file("bin/note", 1, 10, false),
            file(&long, 2, 3_000_000, false),
        ];
        let more = Some(("Dockerfile", "FROM a\n".to_owned()));
        let (bytes, reading) = Context::of(files, Arc::new(contents), Some("code"), more).split();
        let pieces: Vec<_> = bytes.map(Result::unwrap).collect().await;
        assert!(pieces.iter().all(|piece| piece.len() <= 64 * 1024), "it comes in pieces");
        assert!(reading.trouble().await.is_none());
        let archive = pieces.concat();
        let mut seen = Vec::new();
        for entry in tar::Archive::new(&*archive).entries().unwrap() {
            let mut entry = entry.unwrap();
            let path = entry.path().unwrap().to_str().unwrap().to_owned();
            let mode = entry.header().mode().unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            seen.push((path, mode, content));
        }
        let run = b"#!/bin/sh\n".to_vec();
        let folder = |path: &str| (path.to_owned(), 0o755, Vec::new());
        let wanted = [
            ("Dockerfile".to_owned(), 0o644, b"FROM a\n".to_vec()),
            folder("code"),
            folder("code/bin"),
            ("code/bin/run".to_owned(), 0o755, run.clone()),
            ("code/bin/note".to_owned(), 0o644, run),
            folder("code/deep"),
            folder(&format!("code/deep/{}", "a".repeat(200))),
            (format!("code/{long}"), 0o644, large),
        ];
        assert_eq!(seen, wanted);
    }

    #[tokio::test]
    async fn code_that_can_not_be_read_breaks_off_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let contents = Arc::new(Contents::open(folder.path()).unwrap());
        keep(&contents, 1, b"short");
        for (digest, why) in [(1, "not all of it"), (2, "No such file")] {
            let files = vec![file("a", digest, 9, false)];
            let (bytes, reading) = Context::of(files, contents.clone(), None, None).split();
            let pieces: Vec<_> = bytes.collect().await;
            assert!(pieces.last().unwrap().is_err());
            assert!(reading.trouble().await.unwrap().to_string().contains(why));
        }
        // Nobody reads it.
        keep(&contents, 3, &vec![0; 5_000_000]);
        let files = vec![file("a", 3, 5_000_000, false)];
        let (bytes, reading) = Context::of(files, contents, None, None).split();
        drop(bytes);
        assert!(reading.trouble().await.is_none());
    }
}
