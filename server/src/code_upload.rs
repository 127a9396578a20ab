//! Code that a person uploads from the page of a draft: a form with files, answered by a page.
//!
//! It does what programs do with several calls of the API, by the same use cases (rules.md §12): gathers the files on
//! a stage, makes a version of it, names that in the draft, and hands in a build when that was asked for. When
//! something is refused nothing of this happens, and what has arrived waits on its stage for the next try: a browser
//! does not choose files again by itself.

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use handover::{
    access::Caller,
    artifacts, builds,
    error::{Error, FieldError},
    files,
    house::House,
    model::{
        ApplyStage, ArtifactId, ArtifactRecord, ArtifactStatus, CatalogId, Code, Container,
        ImageBuildConfig, NewCatalog, Overwrite, Permission, StageId, VersionMade,
    },
};
use handover_app::{
    code::{self, CODE_FORM, CodeForm},
    context,
    refusal::{Fault, Refusal},
};
use tower_sessions::Session;

use crate::api::upload::{File, Upload};

/// What the field of the files is called.
const FILE: &str = "file";

pub(crate) fn router(house: &House) -> Router {
    Router::new().route("/artifacts/{id}/code", post(upload)).with_state(house.clone())
}

async fn upload(State(house): State<House>, Path(id): Path<String>, request: Request) -> Response {
    let Ok(id) = id.parse::<ArtifactId>() else { return StatusCode::NOT_FOUND.into_response() };
    let (parts, body) = request.into_parts();
    let Some((caller, session)) = who(&parts) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    let mut form = CodeForm::default();
    let request = Request::from_parts(parts, body);
    let done = take_in(&house, &caller, &id, request, &mut form).await;
    let page = code::address(&id, &form.container);
    let to = match done {
        Ok(Done { version, build: true }) => match builds::start(&house, &caller, &id).await {
            Ok(started) => match started.first() {
                Some(build) => format!("/artifacts/{id}/builds/{build}"),
                None => page,
            },
            Err(why) => {
                let Refusal { message, fields } = why.into();
                let message =
                    format!("{} The build can't be started: {message}", uploaded(&version));
                context::keep_in(
                    &session,
                    CODE_FORM,
                    &CodeForm::default(),
                    &Refusal { message, fields },
                )
                .await;
                page
            }
        },
        Ok(Done { version, build: false }) => {
            context::say_in(&session, uploaded(&version)).await;
            page
        }
        Err(refusal) => {
            context::keep_in(&session, CODE_FORM, &form, &refusal).await;
            page
        }
    };
    Redirect::to(&to).into_response()
}

fn uploaded(version: &VersionMade) -> String {
    let files = handover_app::format::plural(version.num_files, "file");
    format!("Uploaded: the draft names the new version of its code, with {files}.")
}

fn who(parts: &Parts) -> Option<(Caller, Session)> {
    let mut caller = parts.extensions.get::<Caller>()?.clone();
    caller.origin = context::origin_of(parts);
    Some((caller, parts.extensions.get::<Session>()?.clone()))
}

struct Done {
    version: VersionMade,
    build: bool,
}

/// Everything up to the version that the draft names. `form` is what was typed, and the stage on which files wait.
async fn take_in(
    house: &House,
    caller: &Caller,
    id: &ArtifactId,
    request: Request,
    form: &mut CodeForm,
) -> Result<Done, Refusal> {
    let artifact = artifacts::get(house, caller, id).await?;
    may_change(&artifact)?;
    let mut upload = Upload::of_page(request)?;
    let mut file = upload.next_file().await?;
    // The page puts its other fields before the files.
    *form = CodeForm::of(|name| upload.field(name).unwrap_or_default().to_owned());
    let container = container(&artifact, &form.container)?;
    let catalog = catalog(house, caller, &artifact, container, form).await?;
    let stage = stage(house, caller, &catalog, form).await?;
    form.catalog = catalog.to_string();
    form.stage = stage.to_string();
    let mut faults = Vec::new();
    while let Some(one) = file {
        let name = one.name.clone();
        if name.is_empty() {
            // A control in which nothing was chosen is sent as a file without a name. Only one part is open at a time.
            drop(one);
        } else if let Err(error) =
            receive(house, caller, (&catalog, &stage), one, form.unpacks).await?
        {
            faults.push(Fault { field: FILE.into(), message: format!("{name}: {}", words(error)) });
        }
        file = upload.next_file().await?;
    }
    let build = upload.field("do") == Some("build");
    if files::staged(house, caller, &catalog, &stage).await?.is_empty() && faults.is_empty() {
        faults.push(Fault { field: FILE.into(), message: "choose at least one file".into() });
    }
    let dockerfile = form.dockerfile();
    let source = match dockerfile {
        Ok(dockerfile) => Some(ImageBuildConfig { code_ref: None, dockerfile }),
        Err(wrong) => {
            faults.extend(wrong);
            None
        }
    };
    let Some(mut source) = source.filter(|_| faults.is_empty()) else {
        let message = "Nothing was changed: something needs another look.".into();
        return Err(Refusal { message, fields: faults });
    };
    // What the draft would not take is said before there is a version that it does not name.
    let spec = artifacts::with_source(&artifact.spec, &form.container, &source)?;
    artifacts::check_draft(house, caller, id, &artifact.name, spec).await?;
    let apply = ApplyStage { stage_id: stage, overwrite: Overwrite::Replace };
    let version = files::apply_stage(house, caller, &catalog, apply).await?;
    form.stage.clear();
    let before = container.source().unwrap_or_else(|| source.clone());
    let (catalog_id, catalog_version_id) =
        (version.catalog_id.clone(), version.catalog_version_id.clone());
    source.code_ref = Some(code::named(&before, Code { catalog_id, catalog_version_id }));
    artifacts::set_source(house, caller, id, &form.container, &source).await?;
    Ok(Done { version, build })
}

