//! Labels that people put on what they have, to find it again (rules.md §17.1).

use serde::{Deserialize, Serialize};

use super::{Ignored, TagId};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Tag {
    pub id: TagId,
    /// No two tags of one thing have the same.
    pub name: String,
    pub value: String,
}

/// A tag before it has its id. One that a client read and sends back names its id, which is dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewTag {
    pub name: String,
    pub value: String,
    #[serde(default, skip_serializing)]
    pub id: Ignored,
}

impl NewTag {
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), id: Ignored }
    }
}
