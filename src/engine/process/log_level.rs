//! What a line says: its level and its message. JSON lines say so themselves; for the others we look for a
//! level word near the beginning. Standard error alone is not an error: many programs log everything there.
//!
//! Known limitation: it is a guess, and a line without any level word is information.

use serde_json::Value;

use crate::model::LogLevel;

/// Words looked at from the beginning of a line of plain text.
const WORDS: usize = 16;

/// Level and message of one line.
pub(super) fn read(text: &str) -> (LogLevel, String) {
    let text = without_colours(text);
    if text.trim_start().starts_with('{')
        && let Ok(Value::Object(fields)) = serde_json::from_str(&text)
    {
        let field = |names: &[&str]| names.iter().find_map(|name| fields.get(*name)?.as_str());
        let level = field(&["level", "severity", "levelname", "lvl", "log.level"])
            .and_then(level_of)
            .unwrap_or(LogLevel::Info);
        let message = field(&["message", "msg", "event"]).map(str::to_owned);
        return (level, message.unwrap_or_else(|| text.trim_end().to_owned()));
    }
    (guess(&text), text.trim_end().to_owned())
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
            assert_eq!(read(line), (level, message.to_owned()), "{line}");
        }
    }
}
