//! One value of the JSON as the text of a control, and back.
//!
//! A control can't hold everything: a browser takes line breaks out of a line, and writes those of several lines
//! in its own way. What would not come back as it went is not put into a control at all ([`show`] gives none);
//! it is edited in the JSON.

use serde_json::{Map, Value};

use super::table::Kind;

/// A value as text; none when it would not survive in a control, or is of another type.
pub fn show(value: Option<&Value>, kind: Kind) -> Option<String> {
    let text = match (value, kind) {
        (None | Some(Value::Null), _) => String::new(),
        (Some(Value::String(text)), Kind::Text) => text.clone(),
        (Some(Value::Number(number)), Kind::Number) => number.as_u64()?.to_string(),
        (Some(Value::Bool(flag)), Kind::Flag) => flag.to_string(),
        (Some(Value::Array(list)), Kind::Lines) => lines(list)?,
        (Some(Value::Array(list)), Kind::Words) => words(list)?,
        (Some(Value::Object(map)), Kind::Headers) => headers(map)?,
        (Some(Value::Object(map)), Kind::Pair(one, other)) => pair(map.get(one), map.get(other))?,
        _ => return None,
    };
    survives(&text, kind.is_long()).then_some(text)
}

/// Whether a control gives a text back as it was put in.
pub fn survives(text: &str, long: bool) -> bool {
    !text.contains(['\0', '\r']) && (long || !text.contains('\n'))
}

fn texts(list: &[Value]) -> Option<Vec<&str>> {
    list.iter().map(Value::as_str).collect()
}

fn lines(list: &[Value]) -> Option<String> {
    let texts = texts(list)?;
    let plain =
        texts.iter().all(|text| !text.trim().is_empty() && !text.contains(['\n', '\r', '\0']));
    let text = texts.join("\n");
    if plain && !text.is_empty() && !text.trim_start().starts_with('[') {
        return Some(text);
    }
    serde_json::to_string(list).ok()
}

fn words(list: &[Value]) -> Option<String> {
    let texts = texts(list)?;
    let plain = texts.iter().all(|text| !text.is_empty() && !text.contains(char::is_whitespace));
    plain.then(|| texts.join(" "))
}

fn headers(map: &Map<String, Value>) -> Option<String> {
    let line = |(name, value): (&String, &Value)| {
        let value = value.as_str()?;
        let plain = |text: &str| text.trim() == text && !text.contains(['\n', '\r']);
        let fits = !name.is_empty() && !name.contains(':') && plain(name) && plain(value);
        fits.then(|| format!("{name}: {value}"))
    };
    Some(map.iter().map(line).collect::<Option<Vec<_>>>()?.join("\n"))
}

/// Both or neither; one alone is not for a choice to show.
pub fn pair(one: Option<&Value>, other: Option<&Value>) -> Option<String> {
    match (one, other) {
        (None, None) => Some(String::new()),
        (Some(Value::String(one)), Some(Value::String(other))) => {
            let plain = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
            (plain(one) && plain(other)).then(|| format!("{one} {other}"))
        }
        _ => None,
    }
}

/// What a text means; none for nothing at all. A pair is taken apart by [`halves`].
///
/// # Errors
/// Why it means nothing, as a sentence.
pub fn read(text: &str, kind: Kind) -> Result<Option<Value>, String> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(None);
    }
    Ok(Some(match kind {
        Kind::Text | Kind::Pair(..) => trimmed.into(),
        Kind::Number => number(trimmed)?.into(),
        Kind::Flag => (trimmed == "true").into(),
        Kind::Lines if trimmed.starts_with('[') => list(trimmed)?,
        Kind::Lines => text.lines().filter(|line| !line.trim().is_empty()).collect(),
        Kind::Words => trimmed.split_whitespace().collect(),
        Kind::Headers => Value::Object(header_lines(text)?),
    }))
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("'{text}' is not a whole number"))
}

fn list(text: &str) -> Result<Value, String> {
    let list: Vec<String> = serde_json::from_str(text)
        .map_err(|why| format!("begins like a JSON list, and is none: {why}"))?;
    Ok(list.into())
}

fn header_lines(text: &str) -> Result<Map<String, Value>, String> {
    let mut all = Map::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| format!("write name: value; '{}' has no ':'", line.trim()))?;
        let name = name.trim();
        if all.insert(name.to_owned(), value.trim().into()).is_some() {
            return Err(format!("'{name}' is there twice"));
        }
    }
    Ok(all)
}

/// The two texts of a pair.
pub fn halves(text: &str) -> Option<(&str, &str)> {
    text.trim().split_once(char::is_whitespace).map(|(one, other)| (one, other.trim_start()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Kind, read, show};

    #[test]
    fn arguments_are_lines_unless_a_line_would_lose_them() {
        let both = |list: serde_json::Value| {
            let text = show(Some(&list), Kind::Lines).expect("a list of texts");
            assert_eq!(read(&text, Kind::Lines), Ok(Some(list)), "{text}");
            text
        };
        assert_eq!(both(json!(["run", " --a b "])), "run\n --a b ");
        assert_eq!(both(json!(["run", ""])), r#"["run",""]"#);
        assert_eq!(both(json!(["a\nb"])), r#"["a\nb"]"#);
        assert_eq!(both(json!(["[x"])), r#"["[x"]"#);
        assert_eq!(both(json!([])), "[]");
        assert!(read("[1]", Kind::Lines).is_err());
        assert_eq!(show(Some(&json!([1])), Kind::Lines), None);
    }

    #[test]
    fn what_a_control_would_change_is_not_put_into_one() {
        assert_eq!(show(Some(&json!("a\nb")), Kind::Text), None);
        assert_eq!(show(Some(&json!("80")), Kind::Number), None);
        assert_eq!(show(Some(&json!(1.5)), Kind::Number), None);
        assert_eq!(show(Some(&json!({ "a:b": "c" })), Kind::Headers), None);
        assert_eq!(show(Some(&json!(["a b"])), Kind::Words), None);
        assert_eq!(show(Some(&json!({ "x": "1" })), Kind::Pair("x", "y")), None);
    }

    #[test]
    fn headers_are_one_per_line() {
        let map = json!({ "Accept": "*/*", "X-Empty": "" });
        let text = show(Some(&map), Kind::Headers).expect("plain");
        assert_eq!(text, "Accept: */*\nX-Empty: ");
        assert_eq!(read(&text, Kind::Headers), Ok(Some(map)));
        assert!(read("no colon", Kind::Headers).is_err());
        assert!(read("a: 1\na: 2", Kind::Headers).is_err());
    }
}
