//! Who a workload, an artifact, a repository or a deployment is shared with (rules.md §10).

use axum::extract::State;
use handover::{
    house::House,
    model::{ArtifactId, DeploymentId, RepositoryId, ShareRequest, SharedRole, WorkloadId},
    sharing::{self, Shared},
};
use utoipa::ToSchema;

use super::{
    answer::{Listed, NoContent},
    auth::Signed,
    body::Body,
    error::Answer,
    id::{Id, InPath},
    paging::{Asked, MOST, paging},
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
    let list = get(path, &format!("List who has a role on the {}", T::NOUN), list::<T>);
    let change = patch(path, &format!("Change roles on the {}", T::NOUN), change::<T>).says(
        "The recipients that are listed get their role, or lose it by NO_ROLE; others keep theirs.",
    );
    routes.with(list.says("The oldest grant first.").paged(MOST)).with(change)
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
