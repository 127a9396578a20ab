//! A JSON schema in words: what a value may be, with links to the shapes that have a name.

use leptos::prelude::*;
use serde_json::Value;

use super::{schema::address, spelled};

/// What a value may be, in a phrase.
#[component]
pub fn Shape(schema: Value) -> impl IntoView {
    phrase(&schema)
}

fn phrase(schema: &Value) -> AnyView {
    if let Some(name) = schema["$ref"].as_str().and_then(|target| target.rsplit('/').next()) {
        let name = name.to_owned();
        return view! { <a class="shape" href=address(&name)>{name.clone()}</a> }.into_any();
    }
    let choices = ["oneOf", "anyOf", "allOf"].into_iter().find_map(|key| schema[key].as_array());
    if let Some(choices) = choices {
        let parts = choices.iter().enumerate().map(|(position, choice)| {
            view! { {(position > 0).then_some(" or ")}{phrase(choice)} }
        });
        return parts.collect_view().into_any();
    }
    if let Some(words) = schema["enum"].as_array() {
        let parts = words.iter().enumerate().map(|(position, word)| {
            let word = word.as_str().map_or_else(|| word.to_string(), str::to_owned);
            view! { {(position > 0).then_some(", ")}<code>{word}</code> }
        });
        return view! { "one of "{parts.collect_view()} }.into_any();
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if kinds.contains(&"array") {
        let or_null = kinds.contains(&"null").then_some(" or null");
        return view! { "list of "{phrase(&schema["items"])}{or_null} }.into_any();
    }
    let kind = if kinds.is_empty() { "anything".to_owned() } else { kinds.join(" or ") };
    let limits = limits(schema);
    view! { {kind}{(!limits.is_empty()).then(|| format!(", {limits}"))} }.into_any()
}

/// The bounds of a value, and what it is when nothing is given.
fn limits(schema: &Value) -> String {
    let number = |key: &str, before: &str| {
        schema[key].as_number().map(|number| format!("{before} {number}"))
    };
    let parts = [
        schema["format"].as_str().filter(|format| *format == "date-time").map(str::to_owned),
        number("minimum", "from"),
        number("maximum", "to"),
        number("minLength", "at least").map(|text| text + " characters"),
        number("maxLength", "at most").map(|text| text + " characters"),
        schema.get("default").map(|default| format!("{default} when not given")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The fields of an object; for anything else, the phrase.
#[component]
pub fn Fields(schema: Value) -> impl IntoView {
    let Some(fields) = schema["properties"].as_object() else {
        return view! { <p class="pad">{phrase(&schema)}</p> }.into_any();
    };
    let required = |name: &str| {
        schema["required"].as_array().is_some_and(|names| names.iter().any(|known| known == name))
    };
    let rows = fields.iter().map(|(name, field)| {
        let says = field["description"].as_str().unwrap_or_default();
        let required = if required(name) { "required" } else { "" };
        view! {
            <tr>
                <td class="lead mono">{name.clone()}<div class="sub">{required}</div></td>
                <td data-k="Value">{phrase(field)}</td>
                <td data-k="Meaning">{spelled(says)}</td>
            </tr>
        }
    });
    view! {
        <div class="scroll"><table class="folds">
            <thead><tr><th>"Field"</th><th>"Value"</th><th>"Meaning"</th></tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table></div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::limits;

    #[test]
    fn bounds_read_like_a_sentence() {
        let schema = json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 10 });
        assert_eq!(limits(&schema), "from 1, to 100, 10 when not given");
        assert_eq!(limits(&json!({ "maxLength": 64 })), "at most 64 characters");
        assert_eq!(limits(&json!({ "format": "int64" })), "");
    }
}
