//! From the JSON to the form. Any JSON has a form, if only an empty one: what the form has no place for, or could
//! not give back as it is, is left out of it.

use serde_json::Value;

use super::{
    place::{Found, at, container, containers},
    table::{FIELDS, Field, Kind},
    text::{pair, show, survives},
    typed::{Typed, TypedContainer, TypedVariable},
};

pub fn present(spec: &Value) -> Typed {
    let places = containers(spec);
    let primary = places.iter().position(|place| {
        container(spec, *place).and_then(|one| one.get("primary")) == Some(&Value::Bool(true))
    });
    let shown = places.iter().filter_map(|place| {
        let one = container(spec, *place)?;
        Some(TypedContainer { at: Some(*place), ..present_container(one) })
    });
    Typed { containers: shown.collect(), primary }
}

fn present_container(one: &Value) -> TypedContainer {
    let fields = FIELDS.iter().filter_map(|field| Some((field.key, shown(one, field)?)));
    TypedContainer { at: None, fields: fields.collect(), variables: variables(one) }
}

/// A field as text; none when the form has no control for what is there.
pub fn shown(container: &Value, field: &Field) -> Option<String> {
    match at(container, field.path) {
        Found::Nothing => Some(String::new()),
        Found::Value(value) => show(Some(value), field.kind),
        Found::Blocked => None,
    }
}

/// None when what is there is no list.
pub fn variables(container: &Value) -> Option<Vec<TypedVariable>> {
    let list: &[Value] = match container.get("environmentVars") {
        None | Some(Value::Null) => &[],
        Some(Value::Array(list)) => list,
        Some(_) => return None,
    };
    let row = |(index, one): (usize, &Value)| TypedVariable { at: Some(index), ..variable(one) };
    Some(list.iter().enumerate().map(row).collect())
}

/// One variable, without its place.
pub fn variable(one: &Value) -> TypedVariable {
    let Some(map) = one.as_object() else { return TypedVariable::default() };
    let source = match map.get("source") {
        None | Some(Value::Null) => Some("string".to_owned()),
        other => show(other, Kind::Text),
    };
    let value = match map.get("value") {
        Some(Value::String(text)) => survives(text, true).then(|| text.clone()),
        None | Some(Value::Null) => Some(String::new()),
        Some(_) => None,
    };
    TypedVariable {
        at: None,
        name: show(map.get("name"), Kind::Text),
        source,
        value,
        credential: pair(map.get("drCredentialId"), map.get("key")),
    }
}
