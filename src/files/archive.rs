//! Zip archives. Nothing an archive says about itself is believed: names are checked like any other, and what
//! comes out is counted while it comes out, so that a small archive can't fill the disk.
//!
//! Known limitation: symbolic links and encrypted entries are refused rather than left out, because a
//! version without them would not be what was packed. Empty folders are not kept.

use std::{io::Read, sync::Arc};

use zip::{ZipArchive, result::ZipError};

use super::{
    Arrival, ArrivalError, Contents, LARGEST_FILE, LARGEST_VERSION, MOST_FILES, on_disk,
    path::relative,
};
use crate::{error::Error, model::StoredFile};

/// Code shrinks to a tenth, seldom to a fiftieth; what grows more than this is made to do harm, unless it
/// is small anyway.
const MOST_GROWTH: u64 = 200;
const SMALL: u64 = 16 * 1024 * 1024;
const CHUNK: usize = 64 * 1024;

/// Whether this is a zip archive at all.
pub(super) fn is_archive(arrival: &Arrival) -> bool {
    arrival.reader().is_ok_and(|file| ZipArchive::new(file).is_ok())
}

/// Keeps the content of every file in the archive. Blocks on the disk.
pub(super) fn unpack(
    contents: &Arc<Contents>,
    arrival: &Arrival,
) -> Result<Vec<StoredFile>, Error> {
    let mut archive = ZipArchive::new(arrival.reader().map_err(on_disk)?).map_err(unreadable)?;
    // Folders are entries too.
    if archive.len() > 2 * MOST_FILES {
        return Err(refused(&format!("it has more than {MOST_FILES} files")));
    }
    let most = LARGEST_VERSION.min(SMALL.max(arrival.size().saturating_mul(MOST_GROWTH)));
    let mut left = most;
    let mut files: Vec<StoredFile> = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(unreadable)?;
        let name = entry.name().map_err(unreadable)?.into_owned();
        if entry.is_dir() {
            continue;
        }
        if entry.is_symlink() {
            return Err(refused(&format!("'{name}' is a symbolic link")));
        }
        let path = relative(&name).map_err(|why| refused(&why))?;
        let mode = entry.unix_mode().map(|mode| mode & 0o777).filter(|mode| *mode != 0);
        let mut arrived = contents.arrival(left.min(LARGEST_FILE)).map_err(on_disk)?;
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = match entry.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) => return Err(refused(&format!("'{name}' can't be unpacked: {error}"))),
            };
            arrived.write(&chunk[..count]).map_err(|error| match error {
                ArrivalError::Disk(error) => on_disk(error),
                _ => refused(&format!(
                    "it grows beyond what is accepted: {LARGEST_FILE} bytes for a file, {most} for \
                     an archive of this size"
                )),
            })?;
        }
        left -= arrived.size();
        let kept = contents.keep(arrived).map_err(on_disk)?;
        let executable = mode.map_or(kept.is_program, |mode| mode & 0o111 != 0);
        files.push(StoredFile { path, digest: kept.digest, size: kept.size, executable });
        if files.len() > MOST_FILES {
            return Err(refused(&format!("it has more than {MOST_FILES} files")));
        }
    }
    Ok(files)
}

fn refused(why: &str) -> Error {
    Error::Refused(format!("the archive is refused: {why}"))
}

fn unreadable(error: ZipError) -> Error {
    match error {
        ZipError::InvalidPassword => refused("it is encrypted"),
        error => refused(&format!("it can't be read as a zip archive: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use std::{io::Write, sync::Arc};

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::{is_archive, unpack};
    use crate::{
        error::Error,
        files::{Contents, LARGEST_VERSION},
        model::StoredFile,
    };

    fn unpacked(
        pack: impl FnOnce(&mut ZipWriter<std::io::Cursor<Vec<u8>>>),
    ) -> Result<Vec<StoredFile>, Error> {
        let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        pack(&mut writer);
        let packed = writer.finish().unwrap().into_inner();
        let folder = tempfile::tempdir().unwrap();
        let contents = Arc::new(Contents::open(folder.path()).unwrap());
        let mut arrival = contents.arrival(LARGEST_VERSION).unwrap();
        arrival.write(&packed).unwrap();
        assert!(is_archive(&arrival));
        let files = unpack(&contents, &arrival)?;
        for file in &files {
            assert_eq!(contents.path(&file.digest).metadata().unwrap().len(), file.size);
        }
        Ok(files)
    }

    fn why(result: Result<Vec<StoredFile>, Error>) -> String {
        match result {
            Err(Error::Refused(why)) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn files_come_out_with_their_paths_and_permissions() {
        let plain = SimpleFileOptions::default();
        let files = unpacked(|zip| {
            zip.add_directory("src", plain).unwrap();
            zip.start_file("src/app.py", plain.unix_permissions(0o644)).unwrap();
            zip.write_all(b"#! not a program, by its mode").unwrap();
            zip.start_file("run", plain.unix_permissions(0o755)).unwrap();
            zip.write_all(b"exec true").unwrap();
        })
        .unwrap();
        let seen: Vec<_> = files.iter().map(|file| (file.path.as_str(), file.executable)).collect();
        assert_eq!(seen, [("src/app.py", false), ("run", true)]);
    }

    #[test]
    fn what_leads_outside_is_refused() {
        let plain = SimpleFileOptions::default();
        for name in ["../a", "/etc/a", "a/../../b", "a\\b"] {
            let why = why(unpacked(|zip| zip.start_file(name, plain).unwrap()));
            assert!(why.contains("can't be the path"), "{why}");
        }
        let link = why(unpacked(|zip| zip.add_symlink("a", "/etc/passwd", plain).unwrap()));
        assert!(link.contains("symbolic link"), "{link}");
    }

    #[test]
    fn a_bomb_does_not_go_off() {
        let plain = SimpleFileOptions::default();
        let zeros = vec![0; 1024 * 1024];
        let why = why(unpacked(|zip| {
            for n in 0..8 {
                zip.start_file(format!("{n}"), plain).unwrap();
                for _ in 0..4 {
                    zip.write_all(&zeros).unwrap();
                }
            }
        }));
        assert!(why.contains("grows beyond"), "{why}");
    }
}
