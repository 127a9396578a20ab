//! A whole version in one upload: a zip archive, or a single file.

use bytes::Bytes;
use futures::Stream;
use tokio::task::{JoinError, spawn_blocking};

use super::{
    Arrival, LARGEST_VERSION, archive,
    catalog::{add_version, open},
    find, find_in,
    merge::merge,
    on_disk,
    path::relative,
};
use crate::{
    access::{Caller, may_create},
    error::{Error, Findings},
    house::House,
    model::{CatalogId, Overwrite, Permission, StoredFile, VersionMade},
};

/// The right to upload, checked before the first byte is taken in.
pub struct Upload<'h> {
    house: &'h House,
    /// None for one that is made by this upload.
    catalog: Option<CatalogId>,
}

/// Into this catalog, or into a new one.
pub async fn prepare<'h>(
    house: &'h House,
    caller: &Caller,
    catalog: Option<&CatalogId>,
) -> Result<Upload<'h>, Error> {
    may_create(caller)?;
    let catalog = match catalog {
        Some(id) => Some(find(house, caller, id, Permission::Update).await?.id),
        None => None,
    };
    Ok(Upload { house, catalog })
}

impl Upload<'_> {
    pub async fn receive<E: std::fmt::Display>(
        &self,
        content: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<Arrival, Error> {
        Ok(self.house.files.receive(content, LARGEST_VERSION).await?)
    }

    /// Makes the next version. Without a word on it, an archive counts as what it contains.
    pub async fn finish(
        self,
        caller: &Caller,
        name: &str,
        arrival: Arrival,
        archive: Option<bool>,
        overwrite: Overwrite,
    ) -> Result<VersionMade, Error> {
        let (contents, given) = (self.house.files.clone(), name.to_owned());
        let files = spawn_blocking(move || {
            if archive.unwrap_or_else(|| archive::is_archive(&arrival)) {
                return archive::unpack(&contents, &arrival);
            }
            let mut findings = Findings::default();
            let path =
                relative(&given).map_err(|why| findings.add("file", why)).unwrap_or_default();
            findings.done()?;
            let kept = contents.keep(arrival).map_err(on_disk)?;
            let (digest, size) = (kept.digest, kept.size);
            Ok(vec![StoredFile { path, digest, size, executable: kept.is_program }])
        });
        let files = files.await.map_err(gone)??;
        let mut write = self.house.store.write().await?;
        let (catalog, before) = match &self.catalog {
            Some(id) => {
                let catalog = find_in(&mut write, caller, id, Permission::Update).await?;
                let newest = write.newest_version(&catalog.id).await?;
                let newest = newest.ok_or(Error::NotFound("version"))?;
                let before = write.files(&newest.id).await?;
                (catalog, before)
            }
            None => {
                let title: String = name.chars().take(255).collect();
                (open(&mut write, self.house, caller, &title).await?, Vec::new())
            }
        };
        let files = merge(before, files, overwrite)?;
        let made = add_version(&mut write, self.house, caller, &catalog, files).await?;
        write.commit().await?;
        Ok(made)
    }
}

/// The work on the disk ended without a result.
pub(super) fn gone(error: JoinError) -> Error {
    on_disk(std::io::Error::other(error))
}
