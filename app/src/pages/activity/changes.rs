//! What an entry of the audit trail says was changed: only the fields that differ, by their dotted paths.

use serde_json::Value;

/// Path, before and after of every field that is not the same.
pub fn changes(before: Option<&Value>, after: Option<&Value>) -> Vec<Change> {
    let mut found = Vec::new();
    walk(String::new(), before, after, &mut found);
    found
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub path: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

fn walk(path: String, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Change>) {
    let below =
        |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (before, after) {
        (before, after) if before == after => {}
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let added = new.keys().filter(|name| !old.contains_key(*name));
            for name in old.keys().chain(added) {
                walk(below(name), old.get(name), new.get(name), found);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            for at in 0..old.len().max(new.len()) {
                walk(below(&at.to_string()), old.get(at), new.get(at), found);
            }
        }
        // Alone, so that what was made is told field by field.
        (None | Some(Value::Null), Some(Value::Object(new))) => {
            for (name, value) in new {
                walk(below(name), None, Some(value), found);
            }
        }
        (Some(Value::Object(old)), None | Some(Value::Null)) => {
            for (name, value) in old {
                walk(below(name), Some(value), None, found);
            }
        }
        (before, after) => {
            let (before, after) = (before.and_then(text), after.and_then(text));
            if before != after {
                found.push(Change { path, before, after });
            }
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::changes;

    #[test]
    fn only_fields_that_differ() {
        let before =
            json!({"name": "a", "runtime": {"groups": [{"n": 1, "same": true}]}, "gone": "x"});
        let after = json!({"name": "a", "runtime": {"groups": [{"n": 2, "same": true}]}, "new": {"a": [1, 2]}});
        let mut told: Vec<String> = changes(Some(&before), Some(&after))
            .into_iter()
            .map(|change| {
                let side = |side: Option<String>| side.unwrap_or_else(|| "-".into());
                format!("{} {} {}", change.path, side(change.before), side(change.after))
            })
            .collect();
        told.sort();
        assert_eq!(told, ["gone x -", "new.a - [1,2]", "runtime.groups.0.n 1 2"]);
        assert!(changes(Some(&before), Some(&before)).is_empty());
        assert!(changes(None, None).is_empty());
    }
}
