//! What stands in the form, as text that nobody has judged yet, and how it is read from a request.

use std::collections::{BTreeMap, HashMap};

use super::table::FIELDS;

/// The form side of a specification.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Typed {
    pub containers: Vec<TypedContainer>,
    /// Which of them serves; none when the form did not ask.
    pub primary: Option<usize>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct TypedContainer {
    /// Its group and its place there, in the document the form was made from; none for a new one.
    pub at: Option<(usize, usize)>,
    /// By key. What has no text has no control in the form, and stays as it is.
    pub fields: BTreeMap<&'static str, String>,
    /// None when the form has no place for them.
    pub variables: Option<Vec<TypedVariable>>,
}

/// One environment variable. What is none has no control in the form.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TypedVariable {
    /// Its place in the list; none for a new one.
    pub at: Option<usize>,
    pub name: Option<String>,
    /// `string`, `dr-credential` or `api-key`.
    pub source: Option<String>,
    pub value: Option<String>,
    /// The credential and the key in it, with a blank between them.
    pub credential: Option<String>,
}

impl TypedVariable {
    /// The line in which a new one can be typed.
    pub fn spare() -> Self {
        let nothing = Some(String::new());
        Self {
            at: None,
            name: nothing.clone(),
            source: Some("string".to_owned()),
            value: nothing.clone(),
            credential: nothing,
        }
    }

    /// A new one in which nothing was typed.
    pub fn is_blank(&self) -> bool {
        let blank = |text: &Option<String>| text.as_ref().is_none_or(|text| text.trim().is_empty());
        self.at.is_none()
            && self.source.as_deref() != Some("api-key")
            && blank(&self.name)
            && blank(&self.value)
            && blank(&self.credential)
    }
}

impl TypedContainer {
    /// A new one, in which nothing is typed yet.
    pub fn blank() -> Self {
        let fields = FIELDS.iter().map(|field| (field.key, String::new())).collect();
        Self { at: None, fields, variables: Some(Vec::new()) }
    }

    pub fn text(&self, key: &str) -> Option<&str> {
        self.fields.get(key).map(String::as_str)
    }

    /// Empties every field of a block, such as `readiness`.
    pub fn clear(&mut self, block: &str) {
        let within = |key: &str| key.split_once('.').is_some_and(|(first, _)| first == block);
        for (key, text) in &mut self.fields {
            if within(key) {
                text.clear();
            }
        }
    }
}

/// The fields of a request by name. Browsers end lines in two characters; we in one.
pub struct Sent(HashMap<String, String>);

impl Sent {
    pub fn new(pairs: &[(String, String)]) -> Self {
        let pairs = pairs.iter().map(|(name, text)| (name.clone(), text.replace("\r\n", "\n")));
        Self(pairs.collect())
    }

    pub fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    pub fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default()
    }

    /// What stood in the form.
    pub fn typed(&self) -> Typed {
        let containers = (0..).map_while(|index| self.container(index)).collect();
        Typed { containers, primary: self.get("primary").and_then(|text| text.parse().ok()) }
    }

    fn container(&self, index: usize) -> Option<TypedContainer> {
        let at = self.get(&format!("c{index}.at"))?;
        let at = at.split_once('.').and_then(|(g, c)| Some((g.parse().ok()?, c.parse().ok()?)));
        let fields = FIELDS
            .iter()
            .filter_map(|field| Some((field.key, self.get(&format!("c{index}.{}", field.key))?)))
            .collect();
        let variables = self
            .get(&format!("c{index}.variables"))
            .map(|_| (0..).map_while(|row| self.variable(&format!("c{index}.v{row}"))).collect());
        Some(TypedContainer { at, fields, variables })
    }

    fn variable(&self, row: &str) -> Option<TypedVariable> {
        let at = self.get(&format!("{row}.at"))?;
        Some(TypedVariable {
            at: at.parse().ok(),
            name: self.get(&format!("{row}.name")),
            source: self.get(&format!("{row}.source")),
            value: self.get(&format!("{row}.value")),
            credential: self.get(&format!("{row}.credential")),
        })
    }
}
