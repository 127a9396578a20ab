//! Where the master key comes from: given by the administrator, or made at the first start and kept in the
//! data folder.
//!
//! A server that does not have the key of what its database holds does not start: it would look well
//! until the next replica starts without its password.

use std::{
    fs, io,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use zeroize::Zeroizing;

use super::{KeyId, Secrets, key::Key};
use crate::random::Random;

/// In the data folder, for its owner only.
const FILE: &str = "secret.key";

/// Where to look for the key.
#[derive(Clone)]
pub enum KeySource {
    /// The keys themselves.
    Given(String),
    /// A file that holds them.
    File(PathBuf),
    /// The data folder: its `secret.key`, which is made when nothing needs another one yet.
    Folder(PathBuf),
}

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error(
        "{0} holds no key: write 32 bytes as 64 hexadecimal digits or in base64 \
         (openssl rand -hex 32 makes some), and after a comma those that were used before"
    )]
    NotAKey(String),
    #[error("the key file {} can't be used: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("others can read the key file {}: chmod 600 it", .0.display())]
    Open(PathBuf),
    #[error(
        "the database holds secrets that were sealed with key {}, and this server was given {given}: \
         start it with the key it had before, in HANDOVER_SECRET_KEY, in a file named by \
         --secret-key-file or as secret.key in the data folder; to change keys, give the new one and, \
         after a comma, the old one",
        missing.iter().map(KeyId::as_str).collect::<Vec<_>>().join(", ")
    )]
    Wrong { missing: Vec<KeyId>, given: String },
}

impl Secrets {
    /// Reads the keys and makes sure that those `in_use` are among them.
    pub fn load(
        source: &KeySource,
        in_use: &[KeyId],
        random: &dyn Random,
    ) -> Result<Self, KeyError> {
        let secrets = match source {
            KeySource::Given(text) => parse("HANDOVER_SECRET_KEY", text)?,
            KeySource::File(path) => read(path)?,
            KeySource::Folder(folder) => {
                let path = folder.join(FILE);
                match fs::metadata(&path) {
                    Ok(meta) if meta.permissions().mode() & 0o077 != 0 => {
                        return Err(KeyError::Open(path));
                    }
                    Ok(_) => read(&path)?,
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(KeyError::File { path, source: error });
                    }
                    Err(_) if in_use.is_empty() => make(&path, random)?,
                    Err(_) => {
                        let given = "none".to_owned();
                        return Err(KeyError::Wrong { missing: in_use.to_vec(), given });
                    }
                }
            }
        };
        let missing: Vec<KeyId> =
            in_use.iter().filter(|id| secrets.key(id).is_err()).cloned().collect();
        if missing.is_empty() {
            Ok(secrets)
        } else {
            Err(KeyError::Wrong { missing, given: secrets.first.id().to_string() })
        }
    }
}

fn read(path: &Path) -> Result<Secrets, KeyError> {
    let failed = |source| KeyError::File { path: path.to_owned(), source };
    let text = Zeroizing::new(fs::read_to_string(path).map_err(failed)?);
    parse(&path.display().to_string(), &text)
}

fn parse(place: &str, text: &str) -> Result<Secrets, KeyError> {
    let no_key = || KeyError::NotAKey(place.to_owned());
    let words = text.split([',', '\n', '\r', ' ', '\t']).filter(|word| !word.is_empty());
    let mut keys = words.map(|word| material(word).map(|bytes| Key::of(&bytes)));
    let first = keys.next().flatten().ok_or_else(no_key)?;
    let older = keys.collect::<Option<_>>().ok_or_else(no_key)?;
    Ok(Secrets { first, older })
}

/// 32 bytes.
fn material(word: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    if word.len() == 64 && word.is_ascii() {
        for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&word[at..at + 2], 16).ok()?;
        }
    } else {
        let decoded = Zeroizing::new(BASE64_STANDARD.decode(word).ok()?);
        *bytes = decoded.as_slice().try_into().ok()?;
    }
    Some(bytes)
}

/// Makes a key and keeps it. A crash leaves the whole file or none.
fn make(path: &Path, random: &dyn Random) -> Result<Secrets, KeyError> {
    let text = Zeroizing::new(crate::random::hex(random, 32));
    let temporary = path.with_extension("new");
    let written = fs::File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)
        .and_then(|mut file| {
            writeln!(file, "{}", *text)?;
            file.sync_all()?;
            fs::rename(&temporary, path)?;
            path.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
        });
    written.map_err(|source| KeyError::File { path: path.to_owned(), source })?;
    parse(&path.display().to_string(), &text)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::{FILE, KeyError, KeySource, Secrets};
    use crate::random::SystemRandom;

    fn load(source: &KeySource, in_use: &[super::KeyId]) -> Result<Secrets, KeyError> {
        Secrets::load(source, in_use, &SystemRandom)
    }

    #[test]
    fn the_first_start_makes_a_key_that_the_next_one_finds() {
        let folder = tempfile::tempdir().unwrap();
        let source = KeySource::Folder(folder.path().to_owned());
        let sealed = load(&source, &[]).unwrap().seal(&SystemRandom, "a", b"text");
        let again = load(&source, std::slice::from_ref(&sealed.key)).unwrap();
        assert_eq!(**again.open("a", &sealed).unwrap(), *b"text");
        let file = folder.path().join(FILE);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(load(&source, &[]), Err(KeyError::Open(_))));

        fs::remove_file(&file).unwrap();
        let lost = load(&source, std::slice::from_ref(&sealed.key)).unwrap_err().to_string();
        assert!(lost.contains(sealed.key.as_str()) && lost.contains("--secret-key-file"), "{lost}");
        assert!(!file.exists(), "a new key would hide that the old one is lost");
    }

    #[test]
    fn another_key_is_told_apart_from_no_key() {
        let given = |text: &str| KeySource::Given(text.to_owned());
        let sealed = load(&given(&"01".repeat(32)), &[]).unwrap().seal(&SystemRandom, "a", b"text");
        let wrong = load(&given(&"02".repeat(32)), std::slice::from_ref(&sealed.key));
        assert!(matches!(wrong, Err(KeyError::Wrong { .. })));
        for nonsense in ["", "hunter2", &"0".repeat(63), &"g".repeat(64), "AAAA", "ü"] {
            assert!(matches!(load(&given(nonsense), &[]), Err(KeyError::NotAKey(_))), "{nonsense}");
        }
        let base64 = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
        let same = load(&given(base64), std::slice::from_ref(&sealed.key)).unwrap();
        assert_eq!(**same.open("a", &sealed).unwrap(), *b"text");
    }
}
