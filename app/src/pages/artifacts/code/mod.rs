//! The code that a container of a draft is built from: what is there, more of it, earlier versions, and its builds.
//! Each does what the Files API does (rules.md §12), with a form; the upload itself is taken in by the server's
//! `code_upload`, because files are more than a page is sent otherwise.
//!
//! Known limitation: there is no word on how far an upload is; a browser says that itself at most.

pub mod files;
pub mod form;
pub mod versions;

use handover::{
    access::Caller,
    artifacts, builds,
    builds::environments::EnvironmentFilter,
    error::Error,
    files as use_files,
    house::House,
    model::{
        ArtifactId, ArtifactRecord, ArtifactStatus, Code, Container, FileRecord, Page, Permission,
        VersionRecord,
    },
    store::Paging,
};
use leptos::prelude::*;

use super::{builds::Builds, may};
use crate::{
    code::{CODE_FORM, CodeForm, address},
    components::{
        curl::{ApiCall, call},
        notice::Refused,
    },
    context,
    pages::{
        id,
        layout::{Crumbs, Layout, Part},
        query,
    },
};
use files::Files;
use form::UploadForm;
use versions::Versions;

/// Files and versions that are shown, and builds.
const SHOWN: u64 = 200;
const VERSIONS: u64 = 20;
const BUILDS: u64 = 10;

#[component]
pub fn CodePage() -> impl IntoView {
    let id = id::<ArtifactId>("id", "artifact");
    let wanted = query("container");
    context::page(async move {
        let (house, caller) = context::door()?;
        let artifact = artifacts::get(&house, &caller, &id?).await?;
        let kept = context::take_kept::<CodeForm>(CODE_FORM).await;
        let (typed, refusal) = kept.unzip();
        let container = chosen(&artifact, wanted.as_deref())?;
        let there = There::of(&house, &caller, &container).await?;
        let environments = environments(&house);
        let typed = typed.filter(|form| form.container == container.title());
        let first = environments.first().map(|(ids, _)| ids.as_str());
        let form = typed.unwrap_or_else(|| CodeForm::open(&container, first));
        let waiting = waiting(&house, &caller, &form).await;
        let made = builds::list(&house, &caller, &artifact.id, Paging::first(BUILDS)).await?.items;
        let under_way = made.iter().any(|build| !build.status.is_over());
        let live = if under_way { "/live/pulse?every=2" } else { "/live/pulse?every=15" };
        let changes = artifact.status == ArtifactStatus::Draft
            && may(&artifact.permissions, Permission::Update);
        let name = artifact.name.clone();
        let base = format!("/artifacts/{}", artifact.id);
        let title = format!("Code of {}", container.title());
        let why_not = (!changes).then(|| why_not(&artifact));
        let example = example(&artifact);
        let shown_builds = (container.is_built() || !made.is_empty()).then(|| {
            view! { <Builds artifact=artifact.clone() builds=made/> }
        });
        Ok(view! {
            <Layout title=format!("Code · {name}") part=Part::Artifacts live>
                <Crumbs links=vec![("/artifacts".into(), "Artifacts".into()), (base.clone(), name.clone())] here="Code"/>
                <div class="head"><h1>{title}</h1>
                    {changes.then(|| view! { <div class="actions"><a class="btn" href=format!("{base}/edit")>"Edit the draft"</a></div> })}
                </div>
                <p class="quiet">"What the image of this container is made from. Each upload makes a version of it that never changes."</p>
                {parts(&artifact, container.title())}
                <Refused refusal=refusal.clone()/>
                <div class="stack">
                    <Files artifact=artifact.id.to_string() container=container.title().to_owned() there=there.clone() changes/>
                    {match why_not {
                        Some(why) => view! { <div class="banner warn"><p>{why}</p></div> }.into_any(),
                        None => view! { <UploadForm artifact=artifact.id.to_string() form waiting refusal environments there=there.clone()/> }.into_any(),
                    }}
                    {shown_builds}
                    <Versions artifact=artifact.id.to_string() container=container.title().to_owned() there changes/>
                    <div><ApiCall text=example/></div>
                </div>
            </Layout>
        })
    })
}

