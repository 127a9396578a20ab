//! What a line says: its level and its message. JSON lines say so themselves; for the others we look for a
//! level word near the beginning. Standard error alone is not an error: many programs log everything there.
//!
//! Known limitation: it is a guess, and a line without any level word is information.

use serde_json::{Map, Value};

use crate::model::LogLevel;

/// Words looked at from the beginning of a line of plain text.
const WORDS: usize = 16;

/// What one line says. Texts that it does not have are empty.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    pub(super) level: LogLevel,
    pub(super) message: String,
    pub(super) stacktrace: String,
    pub(super) span_id: String,
    pub(super) trace_id: String,
    fields: Map<String, Value>,
}

impl Said {
    /// A field of a line that is JSON, as text.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        match self.fields.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

pub(super) fn read(text: &str) -> Said {
    let text = without_colours(text);
    if text.trim_start().starts_with('{')
        && let Ok(Value::Object(fields)) = serde_json::from_str(&text)
    {
        let field = |names: &[&str]| names.iter().find_map(|name| fields.get(*name)?.as_str());
        let or_empty = |names: &[&str]| field(names).unwrap_or_default().to_owned();
        let level = field(&["level", "severity", "levelname", "lvl", "log.level"])
            .and_then(level_of)
            .unwrap_or(LogLevel::Info);
        let message = field(&["message", "msg", "event"]).map(str::to_owned);
        return Said {
            level,
            message: message.unwrap_or_else(|| text.trim_end().to_owned()),
            stacktrace: or_empty(&["stacktrace", "stack_trace", "exc_info", "exception", "stack"]),
            span_id: or_empty(&["span_id", "spanId", "span.id", "spanID"]),
            trace_id: or_empty(&["trace_id", "traceId", "trace.id", "traceID"]),
            fields,
        };
    }
    Said {
        level: guess(&text),
        message: text.trim_end().to_owned(),
        stacktrace: String::new(),
        span_id: String::new(),
        trace_id: String::new(),
        fields: Map::new(),
    }
}

fn level_of(word: &str) -> Option<LogLevel> {
    Some(match word.to_ascii_lowercase().as_str() {
        "trace" | "debug" => LogLevel::Debug,
        "info" | "information" | "notice" => LogLevel::Info,
        "warn" | "warning" => LogLevel::Warning,
        "error" | "err" => LogLevel::Error,
        "critical" | "fatal" | "panic" | "emergency" | "alert" => LogLevel::Critical,
        _ => return None,
    })
}

fn guess(text: &str) -> LogLevel {
    if text.starts_with("Traceback (most recent call last)") || text.contains(" panicked at ") {
        return LogLevel::Error;
    }
    let separates = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    let mut before = "";
    for word in text.split(separates).filter(|word| !word.is_empty()).take(WORDS) {
        // Prose says "error" in lower case; a level is shouted or named.
        let shouted = word.chars().all(|c| c.is_ascii_uppercase());
        let named = matches!(before, "level" | "lvl" | "severity");
        if (shouted || named)
            && let Some(level) = level_of(word)
        {
            return level;
        }
        before = word;
    }
    let first = text.split(separates).next().unwrap_or_default();
    let leads = text[first.len()..].starts_with(':');
    level_of(first).filter(|_| leads).unwrap_or(LogLevel::Info)
}

/// Drops the terminal's colour codes.
fn without_colours(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let end = after.find(|c: char| c.is_ascii_alphabetic()).map_or(after.len(), |at| at + 1);
        rest = &after[end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::model::LogLevel::{self, Critical, Debug, Error, Info, Warning};

    #[test]
    fn levels_of_the_usual_formats() {
        let cases: [(&str, LogLevel, &str); 14] = [
            ("hello", Info, "hello"),
            ("ERROR: no disk", Error, "ERROR: no disk"),
            ("error: no disk", Error, "error: no disk"),
            ("0 errors, no error found", Info, "0 errors, no error found"),
            (
                "2026-06-22 10:00:00,123 - app - WARNING - slow",
                Warning,
                "2026-06-22 10:00:00,123 - app - WARNING - slow",
            ),
            ("[2026-06-22T10:00:00Z DEBUG app] x", Debug, "[2026-06-22T10:00:00Z DEBUG app] x"),
            ("time=\"x\" level=error msg=\"bad\"", Error, "time=\"x\" level=error msg=\"bad\""),
            ("INFO:     GET /error 200", Info, "INFO:     GET /error 200"),
            ("Traceback (most recent call last):", Error, "Traceback (most recent call last):"),
            (
                "thread 'main' panicked at src/main.rs:1:1:",
                Error,
                "thread 'main' panicked at src/main.rs:1:1:",
            ),
            ("FATAL out of memory", Critical, "FATAL out of memory"),
            ("\u{1b}[31mERROR\u{1b}[0m red", Error, "ERROR red"),
            (r#"{"level":"warn","msg":"careful"}"#, Warning, "careful"),
            (
                r#"{"severity":"CRITICAL","other":1}"#,
                Critical,
                r#"{"severity":"CRITICAL","other":1}"#,
            ),
        ];
        for (line, level, message) in cases {
            let said = read(line);
            assert_eq!((said.level, said.message.as_str()), (level, message), "{line}");
        }
    }

    #[test]
    fn a_line_of_json_names_its_trace_and_more() {
        let said =
            read(r#"{"msg":"x","traceId":"abc","span_id":"7","exc_info":"at f","n":3,"o":{}}"#);
        let texts = [&said.trace_id, &said.span_id, &said.stacktrace, &said.message];
        assert_eq!(texts, ["abc", "7", "at f", "x"]);
        assert_eq!(
            (said.field("n"), said.field("o"), said.field("p")),
            (Some("3".into()), None, None)
        );
    }
}
