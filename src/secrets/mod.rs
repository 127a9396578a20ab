//! Secrets that have to be read again, sealed for the disk: what a container is given in its environment
//! can't be hashed, and whoever copies the database or a backup of it must not be able to read it.
//!
//! One master key is kept apart from the database ([`source`]). From it each purpose gets a key of its own:
//! one seals (ChaCha20-Poly1305, with what the text belongs to bound to it, so that rows can't be
//! exchanged), one marks (HMAC-SHA-256, for entries that may be read but not changed). What is sealed names
//! its key, so that keys can be changed: several may be given, the first seals, all open.
//!
//! Known limitation: whoever can read the key and the database can read the secrets. A key file in the
//! data folder therefore protects copies of the database, and not the folder.

mod key;
mod source;

use std::fmt;

use zeroize::Zeroizing;

use key::Key;
pub use key::KeyId;
pub use source::{KeyError, KeySource};

use crate::random::Random;

/// The keys of this installation.
pub struct Secrets {
    first: Key,
    older: Vec<Key>,
}

/// A text that only a holder of the key can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    pub key: KeyId,
    /// Nonce, then the text and its tag.
    pub bytes: Vec<u8>,
}

/// What only a holder of the key could have written about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub key: KeyId,
    pub bytes: [u8; 32],
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsealable {
    #[error("it was made with key {0}, which this server was not given")]
    UnknownKey(KeyId),
    #[error("it was changed, or belongs to something else")]
    Damaged,
}

impl Secrets {
    /// Seals `plain`, which is about `about`: it opens only for the same.
    pub fn seal(&self, random: &dyn Random, about: &str, plain: &[u8]) -> Sealed {
        let bytes = self.first.seal(random, about, plain);
        Sealed { key: self.first.id().clone(), bytes }
    }

    pub fn open(&self, about: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        self.key(&sealed.key)?.open(about, &sealed.bytes).ok_or(Unsealable::Damaged)
    }

    /// Marks `text`, which is about `about`.
    pub fn mark(&self, about: &str, text: &[u8]) -> Mark {
        Mark { key: self.first.id().clone(), bytes: self.first.mark(about, text) }
    }

    pub fn check(&self, about: &str, text: &[u8], mark: &Mark) -> Result<(), Unsealable> {
        let genuine = self.key(&mark.key)?.check(about, text, &mark.bytes);
        if genuine { Ok(()) } else { Err(Unsealable::Damaged) }
    }

    /// Whether it was sealed by a key that seals no more.
    pub fn is_outdated(&self, key: &KeyId) -> bool {
        self.first.id() != key
    }

    fn key(&self, id: &KeyId) -> Result<&Key, Unsealable> {
        let mut all = std::iter::once(&self.first).chain(&self.older);
        all.find(|key| key.id() == id).ok_or_else(|| Unsealable::UnknownKey(id.clone()))
    }
}

/// The names of the keys and nothing else.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let older: Vec<_> = self.older.iter().map(Key::id).collect();
        f.debug_struct("Secrets").field("first", self.first.id()).field("older", &older).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::{KeySource, Secrets, Unsealable};
    use crate::random::SystemRandom;

    fn keys(text: &str) -> Secrets {
        let source = KeySource::Given(text.to_owned());
        Secrets::load(&source, &[], &SystemRandom).unwrap()
    }

    fn old() -> String {
        "0f".repeat(32)
    }

    fn new() -> String {
        "a7".repeat(32)
    }

    #[test]
    fn only_the_same_key_and_the_same_owner_open_it() {
        let secrets = keys(&new());
        let sealed = secrets.seal(&SystemRandom, "credential a", b"hunter2");
        assert_eq!(**secrets.open("credential a", &sealed).unwrap(), *b"hunter2");
        assert_eq!(secrets.open("credential b", &sealed), Err(Unsealable::Damaged));
        for at in 0..sealed.bytes.len() {
            let mut changed = sealed.clone();
            changed.bytes[at] ^= 1;
            assert_eq!(secrets.open("credential a", &changed), Err(Unsealable::Damaged), "{at}");
        }
        let mut short = sealed.clone();
        short.bytes.truncate(11);
        assert_eq!(secrets.open("credential a", &short), Err(Unsealable::Damaged));
        let other = keys(&old()).open("credential a", &sealed);
        assert_eq!(other, Err(Unsealable::UnknownKey(sealed.key.clone())));
        assert!(!sealed.bytes.windows(7).any(|part| part == b"hunter2"));
        let again = secrets.seal(&SystemRandom, "credential a", b"hunter2");
        assert_ne!(again.bytes, sealed.bytes, "the same secret must not look the same twice");
    }

    #[test]
    fn a_changed_key_still_opens_what_the_old_one_sealed() {
        let sealed = keys(&old()).seal(&SystemRandom, "a", b"text");
        let mark = keys(&old()).mark("a", b"text");
        let both = keys(&format!("{}, {}", new(), old()));
        assert!(both.is_outdated(&sealed.key));
        assert_eq!(**both.open("a", &sealed).unwrap(), *b"text");
        assert_eq!(both.check("a", b"text", &mark), Ok(()));
        assert!(!both.is_outdated(&both.seal(&SystemRandom, "a", b"text").key));
    }

    #[test]
    fn a_mark_is_about_one_text_and_one_owner() {
        let secrets = keys(&new());
        let mark = secrets.mark("entry", b"1");
        assert_eq!(secrets.check("entry", b"1", &mark), Ok(()));
        assert_eq!(secrets.check("entry", b"2", &mark), Err(Unsealable::Damaged));
        assert_eq!(secrets.check("entry1", b"", &mark), Err(Unsealable::Damaged));
        assert_ne!(keys(&old()).mark("entry", b"1").bytes, mark.bytes);
    }

    #[test]
    fn a_key_is_never_shown() {
        let shown = format!("{:?}", keys(&new()));
        assert!(!shown.contains("a7a7"), "{shown}");
    }
}
