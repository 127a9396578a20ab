//! The API document (OpenAPI 3.1): put together from the routes when the server starts, and served as YAML and
//! JSON. It tells nothing that is secret, so it can be read without a token.

use std::sync::Arc;

use axum::{
    Extension,
    body::Bytes,
    http::header,
    response::{IntoResponse, Response},
};
use serde_json::Value;
use utoipa::openapi::{
    Components, Info, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, RefOr, ServerBuilder,
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    tag::TagBuilder,
};

use super::{
    refusal::Refusal,
    route::{Registered, Routes, get},
    sketch::{BEARER, Gives, Schemas, Sketch},
};

const ABOUT: &str = "Runs containers as workloads and updates them while they serve.

Every path is served with and without its trailing slash. Times are RFC 3339 with a zone. Unknown fields \
of a body are refused by name; unknown query parameters are ignored. A workload's own endpoint is \
`/api/v2/endpoints/workloads/{id}/…`: whatever is sent there with a token goes to its containers.";

/// The document could not be put into words.
#[derive(Debug, thiserror::Error)]
#[error("the API document can't be written: {0}")]
pub struct DocumentError(#[source] Box<dyn std::error::Error + Send + Sync>);

/// The document as text, in both forms.
#[derive(Debug)]
pub(super) struct Document {
    json: Bytes,
    yaml: Bytes,
}

impl Document {
    /// The document, and the same as a value.
    pub(super) fn new(document: &OpenApi) -> Result<(Self, Value), DocumentError> {
        let value = serde_json::to_value(document).map_err(|error| DocumentError(error.into()))?;
        let yaml = document.to_yaml().map_err(|error| DocumentError(error.into()))?;
        Ok((Self { json: format!("{value:#}").into(), yaml: yaml.into() }, value))
    }
}

pub(super) fn routes() -> Routes {
    Routes::of("About this API")
        .with(get("/api/v2/openapi.yaml", "Read this document as YAML", yaml))
        .with(get("/api/v2/openapi.json", "Read this document as JSON", json))
}

async fn yaml(Extension(document): Extension<Arc<Document>>) -> Yaml {
    Yaml(document)
}

async fn json(Extension(document): Extension<Arc<Document>>) -> PlainJson {
    PlainJson(document)
}

struct Yaml(Arc<Document>);
struct PlainJson(Arc<Document>);

impl IntoResponse for Yaml {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/yaml")], self.0.yaml.clone()).into_response()
    }
}

impl IntoResponse for PlainJson {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/json")], self.0.json.clone()).into_response()
    }
}

impl Gives for Yaml {
    fn describe(sketch: &mut Sketch) {
        sketch.gives_schema(200, "This document", "application/yaml", any_object());
    }
}

impl Gives for PlainJson {
    fn describe(sketch: &mut Sketch) {
        sketch.gives_schema(200, "This document", "application/json", any_object());
    }
}

fn any_object() -> utoipa::openapi::Object {
    utoipa::openapi::Object::with_type(utoipa::openapi::schema::Type::Object)
}

/// The whole document of what was registered.
pub(super) fn of(registered: &Registered) -> OpenApi {
    let tags = registered.tags.iter().map(|tag| TagBuilder::new().name(*tag).build());
    OpenApiBuilder::new()
        .info(info())
        .servers(Some([ServerBuilder::new().url("/").build()]))
        .tags(Some(tags))
        .paths(registered.paths.clone())
        .components(Some(components(registered.schemas.clone())))
        .build()
}

fn info() -> Info {
    InfoBuilder::new()
        .title("Handover")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(
            LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build(),
        ))
        .build()
}

fn components(schemas: Schemas) -> Components {
    let mut sketch = Sketch { schemas, ..Sketch::default() };
    let mut components = Components::new();
    for refusal in Refusal::ALL {
        let answer = refusal.declare(&mut sketch);
        components.responses.insert(refusal.name(), RefOr::T(answer));
    }
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A token made in the console, or printed at the first start"))
        .build();
    components.security_schemes.insert(BEARER.to_owned(), RefOr::T(SecurityScheme::Http(bearer)));
    components.schemas = sketch.schemas;
    components
}
