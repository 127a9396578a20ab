//! Who a workload, an artifact, a repository or a deployment is shared with (rules.md §10).

use axum::{Json, extract::State};
use handover::{
    house::House,
    model::{
        ArtifactId, DeploymentId, EffectiveAccess, RepositoryId, ShareRequest, SharedRole, UserId,
        WorkloadId,
    },
    sharing::{self, Person, Shared},
};
use utoipa::ToSchema;

use super::{
    answer::{Listed, NoContent},
    auth::Signed,
    body::Body,
    error::Answer,
    id::{Id, InPath},
    paging::{Asked, MOST, paging},
    parameter::one,
    query::Query,
    route::{Routes, get, patch},
};

pub(super) fn routes() -> Routes {
    let routes = Routes::of("Sharing");
    let routes = under::<WorkloadId>(routes, "/api/v2/workloads/{id}/sharedRoles");
    let routes = under::<ArtifactId>(routes, "/api/v2/artifacts/{id}/sharedRoles");
    let routes = under::<RepositoryId>(routes, "/api/v2/artifactRepositories/{id}/sharedRoles");
    under::<DeploymentId>(routes, "/api/v2/console/deployments/{id}/sharedRoles")
}

fn under<T>(routes: Routes, path: &str) -> Routes
where
    T: InPath + ToSchema + Into<Shared> + Send + 'static,
{
    let why = format!("{path}/effective");
    let why = get(&why, &format!("Explain what one person may do with the {}", T::NOUN), explain::<T>)
        .says("For oneself, and for others by whoever may share it: by which grants, groups and rights, and what the scopes of tokens leave.")
        .query([
            one::<UserId>("userId", "Whom to explain, by id"),
            one::<String>("username", "Whom to explain, by name; oneself when neither is given"),
        ]);
    let list = get(path, &format!("List who has a role on the {}", T::NOUN), list::<T>);
    let change = patch(path, &format!("Change roles on the {}", T::NOUN), change::<T>).says(
        "The recipients that are listed get their role, or lose it by NO_ROLE; others keep theirs.",
    );
    routes.with(list.says("The oldest grant first.").paged(MOST)).with(change).with(why)
}

async fn explain<T: InPath + ToSchema + Into<Shared>>(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<T>,
    mut query: Query,
) -> Answer<Json<EffectiveAccess>> {
    let (by_id, by_name) = (query.one("userId"), query.one("username"));
    query.done()?;
    let person = match (by_id, by_name) {
        (Some(id), _) => Person::Id(id),
        (None, Some(name)) => Person::Name(name),
        (None, None) => Person::Id(caller.id().clone()),
    };
    Ok(Json(sharing::explain(&house, &caller, &id.into(), &person).await?))
}

async fn list<T: InPath + ToSchema + Into<Shared>>(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<T>,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<SharedRole>> {
    let page = paging(&mut query, MOST);
    query.done()?;
    let found = sharing::list(&house, &caller, &id.into(), page).await?;
    Ok(asked.envelope(found, page))
}

async fn change<T: InPath + ToSchema + Into<Shared>>(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<T>,
    Body(request): Body<ShareRequest>,
) -> Answer<NoContent> {
    sharing::change(&house, &caller, &id.into(), &request).await?;
    Ok(NoContent)
}
