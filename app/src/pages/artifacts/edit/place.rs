//! Places in a JSON document: reading, writing and taking away along a path.

use serde_json::{Map, Value};

/// What is at the end of a path.
#[derive(Debug, PartialEq)]
pub enum Found<'v> {
    Nothing,
    Value(&'v Value),
    /// Something on the way is no object, so nothing can be there.
    Blocked,
}

/// Follows names from an object on. A `null` on the way counts as nothing.
pub fn at<'v>(from: &'v Value, path: &[&str]) -> Found<'v> {
    let Some((name, rest)) = path.split_first() else { return Found::Value(from) };
    match from {
        Value::Null => Found::Nothing,
        Value::Object(map) => match map.get(*name) {
            None => Found::Nothing,
            Some(inner) => at(inner, rest),
        },
        _ => Found::Blocked,
    }
}

/// Puts a value at the end of a path, making the objects on the way. What is in the way stays.
pub fn put(into: &mut Value, path: &[&str], value: Value) {
    let Some((name, rest)) = path.split_first() else {
        *into = value;
        return;
    };
    if into.is_null() {
        *into = Value::Object(Map::new());
    }
    if let Value::Object(map) = into {
        put(map.entry((*name).to_owned()).or_insert(Value::Null), rest, value);
    }
}

/// Takes away what is at the end of a path, and the objects on the way that are empty then.
pub fn take(from: &mut Value, path: &[&str]) {
    let (Value::Object(map), Some((name, rest))) = (from, path.split_first()) else { return };
    if rest.is_empty() {
        map.remove(*name);
        return;
    }
    let Some(inner) = map.get_mut(*name) else { return };
    let was_empty = is_empty(inner);
    take(inner, rest);
    if !was_empty && is_empty(inner) {
        map.remove(*name);
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty)
}

/// Every container of a specification with its group and its place there.
pub fn containers(spec: &Value) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    for (g, group) in items(spec.get("containerGroups")).iter().enumerate() {
        for (c, container) in items(group.get("containers")).iter().enumerate() {
            if container.is_object() {
                all.push((g, c));
            }
        }
    }
    all
}

fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub fn container(spec: &Value, (g, c): (usize, usize)) -> Option<&Value> {
    spec.get("containerGroups")?.get(g)?.get("containers")?.get(c)
}

pub fn container_mut(spec: &mut Value, (g, c): (usize, usize)) -> Option<&mut Value> {
    spec.get_mut("containerGroups")?.get_mut(g)?.get_mut("containers")?.get_mut(c)
}

/// The list of containers of a group, to put one in or take one out.
pub fn group_mut(spec: &mut Value, g: usize) -> Option<&mut Vec<Value>> {
    spec.get_mut("containerGroups")?.get_mut(g)?.get_mut("containers")?.as_array_mut()
}

/// Where a container stands, as findings name it.
pub fn dotted((g, c): (usize, usize)) -> String {
    format!("containerGroups.{g}.containers.{c}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Found, at, put, take};

    #[test]
    fn what_was_made_on_the_way_goes_with_what_it_was_made_for() {
        let mut value = json!({ "name": "a" });
        put(&mut value, &["probe", "path"], json!("/"));
        assert_eq!(value, json!({ "name": "a", "probe": { "path": "/" } }));
        take(&mut value, &["probe", "path"]);
        assert_eq!(value, json!({ "name": "a" }));
    }

    #[test]
    fn nothing_is_made_or_unmade_by_the_way() {
        let mut value = json!({ "probe": {}, "other": { "path": "/", "port": 1 } });
        let before = value.clone();
        take(&mut value, &["probe", "path"]);
        assert_eq!(value, before, "it was empty before");
        take(&mut value, &["other", "path"]);
        assert_eq!(value, json!({ "probe": {}, "other": { "port": 1 } }));
        put(&mut value, &["other", "port", "x"], json!(2));
        assert_eq!(value["other"]["port"], json!(1), "a number is in the way");
        assert_eq!(at(&value, &["other", "port", "x"]), Found::Blocked);
        assert_eq!(at(&value, &["none", "x"]), Found::Nothing);
    }
}
