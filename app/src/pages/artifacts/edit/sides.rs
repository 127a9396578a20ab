//! Two sides of one specification, kept in step: the form and the JSON.
//!
//! Both were made from one document, the base, which travels with them. Whatever differs from what the base says
//! was changed by a person. A change on one side is carried over to the other, and the result is the new base.
//! While a side can't be read, it stays as it was typed and the other is not touched. When both were changed in
//! different ways, nobody but the person can know what was meant: then nothing is carried over until they choose.

use handover::model::Spec;
use serde_json::Value;

use super::{
    present::present,
    pretty::pretty,
    typed::Typed,
    write::{Written, write},
};
use crate::refusal::Fault;

#[derive(Debug, Clone, PartialEq)]
pub struct Sides {
    /// What both sides were made from.
    pub base: Value,
    pub typed: Typed,
    /// The JSON, as typed.
    pub json: String,
}

/// Why the sides are not in step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Out {
    /// The JSON is none: the line, the column, and why.
    NoJson { line: usize, column: usize, why: String },
    /// Both were changed, and differ.
    Both,
}

/// Which side counts when both were changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefer {
    Neither,
    Form,
    Json,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Stepped {
    pub sides: Sides,
    pub out: Option<Out>,
    /// What was typed into the form and means nothing, by path from the specification on.
    pub faults: Vec<Fault>,
}

impl Sides {
    pub fn of(base: Value) -> Self {
        Self { typed: present(&base), json: pretty(&base), base }
    }

    /// Brings both sides in step, as far as what was typed allows.
    pub fn step(self, prefer: Prefer) -> Stepped {
        let Self { base, typed, json } = self;
        let from_form = write(&base, typed.clone());
        let from_json = serde_json::from_str::<Value>(&json);
        let form_changed = from_form.spec != base || !from_form.faults.is_empty();
        let json_changed = from_json.as_ref().ok() != Some(&base);
        let (form_counts, json_counts) = match prefer {
            Prefer::Form => (true, false),
            Prefer::Json => (false, json_changed),
            Prefer::Neither => (form_changed, json_changed),
        };
        match from_json {
            Err(why) if json_counts => {
                let out = if form_counts { Out::Both } else { no_json(&why) };
                let sides = Self { base, typed, json };
                Stepped { sides, out: Some(out), faults: Vec::new() }
            }
            Ok(new) if json_counts && (!form_counts || new == from_form.spec) => {
                let typed = if form_counts { from_form.typed } else { present(&new) };
                let faults = if form_counts { from_form.faults } else { Vec::new() };
                Stepped { sides: Self { base: new, typed, json }, out: None, faults }
            }
            Ok(_) if json_counts => {
                let sides = Self { base, typed, json };
                Stepped { sides, out: Some(Out::Both), faults: Vec::new() }
            }
            _ => {
                let Written { spec, typed, faults } = from_form;
                let rewritten = spec != base || json_changed;
                let json = if rewritten { pretty(&spec) } else { json };
                Stepped { sides: Self { base: spec, typed, json }, out: None, faults }
            }
        }
    }
}

fn no_json(why: &serde_json::Error) -> Out {
    let said = why.to_string();
    let said = said.split(" at line ").next().unwrap_or(&said).to_owned();
    Out::NoJson { line: why.line(), column: why.column(), why: said }
}

impl Stepped {
    /// What both sides say, as a specification.
    ///
    /// # Errors
    /// What is wrong, by path: a field that is unknown, missing or of the wrong type, or a text that means nothing.
    pub fn spec(&self) -> Result<Spec, Vec<Fault>> {
        if !self.faults.is_empty() {
            return Err(self.faults.clone());
        }
        // From the text: there a field that is given twice still shows.
        let mut reader = serde_json::Deserializer::from_str(&self.sides.json);
        serde_path_to_error::deserialize(&mut reader).map_err(|error| vec![fault(&error)])
    }
}

fn fault(error: &serde_path_to_error::Error<serde_json::Error>) -> Fault {
    use serde_path_to_error::Segment;
    let steps = error.path().iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    let mut path = steps.collect::<Vec<_>>().join(".");
    let said = error.inner().to_string();
    let said = said.split(" at line ").next().unwrap_or(&said).to_owned();
    // What is missing is named by the thing that lacks it.
    if let Some(name) = said.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'))
    {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(name);
        return Fault { field: path, message: "is needed here".into() };
    }
    let message = plain(&said, &path);
    Fault { field: path, message }
}

/// What a value should be, for people: the reader of JSON speaks of the types of a program.
fn plain(said: &str, path: &str) -> String {
    let rest = said.strip_prefix("invalid value: ").or_else(|| said.strip_prefix("invalid type: "));
    let Some((found, expected)) = rest.and_then(|rest| rest.rsplit_once(", expected ")) else {
        return said.to_owned();
    };
    let is_port = path.rsplit('.').next().is_some_and(|name| name.eq_ignore_ascii_case("port"));
    let least = u8::from(is_port);
    match expected {
        "u16" => format!("has to be a whole number from {least} to {}", u16::MAX),
        "u32" => format!("has to be a whole number from {least} to {}", u32::MAX),
        "u64" | "i64" => "has to be a whole number".into(),
        "f64" => "has to be a number".into(),
        "a string" => "has to be a text".into(),
        "a boolean" => "has to be true or false".into(),
        "a sequence" => "has to be a list".into(),
        "a map" => "has to be an object".into(),
        other => format!("can't be {found}: {other} is expected"),
    }
}
