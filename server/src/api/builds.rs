//! Builds of an artifact's images, and their logs (rules.md §12).

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use handover::{
    builds,
    house::House,
    model::{ArtifactId, BuildId, BuildLine, BuildRecord},
};
use serde::Serialize;
use serde_json::json;
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, schema::Type},
};

use super::{
    answer::{Accepted, Listed, NoContent},
    auth::Signed,
    error::Answer,
    id::{Checked, Id},
    paging::{Asked, MOST, paging},
    query::Query,
    refusal::Refusal::{Conflict, Invalid},
    route::{Routes, get, post},
    sketch::{Gives, Sketch},
};

pub(super) fn routes() -> Routes {
    let (all, single) = ("/api/v2/artifacts/{id}/builds", "/api/v2/artifacts/{id}/builds/{build}");
    let start = post(all, "Build the images of a draft", start)
        .says("One build for each version of code that its containers name.");
    let log = get(format!("{single}/logs"), "Read the log of a build", log)
        .says("One JSON object per line: asctime, levelname, name, message, build_id.");
    let cancel = post(format!("{single}/cancel"), "Cancel a build", cancel)
        .says("One that has come to its end stays as it is.");
    Routes::of("Builds")
        .with(get(all, "List the builds of an artifact", list).says("Newest first.").paged(MOST))
        .with(start.refuses([Invalid]))
        .with(get(single, "Read a build", read))
        .with(cancel.refuses([Conflict]))
        .with(log)
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct BuildIds {
    build_ids: Vec<BuildId>,
}

/// A body says nothing here, and whatever clients send is left unread.
async fn start(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(artifact): Id<ArtifactId>,
) -> Answer<Accepted<BuildIds>> {
    let build_ids = builds::start(&house, &caller, &artifact).await?;
    Ok(Accepted(BuildIds { build_ids }))
}

async fn list(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(artifact): Id<ArtifactId>,
    asked: Asked,
    mut query: Query,
) -> Answer<Listed<BuildRecord>> {
    let page = paging(&mut query, MOST);
    query.done()?;
    let found = builds::list(&house, &caller, &artifact, page).await?;
    Ok(asked.envelope(found, page))
}

async fn read(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(artifact): Id<ArtifactId>,
    Checked(build): Checked<BuildId>,
) -> Answer<Json<BuildRecord>> {
    Ok(Json(builds::get(&house, &caller, &artifact, &build).await?))
}

async fn cancel(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(artifact): Id<ArtifactId>,
    Checked(build): Checked<BuildId>,
) -> Answer<NoContent> {
    builds::cancel(&house, &caller, &artifact, &build).await?;
    Ok(NoContent)
}

async fn log(
    State(house): State<House>,
    Signed(caller): Signed,
    Id(artifact): Id<ArtifactId>,
    Checked(build): Checked<BuildId>,
) -> Answer<Log> {
    let lines = builds::log(&house, &caller, &artifact, &build).await?;
    Ok(Log { build, lines })
}

struct Log {
    build: BuildId,
    lines: Vec<BuildLine>,
}

impl Gives for Log {
    fn describe(sketch: &mut Sketch) {
        let text = ObjectBuilder::new().schema_type(Type::String);
        sketch.gives_schema(200, "The log so far, oldest line first", "text/plain", text);
    }
}

impl IntoResponse for Log {
    fn into_response(self) -> Response {
        let line = |line: BuildLine| {
            let line = json!({
                "asctime": line.at,
                "levelname": line.level,
                "name": "handover.build",
                "message": line.message,
                "build_id": self.build,
            });
            format!("{line}\n")
        };
        let text: String = self.lines.into_iter().map(line).collect();
        let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))];
        (kind, text).into_response()
    }
}
