//! The API document as pages read it: which operations there are, what a reference leads to, and what a call
//! could look like.

use std::sync::Arc;

use serde_json::{Map, Value, json};

/// The document that the server serves, given to every render.
#[derive(Debug, Clone)]
pub struct Reference(pub Arc<Value>);

/// One operation: a method on a path.
#[derive(Debug, Clone, Copy)]
pub struct Operation<'a> {
    pub method: &'a str,
    pub path: &'a str,
    about: &'a Value,
}

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

impl Reference {
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let paths = self.0["paths"].as_object().into_iter().flatten();
        paths.flat_map(|(path, item)| {
            METHODS.into_iter().filter_map(move |method| {
                let about = item.get(method)?;
                Some(Operation { method, path, about })
            })
        })
    }

    pub fn operation(&self, id: &str) -> Option<Operation<'_>> {
        self.operations().find(|operation| operation.id() == id)
    }

    /// The headings in the order of the document.
    pub fn headings(&self) -> impl Iterator<Item = &str> {
        self.0["tags"].as_array().into_iter().flatten().filter_map(|tag| tag["name"].as_str())
    }

    pub fn schemas(&self) -> impl Iterator<Item = &str> {
        self.0["components"]["schemas"].as_object().into_iter().flatten().map(|(name, _)| &**name)
    }

    pub fn schema(&self, name: &str) -> Option<&Value> {
        self.0["components"]["schemas"].get(name)
    }

    /// The value itself, or what it refers to.
    pub fn follow<'a>(&'a self, value: &'a Value) -> &'a Value {
        let pointer = value["$ref"].as_str().and_then(|target| target.strip_prefix('#'));
        pointer.and_then(|pointer| self.0.pointer(pointer)).unwrap_or(value)
    }

    /// A value of this shape with what is required and nothing else; `name` is what its text says.
    pub fn sample(&self, schema: &Value, name: &str) -> Value {
        self.sample_within(schema, name, 8)
    }

    /// Shapes may hold themselves, so there is an end to how deep one looks.
    fn sample_within(&self, schema: &Value, name: &str, depth: u8) -> Value {
        let schema = self.follow(schema);
        let word = |key: &str| schema[key].as_array().and_then(|words| words.first());
        if depth == 0 {
            return Value::Null;
        }
        if let Some(one) = word("oneOf").or(word("anyOf")).or(word("allOf")) {
            return self.sample_within(one, name, depth - 1);
        }
        if let Some(word) = word("enum") {
            return word.clone();
        }
        if let Some(default) = schema.get("default") {
            return default.clone();
        }
        match kind(schema) {
            "object" => {
                let required = schema["required"].as_array().into_iter().flatten();
                let fields = required.filter_map(Value::as_str).map(|field| {
                    let shape = &schema["properties"][field];
                    (field.to_owned(), self.sample_within(shape, field, depth - 1))
                });
                Value::Object(fields.collect::<Map<_, _>>())
            }
            "array" => json!([self.sample_within(&schema["items"], name, depth - 1)]),
            "integer" => schema["minimum"].as_u64().unwrap_or(1).max(1).into(),
            "number" => json!(1.0),
            "boolean" => json!(true),
            _ if schema["format"] == "date-time" => json!("2026-06-22T16:50:38Z"),
            _ => name.into(),
        }
    }
}

/// The first type of a schema that may have several, `null` being one of them.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
        }
        _ if schema.get("properties").is_some() => "object",
        _ => "",
    }
}

impl<'a> Operation<'a> {
    pub fn id(self) -> &'a str {
        self.about["operationId"].as_str().unwrap_or_default()
    }

    pub fn summary(self) -> &'a str {
        self.about["summary"].as_str().unwrap_or_default()
    }

    pub fn description(self) -> Option<&'a str> {
        self.about["description"].as_str()
    }

    pub fn is_under(self, heading: &str) -> bool {
        self.about["tags"].as_array().is_some_and(|tags| tags.iter().any(|tag| tag == heading))
    }

    /// For older clients only.
    pub fn is_deprecated(self) -> bool {
        self.about["deprecated"] == true
    }

    pub fn needs_token(self) -> bool {
        self.about.get("security").is_some()
    }

    pub fn parameters(self) -> impl Iterator<Item = &'a Value> {
        self.about["parameters"].as_array().into_iter().flatten()
    }

    /// The shape of the body in JSON.
    pub fn body(self) -> Option<&'a Value> {
        self.about["requestBody"]["content"]["application/json"].get("schema")
    }

    /// Status and answer, which may be a reference.
    pub fn answers(self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let answers = self.about["responses"].as_object().into_iter().flatten();
        answers.map(|(status, answer)| (status.as_str(), answer))
    }

    /// The path with a variable of the shell for each parameter.
    pub fn path_for_shell(self) -> String {
        let parts = self.path.split('/').map(|part| {
            let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
            name.map_or_else(|| part.to_owned(), |name| format!("${}", name.to_uppercase()))
        });
        parts.collect::<Vec<_>>().join("/")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::Reference;

    fn reference() -> Reference {
        Reference(Arc::new(json!({
            "paths": { "/api/v2/things/{id}/": { "post": {
                "operationId": "postThingsId", "tags": ["Things"],
                "requestBody": { "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/Thing" },
                } } },
            } } },
            "components": { "schemas": {
                "Thing": {
                    "type": "object", "required": ["name", "kind", "parts", "at", "count"],
                    "properties": {
                        "name": { "type": "string" }, "left": { "type": "string" },
                        "kind": { "$ref": "#/components/schemas/Kind" },
                        "parts": { "type": "array", "items": { "$ref": "#/components/schemas/Thing" } },
                        "at": { "type": ["string", "null"], "format": "date-time" },
                        "count": { "oneOf": [{ "type": "integer", "minimum": 3 }, { "type": "null" }] },
                    },
                },
                "Kind": { "type": "string", "enum": ["a", "b"] },
            } },
        })))
    }

    #[test]
    fn a_sample_holds_what_is_required_and_ends() {
        let reference = reference();
        let operation = reference.operation("postThingsId").unwrap();
        assert!(operation.is_under("Things"));
        let sample = reference.sample(operation.body().unwrap(), "body");
        assert_eq!(sample["name"], "name");
        assert_eq!(sample["kind"], "a");
        assert_eq!(sample["count"], 3);
        assert_eq!(sample["at"], "2026-06-22T16:50:38Z");
        assert_eq!(sample["parts"][0]["kind"], "a");
        assert!(sample.get("left").is_none());
    }

    #[test]
    fn a_call_takes_its_parameters_from_the_shell() {
        let reference = reference();
        let operation = reference.operation("postThingsId").unwrap();
        assert_eq!(operation.path_for_shell(), "/api/v2/things/$ID/");
        assert!(reference.operation("getThings").is_none());
    }
}
