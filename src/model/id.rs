//! Typed identifiers. An id is opaque text that is safe in a URL path; ours are 24 hexadecimal digits
//! (rules.md ), but text given by a client is only checked for shape, never for origin.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The text is not an id: empty, longer than 64 characters, or holding something other than
/// letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id: use 1 to 64 letters, digits, '-' or '_'")]
pub struct NotAnId;

fn checked(text: &str) -> Result<&str, NotAnId> {
    let ok = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if (1..=64).contains(&text.len()) && text.chars().all(ok) { Ok(text) } else { Err(NotAnId) }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// An id from twelve bytes, written as 24 hexadecimal digits. The first four bytes are the
            /// seconds of creation, so that ids sort by age.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 12]) -> Self {
                let mut text = String::with_capacity(24);
                for byte in bytes {
                    let digit = |n: u8| char::from_digit(u32::from(n), 16).unwrap_or('0');
                    text.push(digit(byte >> 4));
                    text.push(digit(byte & 15));
                }
                Self(text)
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                checked(text).map(|text| Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                checked(&text)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        super::schema::text_schema!($name: |text| {
            text.min_length(Some(1)).max_length(Some(64)).pattern(Some("^[A-Za-z0-9_-]+$"))
        });
    )*};
}

ids! {
    /// The lasting identity of a workload; never changes, and neither does the endpoint made from it.
    WorkloadId;
    ArtifactId;
    RepositoryId;
    ProtonId;
    ReplacementId;
    UserId;
    /// An organisation (tenant). A UUID, because clients decode `tenantId` as one.
    OrgId;
    TokenId;
    /// A person being signed in to the console somewhere.
    SessionId;
    EventId;
    /// A group of people.
    GroupId;
    TagId;
    CredentialId;
    /// Uploaded code, with all its versions.
    CatalogId;
    /// One set of files of a catalog; never changes.
    CatalogVersionId;
    /// A place where files are gathered before they become a version.
    StageId;
    BuildId;
    EnvironmentId;
    EnvironmentVersionId;
    DeploymentId;
    ChangeRequestId;
}

impl OrgId {
    /// An id from the sixteen bytes of a UUID, written with its dashes.
    #[must_use]
    pub fn from_uuid(bytes: [u8; 16]) -> Self {
        let mut text = String::with_capacity(36);
        for (position, byte) in bytes.iter().enumerate() {
            if matches!(position, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            text.push_str(&format!("{byte:02x}"));
        }
        Self(text)
    }
}
