//! From the form to the JSON: what a person changed in the form is written into the document that the form was
//! made from, and nothing else is touched. A form that nobody changed writes nothing, whatever the document
//! holds; that is what keeps fields that the form does not know.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    place::{container, container_mut, containers, dotted, group_mut, put, take},
    present::{present, shown, variable, variables},
    table::{FIELDS, Field, Kind},
    text::{halves, read},
    typed::{Typed, TypedContainer, TypedVariable},
};
use crate::refusal::Fault;

/// The document with the changes in it.
pub struct Written {
    pub spec: Value,
    /// The form with its places in this document.
    pub typed: Typed,
    /// What was typed and means nothing; it is not in the document.
    pub faults: Vec<Fault>,
}

pub fn write(base: &Value, mut typed: Typed) -> Written {
    let mut spec = base.clone();
    let mut said: Vec<(usize, String, String)> = Vec::new();
    choose_primary(base, &mut spec, &typed);
    for (index, one) in typed.containers.iter_mut().enumerate() {
        let Some(place) = one.at else { continue };
        if let Some(into) = container_mut(&mut spec, place) {
            write_container(into, one, |field, why| said.push((index, field, why)));
        }
    }
    let mut faults = Vec::new();
    drop_removed(&mut spec, &mut typed);
    let chosen = typed.primary;
    for (index, one) in typed.containers.iter_mut().enumerate() {
        if one.at.is_some() {
            continue;
        }
        let mut new = Value::Object(Map::new());
        if chosen == Some(index) {
            put(&mut new, &["primary"], Value::Bool(true));
        }
        write_container(&mut new, one, |field, why| said.push((index, field, why)));
        one.at = append(&mut spec, new);
        if one.at.is_none() {
            let message = "is no list of groups with containers, so nothing can be added".into();
            faults.push(Fault { field: "containerGroups".into(), message });
        }
    }
    for (index, field, message) in said {
        let place = typed.containers.get(index).and_then(|one| one.at);
        let field = place.map_or_else(|| field.clone(), |at| format!("{}.{field}", dotted(at)));
        faults.push(Fault { field, message });
    }
    Written { spec, typed, faults }
}

/// Marks the container that serves, when another one was chosen.
fn choose_primary(base: &Value, spec: &mut Value, typed: &Typed) {
    let before = present(base);
    let place = |typed: &Typed| typed.primary.and_then(|index| typed.containers.get(index)?.at);
    let new = typed.primary.and_then(|index| typed.containers.get(index));
    let Some(new) = new.filter(|_| place(typed).is_none() || place(typed) != place(&before)) else {
        return;
    };
    for at in containers(base) {
        let Some(one) = container_mut(spec, at) else { continue };
        if new.at == Some(at) {
            put(one, &["primary"], Value::Bool(true));
        } else if one.get("primary") == Some(&Value::Bool(true)) {
            put(one, &["primary"], Value::Bool(false));
        }
    }
}

fn write_container(
    into: &mut Value,
    typed: &mut TypedContainer,
    mut wrong: impl FnMut(String, String),
) {
    for field in FIELDS {
        let Some(text) = typed.fields.get(field.key) else { continue };
        let Some(before) = shown(into, field) else { continue };
        if *text == before {
            continue;
        }
        if let Err(why) = write_field(into, field, text) {
            wrong(field.dotted(), why);
        }
    }
    if let Some(rows) = &mut typed.variables {
        write_variables(into, rows);
    }
}

fn write_field(into: &mut Value, field: &Field, text: &str) -> Result<(), String> {
    let value = read(text, field.kind)?;
    let Kind::Pair(one, other) = field.kind else {
        match value {
            Some(value) => put(into, field.path, value),
            None => take(into, field.path),
        }
        return Ok(());
    };
    let step = |name: &'static str| [field.path, &[name]].concat();
    match halves(text) {
        Some((first, second)) => {
            put(into, &step(one), first.into());
            put(into, &step(other), second.into());
        }
        None if value.is_none() => {
            take(into, &step(one));
            take(into, &step(other));
        }
        None => return Err("two ids with a blank between them".into()),
    }
    Ok(())
}

