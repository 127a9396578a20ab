//! Replacing what a workload runs: begin, read, withdraw, steer, and the records of all that were
//! (rules.md §7, §17.4).

use axum::{Json, extract::State};
use handover::{
    house::House,
    model::{
        Action, ExtendRequest, Millis, ReplaceRequest, ReplacementId, ReplacementRecord, WorkloadId,
    },
    replacement,
};

use super::{
    answer::{Accepted, Listed},
    auth::Signed,
    body::Body,
    error::Answer,
    id::Id,
    paging::{Asked, MOST, paging},
    parameter::number,
    query::Query,
    refusal::Refusal::{BadRequest, Conflict},
    route::{Routes, delete, get, post},
};

/// The longest a read may be held back for a replacement to settle, in seconds.
const LONGEST_WAIT: u64 = 300;

pub(super) fn routes() -> Routes {
    let current = "/api/v2/workloads/{id}/replacement";
    let list_says = "Newest first: replacements, changes of settings and promotions.";
    let records = "/api/v2/workloads/{id}/replacements";
    let wait = number("wait", 0, LONGEST_WAIT, 0, "Seconds to hold the answer until it settles");
    let routes = Routes::of("Replacement")
        .with(post(current, "Replace what a workload runs", begin).refuses([BadRequest, Conflict]))
        .with(get(current, "Read the current replacement", read))
        .with(
            delete(current, "Withdraw the current replacement", withdraw)
                .says("Before the switch it is cancelled; after it, traffic goes back.")
                .refuses([Conflict]),
        )
        .with(
            post(format!("{current}/extend"), "Give the present wait more time", extend)
                .refuses([Conflict]),
        )
        .with(get(records, "List the replacements of a workload", list).says(list_says).paged(MOST))
        .with(
            get("/api/v2/workloads/{id}/history", "List the history of a workload", list)
                .says(list_says)
                .paged(MOST),
        )
        .with(get(format!("{records}/{{replacement}}"), "Read a replacement", one).query([wait]));
    let verbs = [
        ("hold", "Wait before the switch", Action::Hold),
        ("release", "End the hold", Action::Release),
        ("switch", "Skip the rest of the warm-up", Action::Switch),
        ("finish", "End the keep window", Action::Finish),
        ("rollback", "Switch back to the old version", Action::Rollback),
    ];
    verbs.into_iter().fold(routes, |routes, (verb, summary, action)| {
        let steer = move |house: State<House>, caller: Signed, id: Id<WorkloadId>| {
            steer(house, caller, id, action)
        };
        routes.with(post(format!("{current}/{verb}"), summary, steer).refuses([Conflict]))
    })
}

async fn begin(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    Body(wanted): Body<ReplaceRequest>,
) -> Answer<Accepted<ReplacementRecord>> {
    let begun = replacement::replace(&house, &caller, &id, wanted).await?;
    Ok(Accepted(begun))
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
) -> Answer<Accepted<ReplacementRecord>> {
    let withdrawn = replacement::withdraw(&house, &caller, &id).await?;
    Ok(Accepted(withdrawn))
}

async fn steer(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    action: Action,
) -> Answer<Accepted<ReplacementRecord>> {
    let steered = replacement::steer(&house, &caller, &id, action, None).await?;
    Ok(Accepted(steered))
}

async fn extend(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    Body(wanted): Body<ExtendRequest>,
) -> Answer<Accepted<ReplacementRecord>> {
    let minutes = Some(wanted.minutes);
    let extended = replacement::steer(&house, &caller, &id, Action::Extend, minutes).await?;
    Ok(Accepted(extended))
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(id): Id<WorkloadId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<ReplacementRecord>> {
    let page = paging(&mut query, MOST);
    query.done()?;
    let found = replacement::list(&house, &caller, &id, page).await?;
    Ok(asked.envelope(found, page))
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
