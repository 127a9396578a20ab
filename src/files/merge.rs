//! What a new version consists of: the files before it, and what was uploaded.

use std::collections::BTreeMap;

use super::{LARGEST_VERSION, MOST_FILES};
use crate::{
    error::Error,
    model::{Overwrite, StoredFile},
};

/// The files of the next version, in the order of their paths.
pub(super) fn merge(
    before: Vec<StoredFile>,
    uploaded: Vec<StoredFile>,
    overwrite: Overwrite,
) -> Result<Vec<StoredFile>, Error> {
    let mut all: BTreeMap<String, StoredFile> =
        before.into_iter().map(|file| (file.path.clone(), file)).collect();
    for mut file in uploaded {
        if all.contains_key(&file.path) {
            match overwrite {
                Overwrite::Replace => {}
                Overwrite::Skip => continue,
                Overwrite::Rename => file.path = free(&file.path, &all),
                Overwrite::Refuse => {
                    return Err(Error::Conflict(format!(
                        "there is a file '{}' already; send overwrite REPLACE, SKIP or RENAME",
                        file.path
                    )));
                }
            }
        }
        all.insert(file.path.clone(), file);
    }
    check(&all)?;
    Ok(all.into_values().collect())
}

/// `src/app.py`, `src/app (2).py`, `src/app (3).py` and so on.
fn free(path: &str, taken: &BTreeMap<String, StoredFile>) -> String {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let slash = if folder.is_empty() { "" } else { "/" };
    let name = |n: usize| format!("{folder}{slash}{stem} ({n}){ending}");
    // One more name than there are files: one of them is free.
    (2..=taken.len() + 2).map(name).find(|name| !taken.contains_key(name)).unwrap_or_default()
}

fn check(files: &BTreeMap<String, StoredFile>) -> Result<(), Error> {
    if files.len() > MOST_FILES {
        return Err(Error::Refused(format!("a version has at most {MOST_FILES} files")));
    }
    let size = files.values().map(|file| file.size).sum::<u64>();
    if size > LARGEST_VERSION {
        return Err(Error::Refused(format!(
            "the files of a version have at most {LARGEST_VERSION} bytes together, these have {size}"
        )));
    }
    for path in files.keys() {
        let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        if let Some(both) = folders.into_iter().find(|folder| files.contains_key(*folder)) {
            return Err(Error::Refused(format!("'{both}' can't be a file and a folder")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::merge;
    use crate::{
        error::Error,
        model::{FileDigest, Overwrite, StoredFile},
    };

    fn file(path: &str, size: u64) -> StoredFile {
        let digest = FileDigest::from_bytes(&[7; 32]);
        StoredFile { path: path.to_owned(), digest, size, executable: false }
    }

    fn merged(overwrite: Overwrite, uploaded: &[&str]) -> Result<Vec<(String, u64)>, Error> {
        let before = vec![file("a.txt", 1), file("src/app.py", 1), file("src/app (2).py", 1)];
        let uploaded = uploaded.iter().map(|path| file(path, 2)).collect();
        let all = merge(before, uploaded, overwrite)?;
        Ok(all.into_iter().map(|file| (file.path, file.size)).collect())
    }

    #[test]
    fn a_taken_path_is_dealt_with_as_asked() {
        let named = |all: Vec<(String, u64)>| -> Vec<String> {
            all.into_iter().map(|(path, size)| format!("{path}:{size}")).collect()
        };
        let new = &["src/app.py", "b"][..];
        assert_eq!(
            named(merged(Overwrite::Rename, new).unwrap()),
            ["a.txt:1", "b:2", "src/app (2).py:1", "src/app (3).py:2", "src/app.py:1"]
        );
        assert_eq!(
            named(merged(Overwrite::Replace, new).unwrap()),
            ["a.txt:1", "b:2", "src/app (2).py:1", "src/app.py:2"]
        );
        assert_eq!(
            named(merged(Overwrite::Skip, new).unwrap()),
            ["a.txt:1", "b:2", "src/app (2).py:1", "src/app.py:1"]
        );
        assert!(matches!(merged(Overwrite::Refuse, new), Err(Error::Conflict(_))));
        assert!(merged(Overwrite::Refuse, &["b"]).is_ok());
    }

    #[test]
    fn a_version_that_no_folder_could_hold_is_refused() {
        for upload in ["a.txt/b", "src"] {
            let refused = merged(Overwrite::Replace, &[upload]);
            assert!(matches!(refused, Err(Error::Refused(_))), "{upload}");
        }
        let large = vec![file("x", super::LARGEST_VERSION), file("y", 1)];
        assert!(merge(Vec::new(), large, Overwrite::Replace).is_err());
    }
}
