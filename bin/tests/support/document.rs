//! Holds every answer of the tests against the API document that the server itself serves: its status must be
//! documented for the operation, and its body must have the documented shape.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jsonschema::{Draft, Validator};
use reqwest::{Method, header::HeaderMap};
use serde_json::Value;
use tokio::sync::OnceCell;

/// The document of this process's servers, which are all of one build.
static DOCUMENT: OnceCell<Document> = OnceCell::const_new();

pub(crate) struct Document {
    root: Value,
    /// Compiled schemas of answers, by where they are in the document.
    schemas: Mutex<HashMap<String, Arc<Validator>>>,
}

/// What was asked and what came back.
pub(crate) struct Exchange<'a> {
    pub method: &'a Method,
    pub path: &'a str,
    pub status: u16,
    pub headers: &'a HeaderMap,
    pub text: &'a str,
}

impl Document {
    /// Fetched once per process.
    pub(crate) async fn of(client: &reqwest::Client, url: &str) -> &'static Self {
        let fetch = async || {
            let address = format!("{url}/api/v2/openapi.json");
            let answer = client.get(address).send().await.unwrap().error_for_status().unwrap();
            Self { root: answer.json().await.unwrap(), schemas: Mutex::default() }
        };
        DOCUMENT.get_or_init(fetch).await
    }

    /// Panics when the document did not foresee this answer.
    #[track_caller]
    pub(crate) fn check(&self, exchange: &Exchange<'_>) {
        let Exchange { method, path, status, headers, text } = *exchange;
        let documented = path.starts_with("/api/v2/") && !path.starts_with("/api/v2/endpoints/")
            || path.starts_with("/version");
        if !documented || method == Method::HEAD {
            return;
        }
        let said = format!("{method} {path} answered {status}: {text}");
        let Some(template) = self.template(path) else {
            assert_eq!(status, 404, "a path that is not documented: {said}");
            return;
        };
        let operation = &self.root["paths"][&template][method.as_str().to_lowercase()];
        if operation.is_null() {
            assert_eq!(status, 405, "a method that is not documented: {said}");
            return;
        }
        let answer = self.follow(&operation["responses"][status.to_string()]);
        assert!(!answer.is_null(), "a status that is not documented: {said}");
        let Some(contents) = answer["content"].as_object() else {
            assert_eq!(text, "", "a body that is not documented: {said}");
            return;
        };
        let media_type = headers.get("content-type").and_then(|value| value.to_str().ok());
        let media_type = media_type.and_then(|value| value.split(';').next()).unwrap_or_default();
        let content = contents.get(media_type);
        let content = content.unwrap_or_else(|| panic!("'{media_type}' is not documented: {said}"));
        if media_type == "application/json" {
            let body: Value = serde_json::from_str(text).unwrap_or_else(|_| panic!("{said}"));
            let validator = self.validator(&content["schema"]);
            let wrong: Vec<_> = validator
                .iter_errors(&body)
                .map(|error| format!("at {}: {error}", error.instance_path()))
                .collect();
            assert!(wrong.is_empty(), "not the documented shape: {wrong:#?}\n{said}");
        }
    }

    /// The documented path that this one is an instance of; words win over parameters.
    fn template(&self, path: &str) -> Option<String> {
        let parts: Vec<_> = path.trim_end_matches('/').split('/').collect();
        let matches = |template: &&String| {
            let wanted: Vec<_> = template.trim_end_matches('/').split('/').collect();
            let same = |(part, wanted): (&&str, &&str)| wanted.starts_with('{') || part == wanted;
            parts.len() == wanted.len() && parts.iter().zip(&wanted).all(same)
        };
        let known = self.root["paths"].as_object().unwrap().keys().filter(matches);
        known.min_by_key(|template| template.matches('{').count()).cloned()
    }

    fn follow<'a>(&'a self, value: &'a Value) -> &'a Value {
        let target = value["$ref"].as_str().and_then(|target| target.strip_prefix('#'));
        target.map_or(value, |pointer| self.root.pointer(pointer).unwrap())
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut schemas = self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        let validator = schemas.entry(schema.to_string()).or_insert_with(|| {
            let mut whole = schema.clone();
            whole["components"] = self.root["components"].clone();
            let options = jsonschema::options().with_draft(Draft::Draft202012);
            Arc::new(options.should_validate_formats(true).build(&whole).unwrap())
        });
        Arc::clone(validator)
    }
}
