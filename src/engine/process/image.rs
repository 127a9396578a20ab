//! Images that this host has made itself: code and an entrypoint, as a folder that programs run in.
//!
//! ```text
//! <data>/images/<sha256>/image.json   the entrypoint, and each file with its SHA-256
//!                        /root/       the files, which nobody may write
//! ```
//!
//! An image is called by the SHA-256 of its `image.json`, so the same code with the same entrypoint is the
//! same image, and what a proton was started from can't become something else under its name.
//!
//! Known limitation: the folder is the working directory, not the whole world, of the program: it sees this
//! host's files and programs as every process of the server's user does (docs/decisions).

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Component, Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::launch::Refused;
use crate::model::{FileDigest, StoredFile};

const NAME: &str = "handover/local";
const BY_DIGEST: &str = "handover/local@sha256:";
const RECORD: &str = "image.json";
const ROOT: &str = "root";
/// What the folders of images begin with while they are made.
const UNFINISHED: &str = ".new-";

/// What an image consists of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Runs when the container names no entrypoint of its own.
    pub entrypoint: Vec<String>,
    /// In the order of their paths.
    pub files: Vec<StoredFile>,
}

/// An image that is here.
#[derive(Debug)]
pub(super) struct Found {
    /// The working directory.
    pub(super) root: PathBuf,
    pub(super) entrypoint: Vec<String>,
}

/// The images of this host.
#[derive(Debug)]
pub struct LocalImages {
    folder: PathBuf,
    /// Two makers never share an unfinished folder.
    made: AtomicU64,
}

/// Whether this names an image that only a build on this host can have made.
pub fn is_local(image: &str) -> bool {
    image.strip_prefix(NAME).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '@']))
}

impl LocalImages {
    /// Uses the folder `images` of the data folder.
    pub fn open(data_dir: &Path) -> io::Result<Self> {
        let folder = std::path::absolute(data_dir)?.join("images");
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        Ok(Self { folder, made: AtomicU64::new(0) })
    }

    /// Removes what a former server had not finished. Not while anything is being made.
    pub fn clean(&self) -> io::Result<()> {
        for found in fs::read_dir(&self.folder)? {
            let found = found?;
            if found.file_name().to_string_lossy().starts_with(UNFINISHED) {
                remove(&found.path())?;
            }
        }
        Ok(())
    }

    /// Makes an image, unless it is there already, and says what it is called. `content` says where the
    /// content of a file is. Blocks on the disk.
    pub fn make(
        &self,
        image: &Image,
        content: impl Fn(&FileDigest) -> PathBuf,
    ) -> io::Result<String> {
        let record = serde_json::to_vec(image)?;
        let digest = FileDigest::from_bytes(&Sha256::digest(&record).into());
        let uri = format!("{BY_DIGEST}{digest}");
        let folder = self.folder.join(digest.as_str());
        if folder.exists() {
            return Ok(uri);
        }
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let unfinished = format!("{UNFINISHED}{}-{number}", std::process::id());
        let unfinished = self.folder.join(unfinished);
        let made = fill(&unfinished, &record, image, content).and_then(|()| {
            match fs::rename(&unfinished, &folder) {
                // Somebody else was quicker.
                Err(_) if folder.exists() => remove(&unfinished),
                other => other,
            }
        });
        if made.is_err() {
            remove(&unfinished).ok();
        }
        made.map(|()| uri)
    }

    /// The image of this name; none when it is not one of ours to know.
    pub(super) fn find(&self, image: &str) -> Result<Option<Found>, Refused> {
        if !is_local(image) {
            return Ok(None);
        }
        let refused = |why: &str| Refused(format!("The image {image} can't run: {why}."));
        let digest = image.strip_prefix(BY_DIGEST).and_then(|digest| digest.parse().ok());
        let Some::<FileDigest>(digest) = digest else {
            return Err(refused("an image of this host is named by its digest"));
        };
        let folder = self.folder.join(digest.as_str());
        let record = fs::read(folder.join(RECORD))
            .map_err(|_| refused("it is not on this host any more; build it again"))?;
        if FileDigest::from_bytes(&Sha256::digest(&record).into()) != digest {
            return Err(refused("its record has been changed since it was built"));
        }
        let image: Image = serde_json::from_slice(&record)
            .map_err(|_| refused("its record can't be read by this version"))?;
        Ok(Some(Found { root: folder.join(ROOT), entrypoint: image.entrypoint }))
    }
}

/// A program that an entrypoint names by a path within the image.
pub(super) fn inside(root: &Path, program: &str) -> Option<PathBuf> {
    let path = Path::new(program);
    let stays =
        path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    stays.then(|| root.join(path))
}

