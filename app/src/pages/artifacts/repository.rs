//! One repository: its locked versions and its drafts.

use handover::{
    artifacts,
    model::{ArtifactRecord, ArtifactStatus, Permission, RepositoryId, RepositoryRecord},
    repositories,
    store::{ArtifactFilter, ArtifactKey, ArtifactOrder, Paging},
};
use leptos::prelude::*;

use super::{StateChip, may, tags::Tags};
use crate::{
    components::{
        address::{address, sort_head},
        format::plural,
        pager::{PER_PAGE, Place, pager},
        person::person,
        time::{Ago, When},
    },
    context,
    pages::{
        id,
        layout::{Crumbs, Layout, Part},
        offset, query,
    },
};

/// What is asked for, as the address says it.
#[derive(Debug, Clone)]
struct Asked {
    id: String,
    status: Option<ArtifactStatus>,
    search: String,
    sort: String,
    offset: u64,
}

impl Asked {
    fn read() -> Self {
        Self {
            id: String::new(),
            status: query("status").and_then(|word| word.parse().ok()),
            search: query("search").unwrap_or_default(),
            sort: query("sort").unwrap_or_else(|| "-created".to_owned()),
            offset: offset(),
        }
    }

    /// Drafts are all there is to see as long as nothing is locked.
    fn of(self, repository: &RepositoryRecord) -> Self {
        let first = match repository.last_version_number {
            0 => ArtifactStatus::Draft,
            _ => ArtifactStatus::Locked,
        };
        Self { id: repository.id.to_string(), status: self.status.or(Some(first)), ..self }
    }

    fn filter(&self, repository: &RepositoryId) -> ArtifactFilter {
        let descending = self.sort.starts_with('-');
        let key = match self.sort.trim_start_matches('-') {
            "name" => ArtifactKey::Name,
            "modified" => ArtifactKey::UpdatedAt,
            _ => ArtifactKey::CreatedAt,
        };
        ArtifactFilter {
            repository_id: Some(repository.clone()),
            status: self.status.into_iter().collect(),
            search: Some(self.search.clone()).filter(|text| !text.is_empty()),
            order: ArtifactOrder { key, descending },
            ..ArtifactFilter::default()
        }
    }

    fn at(&self, offset: u64) -> String {
        let sort = if self.sort == "-created" { "" } else { &self.sort };
        let offset = if offset == 0 { String::new() } else { offset.to_string() };
        let pairs = [
            ("status", self.status.map_or("", ArtifactStatus::word)),
            ("search", self.search.as_str()),
            ("sort", sort),
            ("offset", &offset),
        ];
        address(&format!("/repositories/{}", self.id), &pairs)
    }
}

#[component]
pub fn RepositoryPage() -> impl IntoView {
    let id = id::<RepositoryId>("id", "artifact repository");
    let asked = Asked::read();
    context::page(async move {
        let (house, caller) = context::door()?;
        let repository = repositories::get(&house, &caller, &id?).await?;
        let asked = asked.of(&repository);
        let paging = Paging { offset: asked.offset, limit: PER_PAGE };
        let filter = asked.filter(&repository.id);
        let page = artifacts::list(&house, &caller, &filter, paging).await?;
        let place =
            Place { offset: asked.offset, shown: page.items.len() as u64, total: page.total };
        let name = repository.name.clone();
        let base = format!("/repositories/{}", repository.id);
        let new_draft = address("/artifacts/new", &[("repository", repository.id.as_str())]);
        let writes = may(&repository.permissions, Permission::Update);
        let deletes = may(&repository.permissions, Permission::Delete);
        Ok(view! {
            <Layout title=name.clone() part=Part::Artifacts>
                <Crumbs links=vec![("/artifacts".into(), "Artifacts".into())] here=name.clone()/>
                <div class="head">
                    <h1>{name}</h1>
                    <span class="chip">{repository.kind.word()}</span>
                    <div class="actions">
                        {deletes.then(|| view! { <a class="btn plain" href=format!("{base}/delete") data-dialog="">"Delete"</a> })}
                        <a class="btn" href=format!("{base}/share") data-dialog="">"Share"</a>
                        <a class="btn" href=format!("{base}/compare")>"Compare versions"</a>
                        {writes.then(|| view! { <a class="btn solid" href=new_draft>"New draft"</a> })}
                    </div>
                </div>
                <p class="quiet">{summary(&repository)}", modified "<Ago at=repository.updated_at/></p>
                <div class="cols">
                    <Versions asked items=page.items place base=base.clone()/>
                    <div class="stack">
                        <section class="card">
                            <header><h2>"Info"</h2></header>
                            <dl class="facts">
                                <dt>"Owner"</dt><dd>{person(&repository.creator)}</dd>
                                <dt>"Created"</dt><dd><When at=repository.created_at/></dd>
                                <dt>"Modified"</dt><dd><When at=repository.updated_at/></dd>
                                <dt>"Repository ID"</dt><dd class="mono">{repository.id.to_string()}</dd>
                            </dl>
                        </section>
                        <Tags of="repository" id=repository.id.to_string() tags=repository.tags.clone() writes/>
                    </div>
                </div>
            </Layout>
        })
    })
}

