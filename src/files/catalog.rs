//! Catalogs: making one, reading its versions, and taking files out of it.

use std::collections::BTreeSet;

use super::{find, find_in, on_disk, path::relative};
use crate::{
    access::{Caller, may_create},
    audit::{self, Act},
    error::{Error, Findings},
    house::House,
    model::{
        AuditAction, Catalog, CatalogId, CatalogVersion, CatalogVersionId, DeleteFiles, FileRecord,
        FilesDeleted, NewCatalog, Page, PathDeleted, Permission, StoredFile, VersionMade,
        VersionRecord,
    },
    store::{Paging, VersionFilter, Write},
};

/// Characters of a catalog's name.
const LONGEST_NAME: usize = 255;
/// What a catalog is called that nobody named.
const UNNAMED: &str = "Untitled";

/// A catalog with a first version that has no files.
pub async fn create(house: &House, caller: &Caller, new: NewCatalog) -> Result<VersionMade, Error> {
    may_create(caller)?;
    let mut write = house.store.write().await?;
    let catalog = open(&mut write, house, caller, &new.name).await?;
    let made = add_version(&mut write, house, caller, &catalog, Vec::new()).await?;
    write.commit().await?;
    Ok(made)
}

/// The files of a version, by path; of the newest when none is named.
pub async fn list(
    house: &House,
    caller: &Caller,
    id: &CatalogId,
    version: Option<&CatalogVersionId>,
    paging: Paging,
) -> Result<Page<FileRecord>, Error> {
    let version = version_of(house, caller, id, version).await?;
    let files = house.store.files(&version.id).await?;
    let total = files.len() as u64;
    let cut = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let part = files.into_iter().skip(cut(paging.offset)).take(cut(paging.limit));
    Ok(Page { items: part.map(FileRecord::from).collect(), total })
}

pub async fn versions(
    house: &House,
    caller: &Caller,
    id: &CatalogId,
    newest_first: bool,
    paging: Paging,
) -> Result<Page<VersionRecord>, Error> {
    let catalog = find(house, caller, id, Permission::View).await?;
    let filter = VersionFilter { catalog: catalog.id, newest_first };
    let page = house.store.catalog_versions(caller.org(), &filter, paging).await?;
    let items = page.items.into_iter().map(VersionRecord::from).collect();
    Ok(Page { items, total: page.total })
}

/// One file of a version, opened.
pub async fn file(
    house: &House,
    caller: &Caller,
    id: &CatalogId,
    version: Option<&CatalogVersionId>,
    name: &str,
) -> Result<(FileRecord, tokio::fs::File), Error> {
    let version = version_of(house, caller, id, version).await?;
    let name = relative(name).map_err(|_| Error::NotFound("file"))?;
    let files = house.store.files(&version.id).await?;
    let found = files.into_iter().find(|file| file.path == name);
    let found = found.ok_or(Error::NotFound("file"))?;
    let opened = tokio::fs::File::open(house.files.path(&found.digest)).await.map_err(on_disk)?;
    Ok((found.into(), opened))
}

/// Where the outcome of an upload is to be seen. Uploads are done when they are answered, so a version that
/// exists is the whole of its own story: its id is what clients ask with.
pub async fn location(
    house: &House,
    caller: &Caller,
    id: &CatalogVersionId,
) -> Result<VersionRecord, Error> {
    let unknown = || Error::NotFound("status");
    let version = house.store.catalog_version(caller.org(), id).await?.ok_or_else(unknown)?;
    find(house, caller, &version.catalog_id, Permission::View).await.map_err(
        |error| match error {
            Error::NotFound(_) => unknown(),
            other => other,
        },
    )?;
    Ok(version.into())
}

/// A new version without these files; a path may name a file or a folder with everything in it. When nothing
/// is there to be deleted, the newest version stays the newest.
pub async fn delete(
    house: &House,
    caller: &Caller,
    id: &CatalogId,
    wanted: DeleteFiles,
) -> Result<FilesDeleted, Error> {
    let act = Act::on(AuditAction::FilesChange, id);
    audit::attempt(house, caller, act, try_delete(house, caller, id, wanted)).await
}