/// What the container is built from now.
#[derive(Debug, Clone)]
pub enum There {
    /// It is not built from code, or none has been uploaded.
    Nothing,
    /// Whoever uploaded it sees it, and administrators do.
    OfSomebodyElse,
    Code {
        code: Code,
        files: Page<FileRecord>,
        versions: Page<VersionRecord>,
    },
}

impl There {
    async fn of(house: &House, caller: &Caller, container: &Container) -> Result<Self, Error> {
        let code = container.source().and_then(|source| source.code_ref);
        let Some(code) = code.map(|code| code.datarobot) else { return Ok(Self::Nothing) };
        let Code { catalog_id, catalog_version_id } = &code;
        let paging = Paging::first(SHOWN);
        let files =
            use_files::list(house, caller, catalog_id, Some(catalog_version_id), paging).await;
        let files = match files {
            Err(Error::NotFound(_)) => return Ok(Self::OfSomebodyElse),
            other => other?,
        };
        let newest = Paging::first(VERSIONS);
        let versions = use_files::versions(house, caller, catalog_id, true, newest).await?;
        Ok(Self::Code { code, files, versions })
    }
}

/// The one that the address names, or the first that is built from code, or the one that serves.
fn chosen(artifact: &ArtifactRecord, name: Option<&str>) -> Result<Container, Error> {
    let mut all = artifact.spec.containers().map(|(_, one)| one);
    let found = match name {
        Some(name) => all.find(|one| one.title() == name),
        None => all.find(|one| one.is_built()).or(artifact.spec.primary()),
    };
    found.cloned().ok_or(Error::NotFound("container of this artifact"))
}

/// The way to the code of the other containers.
fn parts(artifact: &ArtifactRecord, here: &str) -> Option<impl IntoView + use<>> {
    let names: Vec<String> =
        artifact.spec.containers().map(|(_, one)| one.title().to_owned()).collect();
    let (id, here) = (artifact.id.clone(), here.to_owned());
    (names.len() > 1).then(|| {
        let links = names.into_iter().map(move |name| {
            let current = (name == here).then_some("page");
            let href = address(&id, &name);
            view! { <a href=href aria-current=current>{name}</a> }
        });
        view! { <nav class="seg parts" aria-label="Containers">{links.collect_view()}</nav> }
    })
}

fn why_not(artifact: &ArtifactRecord) -> String {
    match artifact.version {
        Some(version) => format!(
            "It is locked as v{version} and never changes. Clone it into a new draft to give it other code."
        ),
        None => "Your role on this artifact does not allow changing it.".into(),
    }
}

/// Each execution environment, by its ids and its name.
pub(super) fn environments(house: &House) -> Vec<(String, String)> {
    let all = builds::environments::list(house, &EnvironmentFilter::default()).items;
    all.into_iter().map(|one| (format!("{} {}", one.id, one.latest_version.id), one.name)).collect()
}

/// What has arrived with an earlier try that was refused.
async fn waiting(house: &House, caller: &Caller, form: &CodeForm) -> Vec<FileRecord> {
    let (Ok(catalog), Ok(stage)) = (form.catalog.parse(), form.stage.parse()) else {
        return Vec::new();
    };
    use_files::staged(house, caller, &catalog, &stage).await.unwrap_or_default()
}

/// The same by a program: upload, then name what it answered.
fn example(artifact: &ArtifactRecord) -> String {
    let upload = call("POST", "/files/fromFile/?useArchiveContents=true", None);
    let name = call("PATCH", &format!("/artifacts/{}/", artifact.id), None);
    format!(
        "{upload} \\\n  -F file=@code.zip\n{name} \\\n  -H 'Content-Type: application/json' \\\n  \
         -d '{{\"spec\": …, with imageBuildConfig.codeRef.datarobot: catalogId, catalogVersionId}}'"
    )
}
