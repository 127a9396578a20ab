//! Uploaded code (rules.md §12): catalogs of files whose versions never change.
//!
//! What a version consists of is in the database, the contents are on disk under their SHA-256
//! ([`Contents`]), so a file that many versions have is kept once. A catalog belongs to whoever made it: they
//! and administrators see it, for everybody else it does not exist.
//!
//! Everything that comes from outside is bounded before it is stored: paths by [`path`], sizes and numbers
//! by the limits here, archives by [`archive`], which counts what really comes out and never what is claimed.
//!
//! Known limitation: versions are kept for ever, as a locked artifact may name them; only what no version
//! names is removed ([`tidy`]). There is no quota for a person or an organisation.

mod archive;
mod catalog;
mod contents;
mod merge;
mod path;
mod stage;
mod tidy;
mod upload;

pub use catalog::{create, delete, file, list, location, versions};
pub use contents::{Arrival, ArrivalError, Contents};
pub use stage::{Slot, apply_stage, open_stage, slot, staged};
pub use tidy::tidy;
pub use upload::{Upload, prepare};

pub(crate) use path::relative;

use crate::{
    access::{Caller, need},
    error::Error,
    house::House,
    model::{Catalog, CatalogId, Code, Permission},
    store::Write,
};

const NOUN: &str = "catalog";

/// Bytes of one file.
pub const LARGEST_FILE: u64 = 512 * 1024 * 1024;
/// Bytes of all files of a version.
pub const LARGEST_VERSION: u64 = 1024 * 1024 * 1024;
/// Files of a version.
pub const MOST_FILES: usize = 10_000;

/// A catalog belongs to whoever made it.
///
/// # Errors
/// [`Error::NotFound`] for others, administrators apart; [`Error::Forbidden`] when the caller's role or
/// token does not reach this far.
fn theirs(caller: &Caller, catalog: Option<Catalog>, one: Permission) -> Result<Catalog, Error> {
    let owner = |catalog: &Catalog| caller.user.is_admin() || *caller.id() == catalog.creator_id;
    let found = catalog.filter(|catalog| *caller.org() == catalog.org_id && owner(catalog));
    let found = found.ok_or(Error::NotFound(NOUN))?;
    need(caller.ceiling(), one, NOUN)?;
    Ok(found)
}

async fn find(
    house: &House,
    caller: &Caller,
    id: &CatalogId,
    one: Permission,
) -> Result<Catalog, Error> {
    theirs(caller, house.store.catalog(caller.org(), id).await?, one)
}

async fn find_in(
    write: &mut Write<'_>,
    caller: &Caller,
    id: &CatalogId,
    one: Permission,
) -> Result<Catalog, Error> {
    theirs(caller, write.catalog(caller.org(), id).await?, one)
}

/// Whether the caller may read this version of code, so that artifacts may name it.
pub(crate) async fn may_read(
    write: &mut Write<'_>,
    caller: &Caller,
    code: &Code,
) -> Result<bool, Error> {
    let version = write.catalog_version(caller.org(), &code.catalog_version_id).await?;
    let catalog = write.catalog(caller.org(), &code.catalog_id).await?;
    let fits = version.is_some_and(|version| version.catalog_id == code.catalog_id);
    Ok(fits && theirs(caller, catalog, Permission::View).is_ok())
}

/// The disk could not do it; nothing that was stored before is touched.
fn on_disk(error: std::io::Error) -> Error {
    Error::Disk(error)
}

impl From<ArrivalError> for Error {
    fn from(error: ArrivalError) -> Self {
        match error {
            ArrivalError::TooLarge(most) => {
                Self::TooLarge(format!("it is larger than the {most} bytes that are accepted"))
            }
            ArrivalError::CutOff(why) => {
                Self::BadRequest(format!("the upload could not be read to its end: {why}"))
            }
            ArrivalError::Disk(error) => on_disk(error),
        }
    }
}