async fn try_delete(
    house: &House,
    caller: &Caller,
    id: &CatalogId,
    wanted: DeleteFiles,
) -> Result<FilesDeleted, Error> {
    let mut findings = Findings::default();
    findings.check(!wanted.paths.is_empty(), "paths", "at least one path");
    findings.check(wanted.paths.len() <= super::MOST_FILES, "paths", "too many paths");
    findings.done()?;
    let mut write = house.store.write().await?;
    let catalog = find_in(&mut write, caller, id, Permission::Update).await?;
    let newest = write.newest_version(&catalog.id).await?.ok_or(Error::NotFound("version"))?;
    let before = write.files(&newest.id).await?;
    let mut gone: BTreeSet<String> = BTreeSet::new();
    let mut results = Vec::with_capacity(wanted.paths.len());
    for path in wanted.paths {
        let name = relative(path.trim_end_matches('/')).unwrap_or_default();
        let below = format!("{name}/");
        let hit = before.iter().filter(|file| file.path == name || file.path.starts_with(&below));
        let fresh = hit.filter(|file| gone.insert(file.path.clone())).count() as u64;
        results.push(PathDeleted { path, num_files_deleted: fresh });
    }
    let version = if gone.is_empty() {
        made(&newest)
    } else {
        let kept = before.into_iter().filter(|file| !gone.contains(&file.path)).collect();
        let made = add_version(&mut write, house, caller, &catalog, kept).await?;
        write.commit().await?;
        made
    };
    Ok(FilesDeleted { version, results })
}

/// A new catalog, still without a version.
pub(super) async fn open(
    write: &mut Write<'_>,
    house: &House,
    caller: &Caller,
    name: &str,
) -> Result<Catalog, Error> {
    let mut findings = Findings::default();
    findings.check(name.chars().count() <= LONGEST_NAME, "name", "at most 255 characters");
    findings.done()?;
    let name = if name.trim().is_empty() { UNNAMED } else { name };
    let catalog = Catalog {
        id: CatalogId::from_bytes(house.id()),
        org_id: caller.org().clone(),
        name: name.to_owned(),
        creator_id: caller.id().clone(),
        created_at: house.now(),
    };
    write.insert_catalog(&catalog).await?;
    Ok(catalog)
}

/// The next version of a catalog.
pub(super) async fn add_version(
    write: &mut Write<'_>,
    house: &House,
    caller: &Caller,
    catalog: &Catalog,
    files: Vec<StoredFile>,
) -> Result<VersionMade, Error> {
    let newest = write.newest_version(&catalog.id).await?;
    let version = CatalogVersion {
        id: CatalogVersionId::from_bytes(house.id()),
        org_id: catalog.org_id.clone(),
        catalog_id: catalog.id.clone(),
        number: newest.map_or(1, |newest| newest.number + 1),
        num_files: files.len() as u64,
        size: files.iter().map(|file| file.size).sum(),
        creator_id: caller.id().clone(),
        created_at: house.now(),
    };
    write.insert_version(&version, &files).await?;
    let act = Act::on(AuditAction::FilesChange, &catalog.id);
    let after = serde_json::json!({
        "catalogVersionId": version.id, "numFiles": version.num_files, "size": version.size,
    });
    audit::done(write, house, caller, act, None, Some(after));
    Ok(made(&version))
}

fn made(version: &CatalogVersion) -> VersionMade {
    VersionMade {
        catalog_id: version.catalog_id.clone(),
        catalog_version_id: version.id.clone(),
        num_files: version.num_files,
    }
}

async fn version_of(
    house: &House,
    caller: &Caller,
    id: &CatalogId,
    version: Option<&CatalogVersionId>,
) -> Result<CatalogVersion, Error> {
    let catalog = find(house, caller, id, Permission::View).await?;
    let found = match version {
        Some(version) => house.store.catalog_version(caller.org(), version).await?,
        None => house.store.newest_version(&catalog.id).await?,
    };
    let own = found.filter(|version| version.catalog_id == catalog.id);
    own.ok_or(Error::NotFound("version of this catalog"))
}
