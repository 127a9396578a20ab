//! Tags of workloads, artifacts and repositories (rules.md §17.1).

use axum::extract::State;
use handover::{
    house::House,
    model::{ArtifactId, NewTag, RepositoryId, Tag, TagId, WorkloadId},
    store::TagFilter,
    tags::{self, On},
};
use utoipa::ToSchema;

use super::{
    answer::{Created, NoContent},
    auth::Signed,
    body::Body,
    error::Answer,
    id::{Id, InPath},
    query::Query,
    refusal::Refusal::Conflict,
    route::{Route, Routes, delete, post},
};

pub(super) fn routes() -> Routes {
    let carriers = [
        of::<WorkloadId>("/api/v2/workloads"),
        of::<ArtifactId>("/api/v2/artifacts"),
        of::<RepositoryId>("/api/v2/artifactRepositories"),
    ];
    carriers.into_iter().flatten().fold(Routes::of("Tags"), Routes::with)
}

fn of<T: Carrier>(things: &str) -> [Route; 2] {
    let all = format!("{things}/{{id}}/tags");
    let add = format!("Add a tag to this {}", T::NOUN);
    let drop = format!("Remove a tag from this {}", T::NOUN);
    [
        post(all.as_str(), &add, add_tag::<T>).refuses([Conflict]),
        delete(format!("{all}/{{tag}}"), &drop, remove_tag::<T>),
    ]
}

/// `tagKeys` and `tagValues` of a list. A value may hold a comma itself, so it is also looked for whole.
pub(super) fn filter(query: &Query) -> TagFilter {
    let all = |texts: Vec<String>, words: Vec<String>| {
        let mut found = texts;
        found.extend(words);
        found.sort_unstable();
        found.dedup();
        found
    };
    TagFilter {
        names: all(query.texts("tagKeys"), query.words("tagKeys")),
        values: all(query.texts("tagValues"), query.words("tagValues")),
        each: Vec::new(),
    }
}

/// The id of something that carries tags.
trait Carrier: InPath + ToSchema + Send + 'static {
    fn on(self) -> On;
}

impl Carrier for WorkloadId {
    fn on(self) -> On {
        On::Workload(self)
    }
}

impl Carrier for ArtifactId {
    fn on(self) -> On {
        On::Artifact(self)
    }
}

impl Carrier for RepositoryId {
    fn on(self) -> On {
        On::Repository(self)
    }
}

async fn add_tag<T: Carrier>(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<T>,
    Body(new): Body<NewTag>,
) -> Answer<Created<Tag>> {
    Ok(Created(tags::add(&house, &caller, &id.on(), new).await?))
}

async fn remove_tag<T: Carrier>(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<T>,
    Id(tag): Id<TagId>,
) -> Answer<NoContent> {
    tags::remove(&house, &caller, &id.on(), &tag).await?;
    Ok(NoContent)
}
