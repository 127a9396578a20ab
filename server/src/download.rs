//! Files of the console: the log of a workload as text, the oldest line first.
//!
//! Logs are read from their end, and only so much of them at once. So the way back is walked first, remembering
//! where each look ended, and then the lines are sent look by look from the oldest on: a long log costs two
//! readings and never more memory than one look.

use axum::{
    Extension, Router,
    body::{Body, Bytes},
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::stream::try_unfold;
use handover::{
    access::Caller,
    error::Error,
    house::House,
    logs::{self, LogFilter},
    model::{Timestamp, WorkloadId},
};
use handover_app::logs::{LogsWanted, plain};

pub(crate) fn router(house: &House) -> Router {
    Router::new()
        .route("/workloads/{id}/activity/logs/download", get(download))
        .with_state(house.clone())
}

async fn download(
    State(house): State<House>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Query(wanted): Query<LogsWanted>,
) -> Result<Response, StatusCode> {
    let id: WorkloadId = id.parse().map_err(|_| StatusCode::NOT_FOUND)?;
    let mut filter = wanted.filter(house.now());
    // What is written from now on would never end.
    filter.to.get_or_insert(house.now());
    let looks = looks(&house, &caller, &id, &filter).await.map_err(status)?;
    let rest = Rest { house, caller, id: id.clone(), looks };
    let text = try_unfold(rest, |mut rest| async move {
        let Some(filter) = rest.looks.pop() else { return Ok::<_, Error>(None) };
        let found = logs::window(&rest.house, &rest.caller, &rest.id, &filter).await?;
        let text: String = found.lines.iter().rev().map(plain).collect();
        Ok(Some((Bytes::from(text), rest)))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"log-{id}.txt\"")),
    ];
    Ok((headers, Body::from_stream(text)).into_response())
}

struct Rest {
    house: House,
    caller: Caller,
    id: WorkloadId,
    /// The oldest last.
    looks: Vec<LogFilter>,
}

/// What each look asks for, the newest first, so that together they see every line once.
async fn looks(
    house: &House,
    caller: &Caller,
    id: &WorkloadId,
    filter: &LogFilter,
) -> Result<Vec<LogFilter>, Error> {
    let mut looks = Vec::new();
    let mut to = filter.to;
    loop {
        let asked = LogFilter { to, ..filter.clone() };
        let Some(since) = logs::window(house, caller, id, &asked).await?.complete_since else {
            looks.push(asked);
            return Ok(looks);
        };
        // Lines that came together have one moment, and a look may have ended between them: that moment is left
        // to the next look, unless there is nothing else in this one.
        let alone = to == Some(since);
        let first = if alone { since } else { Timestamp::from_micros(since.micros() + 1) };
        looks.push(LogFilter { from: filter.from.max(Some(first)), ..asked });
        to = Some(if alone { Timestamp::from_micros(since.micros() - 1) } else { since });
        if filter.from.is_some_and(|from| to < Some(from)) {
            return Ok(looks);
        }
    }
}

fn status(error: Error) -> StatusCode {
    match error {
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::Forbidden(_) => StatusCode::FORBIDDEN,
        error => {
            tracing::error!(error = &error as &dyn std::error::Error, "a log could not be read");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
