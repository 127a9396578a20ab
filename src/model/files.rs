//! Uploaded files: catalogs, their versions, and the stages in which versions are gathered (rules.md §12).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{
    CatalogId, CatalogVersionId, OrgId, StageId, Timestamp, UserId, nulls::null_is_default,
    schema::text_schema, words,
};

/// The SHA-256 of a file's content, 64 hexadecimal digits. Content is stored under it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileDigest(String);

text_schema!(FileDigest: |text| text.pattern(Some("^[0-9a-f]{64}$")));

/// The text is not a SHA-256 in lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256: 64 hexadecimal digits in lower case")]
pub struct NotADigest;

impl FileDigest {
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FileDigest {
    type Err = NotADigest;
    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let ok = text.len() == 64 && text.bytes().all(digit);
        if ok { Ok(Self(text.to_owned())) } else { Err(NotADigest) }
    }
}

impl TryFrom<String> for FileDigest {
    type Error = NotADigest;
    fn try_from(text: String) -> Result<Self, NotADigest> {
        text.parse()
    }
}

impl From<FileDigest> for String {
    fn from(digest: FileDigest) -> Self {
        digest.0
    }
}

impl fmt::Display for FileDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One file of a version or a stage. Its path is relative, with `/` between names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    pub path: String,
    pub digest: FileDigest,
    /// Bytes.
    pub size: u64,
    pub executable: bool,
}

/// Code that somebody has uploaded, in all its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    pub id: CatalogId,
    pub org_id: OrgId,
    pub name: String,
    pub creator_id: UserId,
    pub created_at: Timestamp,
}

/// What is known of a version without its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogVersion {
    pub id: CatalogVersionId,
    pub org_id: OrgId,
    pub catalog_id: CatalogId,
    /// Counts up from 1 within its catalog.
    pub number: i64,
    pub num_files: u64,
    /// Bytes of all its files together.
    pub size: u64,
    pub creator_id: UserId,
    pub created_at: Timestamp,
}

/// Where files are gathered, one upload after the other, until they become a version together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileStage {
    pub id: StageId,
    pub org_id: OrgId,
    pub catalog_id: CatalogId,
    pub created_at: Timestamp,
}

words! {
    /// What becomes of an uploaded file whose path is taken.
    #[derive(Default)]
    Overwrite {
        /// It gets a free name: `name (2).txt`.
        #[default] Rename = "RENAME",
        /// It takes the place of the other.
        Replace = "REPLACE",
        /// It is left out.
        Skip = "SKIP",
        /// Nothing is done at all.
        Refuse = "ERROR",
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct NewCatalog {
    #[serde(default, deserialize_with = "null_is_default")]
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApplyStage {
    pub stage_id: StageId,
    #[serde(default, deserialize_with = "null_is_default")]
    pub overwrite: Overwrite,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeleteFiles {
    pub paths: Vec<String>,
}

/// A version that has just been made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct VersionMade {
    pub catalog_id: CatalogId,
    pub catalog_version_id: CatalogVersionId,
    /// In the whole version.
    pub num_files: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct StageMade {
    pub catalog_id: CatalogId,
    pub stage_id: StageId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FileRecord {
    pub file_name: String,
    /// The ending of its name, without the dot; empty when it has none.
    pub file_type: String,
    /// Bytes.
    pub file_size: u64,
    pub file_checksum: FileDigest,
    pub is_executable: bool,
}

impl From<StoredFile> for FileRecord {
    fn from(file: StoredFile) -> Self {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let ending = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty());
        Self {
            file_type: ending.map(|(_, ending)| ending.to_lowercase()).unwrap_or_default(),
            file_name: file.path,
            file_size: file.size,
            file_checksum: file.digest,
            is_executable: file.executable,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct VersionRecord {
    pub catalog_id: CatalogId,
    pub catalog_version_id: CatalogVersionId,
    pub creation_date: Timestamp,
    pub num_files: u64,
    /// Bytes.
    pub size: u64,
}

impl From<CatalogVersion> for VersionRecord {
    fn from(version: CatalogVersion) -> Self {
        Self {
            catalog_id: version.catalog_id,
            catalog_version_id: version.id,
            creation_date: version.created_at,
            num_files: version.num_files,
            size: version.size,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct FilesDeleted {
    #[serde(flatten)]
    pub version: VersionMade,
    pub results: Vec<PathDeleted>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PathDeleted {
    pub path: String,
    pub num_files_deleted: u64,
}

/// What came of an upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UploadMade {
    #[serde(flatten)]
    pub version: VersionMade,
    /// To ask for the status with.
    pub status_id: CatalogVersionId,
}

words! {
    /// How far an upload is. One that is answered is done.
    UploadState { Completed = "COMPLETED" }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct UploadStatus {
    pub status: UploadState,
    pub status_id: CatalogVersionId,
    pub message: String,
    pub catalog_id: CatalogId,
    pub catalog_version_id: CatalogVersionId,
}