fn may_change(artifact: &ArtifactRecord) -> Result<(), Error> {
    if artifact.status != ArtifactStatus::Draft {
        return Err(Error::Forbidden(
            "it is locked: clone it into a new draft for other code".into(),
        ));
    }
    let update = Permission::Update.word();
    if artifact.permissions.iter().any(|word| word == "*" || word == update) {
        return Ok(());
    }
    Err(Error::Forbidden("your role on this artifact does not allow changing it".into()))
}

fn container<'a>(artifact: &'a ArtifactRecord, name: &str) -> Result<&'a Container, Error> {
    let mut all = artifact.spec.containers().map(|(_, container)| container);
    let unknown =
        || FieldError::body("container", "the draft has no container of this name any more");
    all.find(|one| one.title() == name).ok_or_else(|| Error::Invalid(vec![unknown()]))
}

/// Where the files go: to those that the container is built from, or to new code when it is to be built from these
/// alone, or when what there is belongs to somebody else.
async fn catalog(
    house: &House,
    caller: &Caller,
    artifact: &ArtifactRecord,
    container: &Container,
    form: &CodeForm,
) -> Result<CatalogId, Error> {
    let waiting = form.catalog.parse::<CatalogId>().ok();
    let present = || Some(container.source()?.code_ref?.datarobot.catalog_id);
    let wanted = waiting.or_else(|| present().filter(|_| !form.instead));
    if let Some(catalog) = wanted
        && files::prepare(house, caller, Some(&catalog)).await.is_ok()
    {
        return Ok(catalog);
    }
    let name = format!("{} of {}", container.title(), artifact.name);
    Ok(files::create(house, caller, NewCatalog { name }).await?.catalog_id)
}

/// The one that files of an earlier try wait on, if it is still there.
async fn stage(
    house: &House,
    caller: &Caller,
    catalog: &CatalogId,
    form: &CodeForm,
) -> Result<StageId, Error> {
    if let Ok(stage) = form.stage.parse::<StageId>()
        && files::slot(house, caller, catalog, &stage).await.is_ok()
    {
        return Ok(stage);
    }
    Ok(files::open_stage(house, caller, catalog).await?.stage_id)
}

/// Takes in one file. The outer error is one of ours, which the next file would meet as well; the inner one is the
/// file's.
async fn receive(
    house: &House,
    caller: &Caller,
    (catalog, stage): (&CatalogId, &StageId),
    file: File,
    unpacks: bool,
) -> Result<Result<(), Error>, Error> {
    let slot = files::slot(house, caller, catalog, stage).await?;
    let File { name, content } = file;
    let taken = if unpacks && name.to_ascii_lowercase().ends_with(".zip") {
        slot.unpack(content).await
    } else {
        slot.put(&name, None, content).await
    };
    match taken {
        Err(error @ (Error::Store(_) | Error::Disk(_) | Error::NotFound(_))) => Err(error),
        other => Ok(other),
    }
}

/// The same without the name of the field: it is said at that field.
fn words(error: Error) -> String {
    match error {
        Error::Invalid(all) => {
            all.into_iter().map(|one| one.message).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}