fn summary(repository: &RepositoryRecord) -> String {
    let latest = match repository.last_version_number {
        0 => "nothing locked yet".to_owned(),
        version => format!("latest version v{version}"),
    };
    format!("{}, {latest}", plural(repository.num_artifacts, "artifact"))
}

#[component]
fn Versions(asked: Asked, items: Vec<ArtifactRecord>, place: Place, base: String) -> impl IntoView {
    let tab = |status: ArtifactStatus, name: &'static str| {
        let href = Asked { status: Some(status), offset: 0, ..asked.clone() }.at(0);
        view! { <a href=href aria-current=(Some(status) == asked.status).then_some("page")>{name}</a> }
    };
    let tabs = (tab(ArtifactStatus::Locked, "Locked"), tab(ArtifactStatus::Draft, "Draft"));
    let link = |sort: &str| Asked { sort: sort.to_owned(), offset: 0, ..asked.clone() }.at(0);
    let by_name = sort_head("Name", "name", &asked.sort, link);
    let by_created = sort_head("Created", "created", &asked.sort, link);
    let by_modified = sort_head("Modified", "modified", &asked.sort, link);
    let pages = pager(place, |offset| asked.at(offset));
    let nothing = items.is_empty();
    let several = place.total > 1;
    let rows = items.into_iter().map(|artifact| row(artifact, several)).collect_view();
    let action = base.clone();
    view! {
        <section class="card" aria-label="Versions">
            <div class="bar">
                <nav class="seg" aria-label="Which versions">{tabs}</nav>
                <form class="search" role="search" action=action data-check=base.clone()>
                    <input type="hidden" name="status" value=asked.status.map_or("", ArtifactStatus::word)/>
                    <input type="search" name="search" value=asked.search.clone() aria-label="Search name, ID or description" placeholder="Search name, ID or description"/>
                    <button type="submit">"Search"</button>
                </form>
            </div>
            {several.then(|| view! {
                <form class="bar picked" id="compare" action=format!("{base}/compare")>
                    <span class="k">"Mark two to compare them."</span>
                    <button type="submit" class="end">"Compare"</button>
                </form>
            })}
            {nothing.then(|| empty(&asked))}
            {(!nothing).then(|| view! {
                <div class="scroll"><table class="folds">
                    <thead><tr>{several.then(|| view! { <th scope="col"><span class="aside">"Compare"</span></th> })}<th scope="col">"Version"</th>{by_name}{by_created}{by_modified}<th scope="col">"By"</th><th scope="col"><span class="aside">"Actions"</span></th></tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
            })}
            <div class="bar under"><span class="k">{place.words()}</span><span class="end actions">{pages}</span></div>
        </section>
    }
}

fn empty(asked: &Asked) -> impl IntoView + use<> {
    let (what, next) = match asked.status {
        _ if !asked.search.is_empty() => ("Nothing here fits what you look for.", ""),
        Some(ArtifactStatus::Draft) => (
            "There is no draft.",
            "A draft is where a new version begins: make one, or clone a locked version.",
        ),
        _ => (
            "No version is locked yet.",
            "Lock a draft, or promote a workload that runs it: it becomes v1.",
        ),
    };
    view! { <div class="empty"><p>{what}</p><p class="quiet">{next}</p></div> }
}

fn row(artifact: ArtifactRecord, several: bool) -> impl IntoView {
    let id = artifact.id.to_string();
    let base = format!("/artifacts/{id}");
    let image = artifact.spec.primary().and_then(|c| c.image_uri.clone()).unwrap_or_default();
    let label = format!("Compare {}", super::short_name(&artifact));
    view! {
        <tr data-key=id.clone()>
            {several.then(|| view! { <td class="pick" data-k="Compare"><input type="checkbox" form="compare" name="pick" value=id.clone() aria-label=label/></td> })}
            <td class="nowrap" data-k="Version"><a href=base.clone()><StateChip status=artifact.status version=artifact.version/></a></td>
            <td class="lead"><a class="row-link" href=base.clone()>{artifact.name.clone()}</a><div class="sub mono anywhere">{image}</div></td>
            <td class="nowrap" data-k="Created"><Ago at=artifact.created_at/></td>
            <td class="nowrap" data-k="Modified"><Ago at=artifact.updated_at/></td>
            <td data-k="By">{person(&artifact.creator)}</td>
            <td class="n"><super::change::Menu artifact/></td>
        </tr>
    }
}
