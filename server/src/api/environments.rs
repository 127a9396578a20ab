//! Execution environments: what code can be built on (rules.md §16).

use axum::{Json, extract::State};
use handover::{
    builds::environments::{self, EnvironmentFilter},
    error::Error,
    house::House,
    model::{EnvironmentId, EnvironmentRecord, EnvironmentVersionRecord, Page},
    store::Paging,
};

use super::{
    answer::Listed,
    auth::Signed,
    error::Answer,
    id::Id,
    paging::{Asked, paging},
    parameter::{flag, many, one},
    query::Query,
    route::{Routes, get},
};

/// Clients ask for all of them at once.
const MOST: u64 = 1000;

pub(super) fn routes() -> Routes {
    let (all, single) =
        ("/api/v2/executionEnvironments", "/api/v2/executionEnvironments/{environment}");
    let list = get(all, "List what code can be built on", list).paged(MOST).query([
        one::<String>("searchFor", "Only with this text in the name or the description"),
        many::<String>("useCases", "Only for one of these"),
        flag("isPublic", "Only public ones, or only others"),
    ]);
    let versions = format!("{single}/versions");
    Routes::of("Builds").with(list).with(get(single, "Read an execution environment", read)).with(
        get(versions, "List the versions of an execution environment", versions_of).paged(MOST),
    )
}

async fn list(
    State(house): State<House>,
    _: Signed,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<EnvironmentRecord>> {
    let given = query.text("isPublic").is_some();
    let filter = EnvironmentFilter {
        search: query.text("searchFor").map(str::to_owned),
        use_cases: query.words("useCases"),
        public: Some(query.flag("isPublic")).filter(|_| given),
    };
    let page = paging(&mut query, MOST);
    query.done()?;
    Ok(asked.envelope(part(environments::list(&house, &filter), page), page))
}

async fn read(
    State(house): State<House>,
    _: Signed,
    Id(id): Id<EnvironmentId>,
) -> Answer<Json<EnvironmentRecord>> {
    let found = environments::get(&house, &id).ok_or(Error::NotFound("execution environment"))?;
    Ok(Json(found))
}

async fn versions_of(
    State(house): State<House>,
    _: Signed,
    Id(id): Id<EnvironmentId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<EnvironmentVersionRecord>> {
    let page = paging(&mut query, MOST);
    query.done()?;
    let all =
        environments::versions(&house, &id).ok_or(Error::NotFound("execution environment"))?;
    Ok(asked.envelope(part(all, page), page))
}

fn part<T>(all: Page<T>, at: Paging) -> Page<T> {
    let cut = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let items = all.items.into_iter().skip(cut(at.offset)).take(cut(at.limit)).collect();
    Page { items, total: all.total }
}
