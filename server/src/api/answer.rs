//! Answers whose status is part of their type, so that the document knows it.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{
        ArrayBuilder, ObjectBuilder, Ref,
        schema::{SchemaType, Type},
    },
};

use super::sketch::{Gives, Sketch};

/// 201 with what was made.
pub(super) struct Created<T>(pub(super) T);

/// 202 with what is now on its way.
pub(super) struct Accepted<T>(pub(super) T);

/// 204.
pub(super) struct NoContent;

/// 200 with what is known, or 204 while nothing is; that is no error.
pub(super) struct Perhaps<T>(pub(super) Option<T>);

/// One page of a list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listed<T> {
    /// Records on this page.
    pub(super) count: usize,
    /// Records that match the filters.
    pub(super) total_count: u64,
    pub(super) data: Vec<T>,
    /// Addresses of the pages beside this one, with every parameter that was sent.
    pub(super) next: Option<String>,
    pub(super) previous: Option<String>,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, Json(self.0)).into_response()
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl<T: Serialize> IntoResponse for Perhaps<T> {
    fn into_response(self) -> Response {
        self.0.map_or_else(|| NoContent.into_response(), |known| Json(known).into_response())
    }
}

impl<T: Serialize> IntoResponse for Listed<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

impl<T: ToSchema> Gives for Created<T> {
    fn describe(sketch: &mut Sketch) {
        sketch.gives::<T>(201, "Made");
    }
}

impl<T: ToSchema> Gives for Accepted<T> {
    fn describe(sketch: &mut Sketch) {
        sketch.gives::<T>(202, "Begun");
    }
}

impl Gives for NoContent {
    fn describe(sketch: &mut Sketch) {
        sketch.gives_nothing(204, "Done");
    }
}

impl<T: ToSchema> Gives for Perhaps<T> {
    fn describe(sketch: &mut Sketch) {
        sketch.gives::<T>(200, "What is known");
        sketch.gives_nothing(204, "Nothing is known yet");
    }
}

impl<T: ToSchema> Gives for Listed<T> {
    fn describe(sketch: &mut Sketch) {
        let record = sketch.schema::<T>();
        let number = || ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        let address =
            || ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]));
        let page = ObjectBuilder::new()
            .property("count", number().description(Some("Records on this page")))
            .property("totalCount", number().description(Some("Records that match the filters")))
            .property("data", ArrayBuilder::new().items(record))
            .property("next", address().description(Some("Address of the next page")))
            .property("previous", address().description(Some("Address of the page before")));
        let page = ["count", "totalCount", "data", "next", "previous"]
            .into_iter()
            .fold(page, ObjectBuilder::required);
        let name = format!("{}Page", T::name());
        sketch.schemas.insert(name.clone(), page.into());
        sketch.gives_schema(200, "One page", "application/json", Ref::from_schema_name(name));
    }
}
