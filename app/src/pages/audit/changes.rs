//! Before and after, field by field, so that what changed is found among what did not.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde_json::Value;

/// One field: its dotted path, and its value on each side.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    path: String,
    before: Option<String>,
    after: Option<String>,
}

/// The leaves of a record by their dotted paths. An empty list or object is a leaf too.
fn leaves(value: &Value, path: &str, all: &mut BTreeMap<String, String>) {
    let below =
        |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(name, field)| leaves(field, &below(name), all));
        }
        Value::Array(items) if !items.is_empty() => {
            items
                .iter()
                .enumerate()
                .for_each(|(n, item)| leaves(item, &below(&n.to_string()), all));
        }
        Value::String(text) => drop(all.insert(path.to_owned(), text.clone())),
        other => drop(all.insert(path.to_owned(), other.to_string())),
    }
}

fn compare(before: Option<&Value>, after: Option<&Value>) -> (Vec<Change>, Vec<Change>) {
    let side = |value: Option<&Value>| {
        let mut all = BTreeMap::new();
        if let Some(value) = value.filter(|value| !value.is_null()) {
            leaves(value, "", &mut all);
        }
        all
    };
    let (mut before, after) = (side(before), side(after));
    let mut all: Vec<Change> = after
        .into_iter()
        .map(|(path, text)| Change { before: before.remove(&path), after: Some(text), path })
        .collect();
    let gone = before.into_iter();
    all.extend(gone.map(|(path, text)| Change { path, before: Some(text), after: None }));
    all.sort_by(|one, other| one.path.cmp(&other.path));
    all.into_iter().partition(|change| change.before != change.after)
}

/// What changed as a table; what did not, folded away.
pub(super) fn changes(before: Option<&Value>, after: Option<&Value>) -> impl IntoView + use<> {
    let (changed, same) = compare(before, after);
    let nothing = changed.is_empty().then(|| {
        let text = if same.is_empty() {
            "The entry holds no record of before or after."
        } else {
            "Nothing that is written down differs."
        };
        view! { <p class="pad quiet">{text}</p> }
    });
    let unchanged = (!same.is_empty()).then(|| {
        let total = same.len();
        view! {
            <details class="pad"><summary>{format!("{total} unchanged")}</summary>{table(same)}</details>
        }
    });
    let table = (!changed.is_empty()).then(|| table(changed));
    view! { {nothing}{table}{unchanged} }
}

fn table(changes: Vec<Change>) -> impl IntoView {
    let rows = changes.into_iter().map(|change| {
        let cell = |side: Option<String>, class: &'static str| match side {
            Some(text) => view! { <code class=class>{text}</code> }.into_any(),
            None => view! { <span class="quiet">"–"</span> }.into_any(),
        };
        let same = change.before == change.after;
        let (old, new) = if same { ("", "") } else { ("was", "is") };
        let path = if change.path.is_empty() { "value".to_owned() } else { change.path };
        view! {
            <tr><td class="lead"><code>{path}</code></td>
                <td class="anywhere" data-k="Before">{cell(change.before, old)}</td>
                <td class="anywhere" data-k="After">{cell(change.after, new)}</td></tr>
        }
    });
    view! {
        <div class="scroll"><table class="folds changes">
            <thead><tr><th scope="col">"Field"</th><th scope="col">"Before"</th><th scope="col">"After"</th></tr></thead>
            <tbody>{rows.collect_view()}</tbody>
        </table></div>
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Change, compare};

    #[test]
    fn what_changed_came_and_went_is_told_apart_from_what_stayed() {
        let before = json!({ "name": "a", "spec": { "port": 80, "old": [1] } });
        let after = json!({ "name": "a", "spec": { "port": 81, "new": {} } });
        let (changed, same) = compare(Some(&before), Some(&after));
        let change = |path: &str, before: Option<&str>, after: Option<&str>| Change {
            path: path.into(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        assert_eq!(
            changed,
            [
                change("spec.new", None, Some("{}")),
                change("spec.old.0", Some("1"), None),
                change("spec.port", Some("80"), Some("81")),
            ]
        );
        assert_eq!(same, [change("name", Some("a"), Some("a"))]);
        assert_eq!(compare(None, Some(&json!(null))), (vec![], vec![]));
    }
}
