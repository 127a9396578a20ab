//! Stages: files uploaded one by one that become a version together.

use bytes::Bytes;
use futures::Stream;
use tokio::task::spawn_blocking;

use super::{
    LARGEST_FILE, LARGEST_VERSION, MOST_FILES, archive, catalog::add_version, find, find_in,
    merge::merge, on_disk, path::relative, upload::gone,
};
use crate::{
    access::Caller,
    audit::{self, Act},
    error::{Error, Findings},
    house::House,
    model::{
        ApplyStage, AuditAction, CatalogId, FileRecord, FileStage, Permission, StageId, StageMade,
        StoredFile, VersionMade,
    },
};

pub async fn open_stage(
    house: &House,
    caller: &Caller,
    id: &CatalogId,
) -> Result<StageMade, Error> {
    let mut write = house.store.write().await?;
    let catalog = find_in(&mut write, caller, id, Permission::Update).await?;
    let stage = FileStage {
        id: StageId::from_bytes(house.id()),
        org_id: catalog.org_id,
        catalog_id: catalog.id,
        created_at: house.now(),
    };
    write.insert_stage(&stage).await?;
    write.commit().await?;
    Ok(StageMade { catalog_id: stage.catalog_id, stage_id: stage.id })
}

/// The right to put files on a stage, checked before the first byte is taken in.
pub struct Slot<'h> {
    house: &'h House,
    stage: FileStage,
}

pub async fn slot<'h>(
    house: &'h House,
    caller: &Caller,
    catalog: &CatalogId,
    stage: &StageId,
) -> Result<Slot<'h>, Error> {
    let catalog = find(house, caller, catalog, Permission::Update).await?;
    let found = house.store.stage(caller.org(), stage).await?;
    let own = found.filter(|stage| stage.catalog_id == catalog.id);
    Ok(Slot { house, stage: own.ok_or(Error::NotFound("stage"))? })
}

/// What waits on a stage, by path.
pub async fn staged(
    house: &House,
    caller: &Caller,
    catalog: &CatalogId,
    stage: &StageId,
) -> Result<Vec<FileRecord>, Error> {
    let slot = slot(house, caller, catalog, stage).await?;
    let files = house.store.staged_files(&slot.stage.id).await?;
    Ok(files.into_iter().map(FileRecord::from).collect())
}

impl Slot<'_> {
    /// Takes in one file. `executable` is what the client said of it; programs and scripts are known by
    /// their beginning when it said nothing.
    pub async fn put<E: std::fmt::Display>(
        &self,
        name: &str,
        executable: Option<bool>,
        content: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<(), Error> {
        let path = match relative(name) {
            Ok(path) => path,
            Err(why) => {
                let mut findings = Findings::default();
                findings.add("file", why);
                return findings.done();
            }
        };
        let contents = &self.house.files;
        let arrival = contents.receive(content, LARGEST_FILE).await?;
        let contents = contents.clone();
        let kept = spawn_blocking(move || contents.keep(arrival)).await.map_err(gone)?;
        let kept = kept.map_err(on_disk)?;
        let file = StoredFile {
            path,
            executable: executable.unwrap_or(kept.is_program),
            digest: kept.digest,
            size: kept.size,
        };
        self.keep(&[file]).await
    }

    /// Takes in what a zip archive contains, all of it or nothing.
    pub async fn unpack<E: std::fmt::Display>(
        &self,
        content: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<(), Error> {
        let contents = &self.house.files;
        let arrival = contents.receive(content, LARGEST_VERSION).await?;
        let contents = contents.clone();
        let files = spawn_blocking(move || archive::unpack(&contents, &arrival));
        self.keep(&files.await.map_err(gone)??).await
    }

    async fn keep(&self, files: &[StoredFile]) -> Result<(), Error> {
        let mut write = self.house.store.write().await?;
        // It may have been applied, or forgotten, while they came in.
        let stage = write.stage(&self.stage.org_id, &self.stage.id).await?;
        let stage = stage.ok_or(Error::NotFound("stage"))?;
        for file in files {
            write.stage_file(&stage, file).await?;
        }
        let (count, size) = write.stage_weight(&stage.id).await?;
        if count > MOST_FILES as u64 || size > LARGEST_VERSION {
            return Err(Error::Refused(format!(
                "a stage holds at most {MOST_FILES} files and {LARGEST_VERSION} bytes"
            )));
        }
        write.commit().await?;
        Ok(())
    }
}

/// Makes a version of the newest one and what is on the stage, which is gone then.
pub async fn apply_stage(
    house: &House,
    caller: &Caller,
    id: &CatalogId,
    wanted: ApplyStage,
) -> Result<VersionMade, Error> {
    let act = Act::on(AuditAction::FilesChange, id);
    audit::attempt(house, caller, act, try_apply_stage(house, caller, id, wanted)).await
}

async fn try_apply_stage(
    house: &House,
    caller: &Caller,
    id: &CatalogId,
    wanted: ApplyStage,
) -> Result<VersionMade, Error> {
    let mut write = house.store.write().await?;
    let catalog = find_in(&mut write, caller, id, Permission::Update).await?;
    let stage = write.stage(caller.org(), &wanted.stage_id).await?;
    let stage = stage.filter(|stage| stage.catalog_id == catalog.id);
    let stage = stage.ok_or(Error::NotFound("stage"))?;
    let staged = write.staged_files(&stage.id).await?;
    let before = match write.newest_version(&catalog.id).await? {
        Some(newest) => write.files(&newest.id).await?,
        None => Vec::new(),
    };
    let files = merge(before, staged, wanted.overwrite)?;
    let made = add_version(&mut write, house, caller, &catalog, files).await?;
    write.delete_stage(&stage.id).await?;
    write.commit().await?;
    Ok(made)
}
