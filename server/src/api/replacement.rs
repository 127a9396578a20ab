//! Replacing what a workload runs: begin, read, withdraw, steer, and the records of all that were
//! (rules.md §7, §17.4).

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use handover::{
    house::House,
    model::{
        Action, ExtendRequest, Millis, ReplaceRequest, ReplacementId, ReplacementRecord, WorkloadId,
    },
    replacement,
};
use serde_json::Value;

use super::{
    auth::Signed,
    body::Body,
    both,
    error::Answer,
    id::Id,
    paging::{Asked, MOST, paging},
    query::Query,
};

/// The longest a read may be held back for a replacement to settle, in seconds.
const LONGEST_WAIT: u64 = 300;

type Accepted = Answer<(StatusCode, Json<ReplacementRecord>)>;

pub(super) fn routes() -> Router<House> {
    let base = "/api/v2/workloads/{id}";
    let current = get(read).post(begin).delete(withdraw);
    let router = both(Router::new(), &format!("{base}/replacement"), current);
    let router = both(router, &format!("{base}/replacement/extend"), post(extend));
    let verbs = [
        ("hold", Action::Hold),
        ("release", Action::Release),
        ("switch", Action::Switch),
        ("finish", Action::Finish),
        ("rollback", Action::Rollback),
    ];
    let router = verbs.into_iter().fold(router, |router, (verb, action)| {
        let steer = post(move |house, caller, id| steer(house, caller, id, action));
        both(router, &format!("{base}/replacement/{verb}"), steer)
    });
    let router = both(router, &format!("{base}/replacements"), get(list));
    let router = both(router, &format!("{base}/history"), get(list));
    both(router, &format!("{base}/replacements/{{replacement}}"), get(one))
}

async fn begin(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    Body(wanted): Body<ReplaceRequest>,
) -> Accepted {
    let begun = replacement::replace(&house, &caller, &id, wanted).await?;
    Ok((StatusCode::ACCEPTED, Json(begun)))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
) -> Answer<Json<ReplacementRecord>> {
    Ok(Json(replacement::current(&house, &caller, &id).await?))
}

async fn withdraw(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
) -> Accepted {
    let withdrawn = replacement::withdraw(&house, &caller, &id).await?;
    Ok((StatusCode::ACCEPTED, Json(withdrawn)))
}

async fn steer(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    action: Action,
) -> Accepted {
    let steered = replacement::steer(&house, &caller, &id, action, None).await?;
    Ok((StatusCode::ACCEPTED, Json(steered)))
}

async fn extend(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    Body(wanted): Body<ExtendRequest>,
) -> Accepted {
    let minutes = Some(wanted.minutes);
    let extended = replacement::steer(&house, &caller, &id, Action::Extend, minutes).await?;
    Ok((StatusCode::ACCEPTED, Json(extended)))
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Json<Value>> {
    let page = paging(&mut query, MOST);
    query.done()?;
    let found = replacement::list(&house, &caller, &id, page).await?;
    Ok(asked.envelope(&found, page))
}

async fn one(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(workload): Id<WorkloadId>,
    Id(id): Id<ReplacementId>,
    mut query: Query,
) -> Answer<Json<ReplacementRecord>> {
    let wait = query.number("wait", 0, LONGEST_WAIT, 0);
    query.done()?;
    let wait = (wait > 0).then(|| Millis::seconds(wait));
    Ok(Json(replacement::get(&house, &caller, &workload, &id, wait).await?))
}
