//! JSON as a person reads it: what matters comes first, and a short list stands on one line. Nothing is added and
//! nothing is left out.

use std::fmt::Write;

use serde_json::Value;

/// The order of fields; others follow by their names.
const ORDER: [&str; 27] = [
    "containerGroups",
    "name",
    "description",
    "primary",
    "containers",
    "imageUri",
    "imageBuildConfig",
    "codeRef",
    "dockerfile",
    "type",
    "provider",
    "source",
    "port",
    "entrypoint",
    "environmentVars",
    "value",
    "drCredentialId",
    "key",
    "startupProbe",
    "readinessProbe",
    "livenessProbe",
    "path",
    "scheme",
    "host",
    "httpHeaders",
    "initialDelaySeconds",
    "securityContext",
];

/// A list of plain values that is not longer than this stands on one line.
const LINE: usize = 76;

pub fn pretty(value: &Value) -> String {
    let mut text = String::new();
    write(value, 0, &mut text);
    text
}

fn write(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            let mut fields: Vec<_> = map.iter().collect();
            fields.sort_by_key(|(name, _)| {
                (ORDER.iter().position(|known| known == name).unwrap_or(ORDER.len()), *name)
            });
            text.push('{');
            for (n, (name, inner)) in fields.into_iter().enumerate() {
                begin(n, depth + 1, text);
                let _ = write!(text, "{}: ", Value::from(name.as_str()));
                write(inner, depth + 1, text);
            }
            end('}', depth, text);
        }
        Value::Array(list) if list.iter().any(|one| one.is_object() || one.is_array()) => {
            many(list, depth, text);
        }
        Value::Array(list) => {
            let all: Vec<String> = list.iter().map(ToString::to_string).collect();
            let line = format!("[{}]", all.join(", "));
            if line.len() <= LINE { text.push_str(&line) } else { many(list, depth, text) }
        }
        other => {
            let _ = write!(text, "{other}");
        }
    }
}

fn many(list: &[Value], depth: usize, text: &mut String) {
    text.push('[');
    for (n, one) in list.iter().enumerate() {
        begin(n, depth + 1, text);
        write(one, depth + 1, text);
    }
    end(']', depth, text);
}

fn begin(n: usize, depth: usize, text: &mut String) {
    text.push_str(if n == 0 { "\n" } else { ",\n" });
    text.push_str(&"  ".repeat(depth));
}

fn end(sign: char, depth: usize, text: &mut String) {
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
    text.push(sign);
}
