//! One master key, and the keys that are made from it.

use std::{fmt, str::FromStr};

use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf, hmac,
};
use zeroize::Zeroizing;

use crate::random::Random;

/// Names a key without giving anything of it away: 16 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl KeyId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text does not name a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a key is named by 16 hexadecimal digits")]
pub struct NotAKeyId;

impl FromStr for KeyId {
    type Err = NotAKeyId;
    fn from_str(text: &str) -> Result<Self, NotAKeyId> {
        let named = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if named { Ok(Self(text.to_ascii_lowercase())) } else { Err(NotAKeyId) }
    }
}

pub(super) struct Key {
    id: KeyId,
    sealing: LessSafeKey,
    marking: hmac::Key,
}

impl Key {
    pub(super) fn of(material: &[u8; 32]) -> Self {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"handover secrets 1");
        let master = salt.extract(material);
        let id = hmac::Key::from(expand(&master, &[b"name"], hmac::HMAC_SHA256));
        let id = hmac::sign(&id, b"");
        Self {
            id: KeyId(id.as_ref()[..8].iter().map(|byte| format!("{byte:02x}")).collect()),
            sealing: LessSafeKey::new(UnboundKey::from(expand(
                &master,
                &[b"seal"],
                &CHACHA20_POLY1305,
            ))),
            marking: hmac::Key::from(expand(&master, &[b"mark"], hmac::HMAC_SHA256)),
        }
    }

    pub(super) fn id(&self) -> &KeyId {
        &self.id
    }

    /// Nonces are chosen by chance: with 96 bits, one key is good for four thousand million secrets.
    #[expect(clippy::expect_used, reason = "fails only for a text of 256 GiB")]
    pub(super) fn seal(&self, random: &dyn Random, about: &str, plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        let mut text = plain.to_vec();
        let aad = Aad::from(about.as_bytes());
        let nonce_once = Nonce::assume_unique_for_key(nonce);
        self.sealing.seal_in_place_append_tag(nonce_once, aad, &mut text).expect("a short text");
        [nonce.as_slice(), &text].concat()
    }

    /// None when it was changed, or sealed about something else.
    pub(super) fn open(&self, about: &str, bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, text) = bytes.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut text = Zeroizing::new(text.to_vec());
        let aad = Aad::from(about.as_bytes());
        let length = self.sealing.open_in_place(nonce, aad, &mut text).ok()?.len();
        text.truncate(length);
        Some(text)
    }

    pub(super) fn mark(&self, about: &str, text: &[u8]) -> [u8; 32] {
        let mut bytes = [0; 32];
        let tag = hmac::sign(&self.marking, &framed(about, text));
        bytes.copy_from_slice(tag.as_ref());
        bytes
    }

    /// Takes the same time however much of it is right.
    pub(super) fn check(&self, about: &str, text: &[u8], mark: &[u8; 32]) -> bool {
        hmac::verify(&self.marking, &framed(about, text), mark).is_ok()
    }
}

/// With its length first, so that no two pairs read the same.
fn framed(about: &str, text: &[u8]) -> Vec<u8> {
    [&(about.len() as u64).to_be_bytes(), about.as_bytes(), text].concat()
}

#[expect(clippy::expect_used, reason = "fails only for more than 255 blocks; these are one")]
fn expand<'a, L: hkdf::KeyType>(
    master: &'a hkdf::Prk,
    purpose: &'a [&'a [u8]],
    length: L,
) -> hkdf::Okm<'a, L> {
    master.expand(purpose, length).expect("one block")
}