/// Those that the form does not have any more are gone; the others keep their order, new ones come last.
fn write_variables(into: &mut Value, rows: &mut [TypedVariable]) {
    if variables(into).is_none() {
        return;
    }
    let before = match into.get("environmentVars") {
        Some(Value::Array(list)) => list.clone(),
        _ => Vec::new(),
    };
    let mut after = Vec::with_capacity(rows.len());
    for row in rows {
        let made = match row.at {
            Some(place) => before.get(place).map(|one| edited(one, row)),
            None => (!row.is_blank()).then(|| edited(&json!({}), row)),
        };
        row.at = made.is_some().then_some(after.len());
        after.extend(made);
    }
    if after == before {
        return;
    }
    if after.is_empty() {
        take(into, &["environmentVars"]);
    } else {
        put(into, &["environmentVars"], after.into());
    }
}

/// A variable with what was typed.
fn edited(one: &Value, row: &TypedVariable) -> Value {
    let mut now = one.clone();
    let before = variable(one);
    let new = row.at.is_none();
    if let Some(name) = row.name.as_ref().filter(|name| new || Some(*name) != before.name.as_ref())
    {
        match name.trim() {
            "" if row.source.as_deref() == Some("api-key") => take(&mut now, &["name"]),
            name => put(&mut now, &["name"], name.into()),
        }
    }
    let source = row.source.as_deref();
    let turned = source.filter(|source| new || Some(*source) != before.source.as_deref());
    if let Some(source) = turned {
        let [value, id, key] = [["value"], ["drCredentialId"], ["key"]];
        match source {
            "string" => {
                for gone in [["source"], id, key] {
                    take(&mut now, &gone);
                }
            }
            "dr-credential" => take(&mut now, &value),
            _ => {
                for gone in [value, id, key] {
                    take(&mut now, &gone);
                }
            }
        }
        if source != "string" {
            put(&mut now, &["source"], source.into());
        }
    }
    let after = variable(&now);
    let turned = turned.is_some();
    match source.or(after.source.as_deref()) {
        Some("string") => {
            if let Some(text) =
                row.value.as_ref().filter(|text| turned || Some(*text) != after.value.as_ref())
            {
                put(&mut now, &["value"], text.as_str().into());
            }
        }
        Some("dr-credential") => {
            let typed = row.credential.as_ref();
            if let Some(text) = typed.filter(|text| Some(*text) != after.credential.as_ref()) {
                let (id, key) = halves(text).unwrap_or_default();
                for (name, half) in [("drCredentialId", id), ("key", key)] {
                    if half.is_empty() {
                        take(&mut now, &[name]);
                    } else {
                        put(&mut now, &[name], half.into());
                    }
                }
            }
        }
        _ => {}
    }
    now
}

/// Takes out the containers that the form does not have any more, and moves the places of the others up.
fn drop_removed(spec: &mut Value, typed: &mut Typed) {
    let kept: BTreeSet<(usize, usize)> = typed.containers.iter().filter_map(|one| one.at).collect();
    let gone: Vec<(usize, usize)> =
        containers(spec).into_iter().filter(|place| !kept.contains(place)).collect();
    for (g, c) in gone.iter().rev() {
        if let Some(list) = group_mut(spec, *g) {
            list.remove(*c);
        }
    }
    for one in &mut typed.containers {
        // A place that the document does not have is as good as none.
        one.at = one.at.filter(|at| {
            let before = gone.iter().filter(|(g, c)| *g == at.0 && *c < at.1).count();
            container(spec, (at.0, at.1 - before)).is_some()
        });
        if let Some((g, c)) = one.at {
            let before = gone.iter().filter(|(other, place)| *other == g && *place < c).count();
            one.at = Some((g, c - before));
        }
    }
}

/// Puts a container at the end of the first group, which is made when there is none.
fn append(spec: &mut Value, new: Value) -> Option<(usize, usize)> {
    let nothing = |value: Option<&Value>| matches!(value, None | Some(Value::Null));
    if nothing(spec.get("containerGroups")) {
        put(spec, &["containerGroups"], json!([{ "name": "default", "containers": [] }]));
    }
    let group = spec.get_mut("containerGroups")?.get_mut(0)?;
    if nothing(group.get("containers")) {
        put(group, &["containers"], json!([]));
    }
    let list = group_mut(spec, 0)?;
    list.push(new);
    Some((0, list.len() - 1))
}
