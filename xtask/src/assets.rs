//! The folder that the binary embeds: every file a browser may ask for, compressed, with an index.
//!
//! Files are named by the hash of their content, so what did not change is not compressed again, and an
//! index that did not change does not rebuild the binary. `bin/build.rs` reads the index: first line the
//! output name, then one line per file, `path TAB mime TAB hash TAB encodings`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::{
    cargo::Workspace,
    compress::{ENCODINGS, helps},
    say,
};

/// What pages call the script, the wasm and the stylesheet, before the hash.
const STEM: &str = "handover";
const INDEX: &str = "index.tsv";

/// Writes the folder and returns its path.
pub(crate) fn write(workspace: &Workspace, glue: &Path, css: Vec<u8>) -> Result<PathBuf> {
    let mut package = BTreeMap::new();
    read_tree(glue, "", &mut package)?;
    package.insert(format!("{STEM}.css"), css);
    // One hash for all three: a page names them together, so they must change together.
    let hash = digest(package.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes]));
    let output_name = format!("{STEM}.{}", &hash[..12]);

    let mut files = BTreeMap::new();
    read_tree(&workspace.root.join("public"), "/", &mut files)?;
    for (name, bytes) in package {
        // Snippets of other crates keep their names: the script imports them by it.
        let name = match name.strip_prefix(STEM) {
            Some(rest) => format!("{output_name}{rest}"),
            None => name,
        };
        files.insert(format!("/pkg/{name}"), bytes);
    }

    let folder = workspace.target.join("assets");
    fs::create_dir_all(&folder)?;
    say(&format!("compressing {} files", files.len()));
    let mut index = format!("{output_name}\n");
    let mut kept = BTreeSet::from([INDEX.to_owned()]);
    for (path, bytes) in &files {
        let hash = digest([bytes.as_slice()]);
        let stored = store(&folder, &hash, bytes)?;
        writeln!(index, "{path}\t{}\t{hash}\t{}", mime(path)?, stored.join(","))?;
        kept.extend(stored.iter().map(|suffix| format!("{hash}.{suffix}")));
        kept.insert(hash);
    }
    remove_others(&folder, &kept)?;
    let index_path = folder.join(INDEX);
    if fs::read_to_string(&index_path).ok().as_deref() != Some(index.as_str()) {
        fs::write(&index_path, index)?;
    }
    report(&folder, &files);
    Ok(folder)
}

/// Stores the file and those compressed copies that are worth it; returns the copies' suffixes.
fn store(folder: &Path, hash: &str, bytes: &[u8]) -> Result<Vec<&'static str>> {
    let original = folder.join(hash);
    let seen = original.exists();
    let mut stored = Vec::new();
    for (suffix, compress) in ENCODINGS {
        let copy = folder.join(format!("{hash}.{suffix}"));
        if !seen {
            let compressed = compress(bytes)?;
            if helps(bytes, &compressed) {
                fs::write(&copy, compressed)?;
            }
        }
        if copy.exists() {
            stored.push(suffix);
        }
    }
    // Last, because it says that the copies are complete.
    if !seen {
        fs::write(original, bytes)?;
    }
    Ok(stored)
}

fn report(folder: &Path, files: &BTreeMap<String, Vec<u8>>) {
    for (path, bytes) in files.iter().filter(|(path, _)| path.starts_with("/pkg/")) {
        let sent = fs::metadata(folder.join(format!("{}.br", digest([bytes.as_slice()]))))
            .map_or(bytes.len(), |brotli| usize::try_from(brotli.len()).unwrap_or(usize::MAX));
        say(&format!("  {path}: {} KB, {} KB as sent", bytes.len() / 1000, sent / 1000));
    }
}

fn read_tree(folder: &Path, prefix: &str, into: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_str().context("asset names are UTF-8")?;
        if entry.file_type()?.is_dir() {
            read_tree(&entry.path(), &format!("{prefix}{name}/"), into)?;
        } else if !name.starts_with('.') {
            into.insert(format!("{prefix}{name}"), fs::read(entry.path())?);
        }
    }
    Ok(())
}

fn remove_others(folder: &Path, kept: &BTreeSet<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_str().is_some_and(|name| kept.contains(name)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn digest<'part>(parts: impl IntoIterator<Item = &'part [u8]>) -> String {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part);
    }
    sha.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn mime(path: &str) -> Result<&'static str> {
    Ok(match path.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => bail!("{path}: no media type known for this file; add it in xtask/src/assets.rs"),
    })
}
