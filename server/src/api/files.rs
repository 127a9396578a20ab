//! Uploaded code: catalogs, their versions, and the stages in which versions are gathered (rules.md §12).

use axum::{
    Json,
    body::Body as Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use handover::{
    access::Caller,
    error::{Error, FieldError},
    files,
    house::House,
    model::{
        ApplyStage, CatalogId, CatalogVersionId, DeleteFiles, FileRecord, FilesDeleted, NewCatalog,
        Overwrite, StageId, StageMade, UnknownWord, UploadMade, UploadState, UploadStatus,
        VersionMade, VersionRecord,
    },
    store::Paging,
};
use tokio_util::io::ReaderStream;
use utoipa::openapi::{ObjectBuilder, schema::Type};

use super::{
    answer::{Accepted, Created, Listed},
    auth::Signed,
    body::{Body, Optional},
    error::Answer,
    id::Id,
    paging::Asked,
    parameter::{flag, one, order, page},
    query::Query,
    refusal::Refusal::{Conflict, Invalid},
    route::{Routes, delete, get, post},
    sketch::{Gives, Sketch},
    upload::Upload,
};

/// Files are listed in larger pages than most things: clients compare all of them.
const MOST: u64 = 1000;
const DEFAULT: u64 = 100;

const KEYS: [(&str, ()); 2] = [("created", ()), ("creationDate", ())];

pub(super) fn routes() -> Routes {
    let catalog = "/api/v2/files/{catalog}";
    let version = "/api/v2/files/{catalog}/versions/{version}";
    let at = |rest: &str| format!("{catalog}/{rest}");
    let of_version = |rest: &str| format!("{version}/{rest}");
    let how = || {
        [
            flag("useArchiveContents", "Whether a zip archive counts as what it contains"),
            one::<Overwrite>("overwrite", "What becomes of a file whose path is taken"),
        ]
    };
    let into = post(at("fromFile"), "Upload the next version of a catalog", into_catalog);
    let status = get("/api/v2/status/{version}", "Read how far an upload is", status)
        .says("303 says that it is done. An upload is done when it has been answered.");
    let take_out = delete(at("allFiles"), "Make a version without some files", take_out)
        .says("A path names a file, or a folder with all that is in it.");
    let versions = get(at("versions"), "List the versions of a catalog", versions);
    let read = get(of_version("file"), "Read a file of a version", read);
    Routes::of("Code")
        .with(post("/api/v2/files", "Make a catalog for code", create))
        .with(
            post("/api/v2/files/fromFile", "Upload code as a new catalog", from_file).query(how()),
        )
        .with(into.query(how()).refuses([Conflict]))
        .with(post(at("stages"), "Open a stage to gather files on", open_stage))
        .with(post(at("stages/{stage}/upload"), "Upload a file to a stage", upload))
        .with(post(at("fromStage"), "Make a version of a stage", apply_stage).refuses([Conflict]))
        .with(get(at("allFiles"), "List the newest files", list).query(page(MOST, DEFAULT)))
        .with(take_out)
        .with(versions.query([order(&KEYS)]).query(page(MOST, DEFAULT)))
        .with(
            get(of_version("allFiles"), "List the files of a version", list_version)
                .query(page(MOST, DEFAULT)),
        )
        .with(read.query([one::<String>("fileName", "The path of the file")]).refuses([Invalid]))
        .with(status)
}

async fn create(
    State(house): State<House>,
    Signed(caller): Signed,
    Optional(new): Optional<NewCatalog>,
) -> Answer<Created<VersionMade>> {
    let made = files::create(&house, &caller, new).await?;
    Ok(Created(made))
}

async fn open_stage(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(catalog): Id<CatalogId>,
) -> Answer<Created<StageMade>> {
    let made = files::open_stage(&house, &caller, &catalog).await?;
    Ok(Created(made))
}

async fn upload(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(catalog): Id<CatalogId>,
    Id(stage): Id<StageId>,
    mut upload: Upload,
) -> Answer<Created<StageMade>> {
    let slot = files::slot(&house, &caller, &catalog, &stage).await?;
    let file = upload.file().await?;
    let executable = upload.flag("isExecutable")?;
    slot.put(&file.name, executable, file.content).await?;
    upload.rest().await?;
    Ok(Created(StageMade { catalog_id: catalog, stage_id: stage }))
}

async fn apply_stage(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(catalog): Id<CatalogId>,
    Body(wanted): Body<ApplyStage>,
) -> Answer<Created<VersionMade>> {
    let made = files::apply_stage(&house, &caller, &catalog, wanted).await?;
    Ok(Created(made))
}

/// What was made, and where its status is to be read.
type Uploaded = (HeaderMap, Accepted<UploadMade>);

async fn from_file(
    State(house): State<House>,
    Signed(caller): Signed,
    query: Query,
    upload: Upload,
) -> Answer<Uploaded> {
    take_in(&house, &caller, None, query, upload).await
}

async fn into_catalog(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(catalog): Id<CatalogId>,
    query: Query,
    upload: Upload,
) -> Answer<Uploaded> {
    take_in(&house, &caller, Some(&catalog), query, upload).await
}

/// Clients send what they want in the query, in the form or in both; the form wins.
async fn take_in(
    house: &House,
    caller: &Caller,
    catalog: Option<&CatalogId>,
    mut query: Query,
    mut upload: Upload,
) -> Answer<Uploaded> {
    let asked = query.text("useArchiveContents").is_some();
    let archive = Some(query.flag("useArchiveContents")).filter(|_| asked);
    let overwrite: Option<Overwrite> = query.one("overwrite");
    query.done()?;
    let prepared = files::prepare(house, caller, catalog).await?;
    let file = upload.file().await?;
    let arrival = prepared.receive(file.content).await?;
    upload.rest().await?;
    let archive = upload.flag("useArchiveContents")?.or(archive);
    let overwrite = match upload.field("overwrite") {
        Some(word) => word.parse().map(Some).map_err(|why: UnknownWord| {
            Error::Invalid(vec![FieldError::body("overwrite", why.to_string())])
        })?,
        None => overwrite,
    };
    let overwrite = overwrite.unwrap_or_default();
    let version = prepared.finish(caller, &file.name, arrival, archive, overwrite).await?;
    let status_id = version.catalog_version_id.clone();
    let at = format!("{}/api/v2/status/{status_id}/", house.settings.public_url);
    Ok((location(&at), Accepted(UploadMade { version, status_id })))
}

fn location(at: &str) -> HeaderMap {
    let value = HeaderValue::from_str(at).ok();
    value.into_iter().map(|value| (header::LOCATION, value)).collect()
}

async fn status(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(version): Id<CatalogVersionId>,
    asked: Asked,
) -> Answer<Done> {
    let made = files::location(&house, &caller, &version).await?;
    let at = format!("/api/v2/files/{}/versions/{version}/allFiles/", made.catalog_id);
    Ok(Done {
        at: asked.at(&at),
        status: UploadStatus {
            status: UploadState::Completed,
            status_id: version,
            message: String::new(),
            catalog_id: made.catalog_id,
            catalog_version_id: made.catalog_version_id,
        },
    })
}

/// 303 is how clients of the original learn that it is done; they don't follow it.
struct Done {
    at: String,
    status: UploadStatus,
}

impl Gives for Done {
    fn describe(sketch: &mut Sketch) {
        sketch.gives::<UploadStatus>(303, "Done; Location is the list of its files");
    }
}

impl IntoResponse for Done {
    fn into_response(self) -> Response {
        (StatusCode::SEE_OTHER, location(&self.at), Json(self.status)).into_response()
    }
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(catalog): Id<CatalogId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<FileRecord>> {
    let page = paging(&mut query);
    query.done()?;
    let found = files::list(&house, &caller, &catalog, None, page).await?;
    Ok(asked.envelope(found, page))
}

async fn list_version(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(catalog): Id<CatalogId>,
    Id(version): Id<CatalogVersionId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<FileRecord>> {
    let page = paging(&mut query);
    query.done()?;
    let found = files::list(&house, &caller, &catalog, Some(&version), page).await?;
    Ok(asked.envelope(found, page))
}

async fn versions(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(catalog): Id<CatalogId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<VersionRecord>> {
    let order = query.order(&KEYS);
    let page = paging(&mut query);
    query.done()?;
    let newest_first = order.is_none_or(|((), descending)| descending);
    let found = files::versions(&house, &caller, &catalog, newest_first, page).await?;
    Ok(asked.envelope(found, page))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(catalog): Id<CatalogId>,
    Id(version): Id<CatalogVersionId>,
    mut query: Query,
) -> Answer<Content> {
    let name = query.text("fileName").map(str::to_owned);
    if name.is_none() {
        query.refuse("fileName", "which file is wanted");
    }
    query.done()?;
    let name = name.unwrap_or_default();
    let (record, file) = files::file(&house, &caller, &catalog, Some(&version), &name).await?;
    Ok(Content { size: record.file_size, file })
}

/// Never a page of ours: whatever was uploaded is for saving, not for showing.
struct Content {
    size: u64,
    file: tokio::fs::File,
}

impl Gives for Content {
    fn describe(sketch: &mut Sketch) {
        let bytes = ObjectBuilder::new().schema_type(Type::String);
        sketch.gives_schema(200, "The file", "application/octet-stream", bytes);
    }
}

impl IntoResponse for Content {
    fn into_response(self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
            (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment")),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::CONTENT_LENGTH, HeaderValue::from(self.size)),
        ];
        (headers, Bytes::from_stream(ReaderStream::new(self.file))).into_response()
    }
}

async fn take_out(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(catalog): Id<CatalogId>,
    Body(wanted): Body<DeleteFiles>,
) -> Answer<Json<FilesDeleted>> {
    Ok(Json(files::delete(&house, &caller, &catalog, wanted).await?))
}

fn paging(query: &mut Query) -> Paging {
    let offset = query.number("offset", 0, i64::MAX as u64, 0);
    Paging { offset, limit: query.number("limit", 1, MOST, DEFAULT) }
}
