//! The chain of marks, and its newest one in a file beside the database.

use std::{
    collections::BTreeMap,
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    model::OrgId,
    secrets::{Mark, Secrets, Unsealable},
    store::{TrailHead, Witness},
};

/// In the data folder.
const FILE: &str = "audit.head";
/// What marks are about, so that a mark made for something else is none.
const ABOUT: &str = "audit";

/// Makes marks and checks them.
pub struct Trail {
    secrets: Arc<Secrets>,
    file: PathBuf,
    heads: Mutex<BTreeMap<String, TrailHead>>,
}

impl Trail {
    /// # Errors
    /// When the file of the newest marks can't be read.
    pub fn open(secrets: Arc<Secrets>, data_dir: &std::path::Path) -> io::Result<Self> {
        let file = data_dir.join(FILE);
        let heads = match fs::read_to_string(&file) {
            Ok(text) => text.lines().filter_map(read).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        Ok(Self { secrets, file, heads: Mutex::new(heads) })
    }

    /// The newest entry that the file knows of.
    pub fn mirrored(&self, org: &OrgId) -> Option<TrailHead> {
        let heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        heads.get(org.as_str()).cloned()
    }

    /// Whether `mark` is what a holder of the key says about this entry in this place.
    pub(super) fn check(
        &self,
        org: &OrgId,
        seq: i64,
        before: Option<&str>,
        entry: &str,
        mark: &str,
    ) -> Result<(), Unsealable> {
        let mark = parse(mark).ok_or(Unsealable::Damaged)?;
        self.secrets.check(ABOUT, &framed(org, seq, before, entry), &mark)
    }
}

impl Witness for Trail {
    fn mark(&self, org: &OrgId, seq: i64, before: Option<&str>, entry: &str) -> String {
        let Mark { key, bytes } = self.secrets.mark(ABOUT, &framed(org, seq, before, entry));
        let bytes: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{key}:{bytes}")
    }

    fn committed(&self, org: &OrgId, head: &TrailHead) {
        let mut heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        // Two commits may get here in the other order.
        if heads.get(org.as_str()).is_some_and(|known| known.seq >= head.seq) {
            return;
        }
        heads.insert(org.to_string(), head.clone());
        let text: String =
            heads.iter().map(|(org, head)| format!("{org} {} {}\n", head.seq, head.mark)).collect();
        let temporary = self.file.with_extension("head.new");
        let kept = fs::write(&temporary, text).and_then(|()| fs::rename(&temporary, &self.file));
        if let Err(error) = kept {
            tracing::warn!(%error, "the newest mark of the audit trail could not be kept");
        }
    }
}

impl std::fmt::Debug for Trail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trail").field("file", &self.file).finish_non_exhaustive()
    }
}

/// Every part with its length, so that no two entries in their places read the same.
fn framed(org: &OrgId, seq: i64, before: Option<&str>, entry: &str) -> Vec<u8> {
    let mut bytes = seq.to_be_bytes().to_vec();
    for part in [org.as_str(), before.unwrap_or_default(), entry] {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    bytes
}

fn parse(text: &str) -> Option<Mark> {
    let (key, hex) = text.split_once(':')?;
    let mut bytes = [0; 32];
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&hex[at..at + 2], 16).ok()?;
    }
    Some(Mark { key: key.parse().ok()?, bytes })
}

fn read(line: &str) -> Option<(String, TrailHead)> {
    let mut words = line.split_ascii_whitespace();
    let (org, seq, mark) = (words.next()?, words.next()?.parse().ok()?, words.next()?);
    Some((org.to_owned(), TrailHead { seq, mark: mark.to_owned() }))
}