fn fill(
    folder: &Path,
    record: &[u8],
    image: &Image,
    content: impl Fn(&FileDigest) -> PathBuf,
) -> io::Result<()> {
    let root = folder.join(ROOT);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&root)?;
    let mut folders = vec![root.clone()];
    for file in &image.files {
        let path = inside(&root, &file.path)
            .ok_or_else(|| io::Error::other(format!("'{}' leads out of the image", file.path)))?;
        let mut missing = Vec::new();
        let mut above = path.parent();
        while let Some(parent) = above.filter(|parent| !parent.exists()) {
            missing.push(parent.to_owned());
            above = parent.parent();
        }
        for parent in missing.into_iter().rev() {
            fs::create_dir(&parent)?;
            folders.push(parent);
        }
        fs::copy(content(&file.digest), &path)?;
        let mode = if file.executable { 0o555 } else { 0o444 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
    }
    for folder in folders {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o555))?;
    }
    fs::File::create(folder.join(RECORD))?.write_all(record)?;
    // All of it at once: a flush for each of some thousand files takes minutes on a slow disk.
    rustix::fs::syncfs(fs::File::open(folder)?)?;
    Ok(())
}

/// Removes an image, whose folders nobody may write.
fn remove(folder: &Path) -> io::Result<()> {
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        fs::set_permissions(&next, fs::Permissions::from_mode(0o700))?;
        for found in fs::read_dir(&next)? {
            let found = found?;
            if found.file_type()?.is_dir() {
                left.push(found.path());
            }
        }
    }
    fs::remove_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::{Image, LocalImages, inside, is_local, remove};
    use crate::model::{FileDigest, StoredFile};

    #[test]
    fn an_image_is_what_its_name_says() {
        let folder = tempfile::tempdir().unwrap();
        let images = LocalImages::open(folder.path()).unwrap();
        let content = folder.path().join("content");
        fs::write(&content, "exec true").unwrap();
        let digest = FileDigest::from_bytes(&[7; 32]);
        let file = |path: &str, executable| StoredFile {
            path: path.into(),
            digest: digest.clone(),
            size: 9,
            executable,
        };
        let image = Image {
            entrypoint: vec!["./bin/run".into()],
            files: vec![file("a/b/note", false), file("bin/run", true)],
        };
        let uri = images.make(&image, |_| content.clone()).unwrap();
        assert_eq!(images.make(&image, |_| "/nowhere".into()).unwrap(), uri, "made once");
        assert!(is_local(&uri));

        let found = images.find(&uri).unwrap().unwrap();
        assert_eq!(found.entrypoint, image.entrypoint);
        let mode =
            |path: &str| found.root.join(path).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(
            [mode("bin/run"), mode("a/b/note"), mode("a/b"), mode("")],
            [0o555, 0o444, 0o555, 0o555]
        );
        let record = found.root.with_file_name("image.json");
        let text = fs::read_to_string(&record).unwrap();
        fs::write(&record, text.replace("./bin/run", "/bin/sh")).unwrap();
        let changed = images.find(&uri).unwrap_err().to_string();
        assert!(changed.contains("changed since"), "{changed}");

        let other = format!("handover/local@sha256:{}", "0".repeat(64));
        assert!(images.find(&other).unwrap_err().to_string().contains("build it again"));
        assert!(images.find("handover/local:latest").is_err());
        assert!(images.find("handover/localhost:1").unwrap().is_none());
        remove(found.root.parent().unwrap()).unwrap();
    }

    #[test]
    fn what_is_half_made_is_cleaned_away() {
        let folder = tempfile::tempdir().unwrap();
        let images = LocalImages::open(folder.path()).unwrap();
        let digest = FileDigest::from_bytes(&[7; 32]);
        let file = StoredFile { path: "a/b".into(), digest, size: 1, executable: false };
        let image = Image { entrypoint: vec!["a".into()], files: vec![file] };
        assert!(images.make(&image, |_| folder.path().join("missing")).is_err());
        fs::create_dir(folder.path().join("images/.new-1-7")).unwrap();
        images.clean().unwrap();
        assert_eq!(fs::read_dir(folder.path().join("images")).unwrap().count(), 0);
    }

    #[test]
    fn a_program_is_looked_for_within_the_image_only() {
        let root = std::path::Path::new("/images/i/root");
        assert_eq!(inside(root, "./bin/run").unwrap(), root.join("bin/run"));
        for outside in ["/bin/sh", "../run", "a/../../run"] {
            assert_eq!(inside(root, outside), None);
        }
    }
}
