//! What an entry may show: everything but secrets. Nobody can tell which value of an environment is one, so
//! all of them are replaced by a fingerprint that only the key can make: a change shows, the value does not.

use serde::Serialize;
use serde_json::Value;

use crate::house::House;

/// Fields whose text is replaced wherever they are.
const VALUES: [&str; 1] = ["value"];
/// Maps whose texts are replaced, with their names kept.
const MAPS: [&str; 1] = ["httpHeaders"];

/// A record without its secrets.
pub fn shown(house: &House, record: &impl Serialize) -> Option<Value> {
    let mut value = serde_json::to_value(record).ok()?;
    hide(house, &mut value);
    Some(value)
}

fn hide(house: &House, value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| hide(house, item)),
        Value::Object(fields) => {
            for (name, field) in fields {
                if VALUES.contains(&name.as_str()) {
                    replace(house, field);
                } else if MAPS.contains(&name.as_str()) {
                    field.as_object_mut().into_iter().flatten().for_each(|(_, text)| {
                        replace(house, text);
                    });
                } else {
                    hide(house, field);
                }
            }
        }
        _ => {}
    }
}

fn replace(house: &House, field: &mut Value) {
    if let Value::String(text) = field {
        let mark = house.secrets.mark("audited value", text.as_bytes());
        let fingerprint: String =
            mark.bytes[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        *field = Value::String(format!("hidden, fingerprint {fingerprint}"));
    }
}
