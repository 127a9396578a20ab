//! Workloads: list, create, read, edit, delete, start, stop, promote (rules.md §6, §7).

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use handover::{
    house::House,
    model::{
        ArtifactId, ArtifactKind, ArtifactStatus, CreateWorkload, EditWorkload, Importance,
        RepositoryId, WorkloadId, WorkloadRecord, WorkloadStatus, WorkloadView,
    },
    promote,
    store::{WorkloadFilter, WorkloadKey, WorkloadOrder},
    workloads::{self, Effect, WithStats},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer::{Accepted, Created, Listed, NoContent},
    auth::Signed,
    body::Body,
    error::Answer,
    id::Id,
    paging::{Asked, MOST, paging},
    parameter::{Parameter, common, flag, many, one, order},
    query::Query,
    refusal::Refusal::{Conflict, Invalid},
    route::{Routes, delete, get, patch, post},
    sketch::{Gives, Sketch},
    tagged::{Read, Tagged},
    tags,
};

const KEYS: [(&str, WorkloadKey); 5] = [
    ("name", WorkloadKey::Name),
    ("createdAt", WorkloadKey::CreatedAt),
    ("updatedAt", WorkloadKey::UpdatedAt),
    ("status", WorkloadKey::Status),
    ("importance", WorkloadKey::Importance),
];

pub(super) fn routes() -> Routes {
    let (all, single) = ("/api/v2/workloads", "/api/v2/workloads/{id}");
    let stats = flag("serviceStats", "Adds requestStats to each record");
    let list = get(all, "List workloads", list).paged(MOST).query(filters()).query([stats]);
    let promote = post(format!("{single}/promote"), "Lock the draft that a workload runs", promote)
        .says("In place: nothing restarts, and the draft becomes the next version.");
    Routes::of("Workloads")
        .with(list)
        .with(post(all, "Create a workload and start it", create).refuses([Conflict]))
        .with(get(single, "Read a workload", read))
        .with(patch(single, "Rename or describe a workload", edit).refuses([Conflict]))
        .with(delete(single, "Stop and delete a workload", remove).refuses([Conflict]))
        .with(post(format!("{single}/start"), "Start a workload", start).refuses([Conflict]))
        .with(post(format!("{single}/stop"), "Stop a workload", stop).refuses([Conflict]))
        .with(promote.refuses([Conflict, Invalid]))
}

/// What [`filter`] reads.
pub(super) fn filters() -> impl Iterator<Item = Parameter> {
    let own = [
        order(&KEYS),
        many::<WorkloadStatus>("status", "Only in these states"),
        many::<ArtifactStatus>("artifactStatus", "Only with an artifact in these states"),
        many::<Importance>("importance", "Only of these importances"),
        many::<ArtifactKind>("type", "Only with an artifact of these types"),
        many::<String>("enclave", "Only those told to run in one of these enclaves"),
        one::<ArtifactId>("artifactId", "Only those that run this artifact"),
        one::<RepositoryId>("repositoryId", "Only those that run a version of this repository"),
    ];
    common::<WorkloadId>().into_iter().chain(own)
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<WorkloadView>> {
    let filter = filter(&mut query);
    let stats = if query.flag("serviceStats") { WithStats::Yes } else { WithStats::No };
    let page = paging(&mut query, MOST);
    query.done()?;
    let found = workloads::list_views(&house, &caller, &filter, page, stats).await?;
    Ok(asked.envelope(found, page))
}

/// Which workloads are asked for, in lists and in sums over them.
pub(super) fn filter(query: &mut Query) -> WorkloadFilter {
    let order = query.order(&KEYS);
    WorkloadFilter {
        // The use case looks through the caller's eyes.
        viewer: None,
        unseen_by: None,
        created_by: query.one("createdBy"),
        ids: query.many("ids"),
        name: None,
        search: query.search(),
        status: query.many("status"),
        artifact_status: query.many("artifactStatus"),
        importance: query.many("importance"),
        kind: query.many("type"),
        enclaves: query.texts("enclave"),
        tags: tags::filter(query),
        artifact_id: query.one("artifactId"),
        repository_id: query.one("repositoryId"),
        order: order.map_or_else(WorkloadOrder::default, |(key, descending)| WorkloadOrder {
            key,
            descending,
        }),
    }
}

async fn create(
    State(house): State<House>,
    Signed(caller): Signed,
    Body(wanted): Body<CreateWorkload>,
) -> Answer<Created<WorkloadRecord>> {
    let created = workloads::create(&house, &caller, wanted).await?;
    Ok(Created(created))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
) -> Answer<Read<WorkloadView>> {
    Ok(Read(workloads::view(&house, &caller, &id).await?))
}

async fn edit(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    Body(wanted): Body<EditWorkload>,
) -> Answer<Tagged<WorkloadRecord>> {
    Ok(Tagged(workloads::edit(&house, &caller, &id, wanted).await?))
}

async fn remove(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
) -> Answer<NoContent> {
    workloads::delete(&house, &caller, &id).await?;
    Ok(NoContent)
}

async fn start(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    asked: Asked,
) -> Answer<Moved> {
    let effect = workloads::start(&house, &caller, &id).await?;
    moved(&house, &caller, id, effect, &asked).await
}

async fn stop(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    asked: Asked,
) -> Answer<Moved> {
    let effect = workloads::stop(&house, &caller, &id).await?;
    moved(&house, &caller, id, effect, &asked).await
}

/// A workload that was told to start or to stop.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Move {
    status: WorkloadStatus,
    workload_id: WorkloadId,
    /// Where to look what became of it.
    track_via: String,
}

/// 202 when it has begun, 200 when there was nothing to do.
struct Moved(Effect, Move);

impl IntoResponse for Moved {
    fn into_response(self) -> Response {
        match self {
            Self(Effect::Begun, body) => Accepted(body).into_response(),
            Self(Effect::Already, body) => Json(body).into_response(),
        }
    }
}

impl Gives for Moved {
    fn describe(sketch: &mut Sketch) {
        sketch.gives::<Move>(202, "Begun");
        sketch.gives::<Move>(200, "There was nothing to do");
    }
}

async fn moved(
    house: &House,
    caller: &handover::access::Caller,
    id: WorkloadId,
    effect: Effect,
    asked: &Asked,
) -> Answer<Moved> {
    let workload = workloads::get(house, caller, &id).await?;
    let track_via = asked.at(&format!("/api/v2/workloads/{id}/"));
    Ok(Moved(effect, Move { status: workload.status, workload_id: id, track_via }))
}

async fn promote(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
) -> Answer<Accepted<WorkloadRecord>> {
    let promoted = promote::promote(&house, &caller, &id).await?;
    Ok(Accepted(promoted))
}
