//! The controls of the form: a label, the control, a hint, and what is wrong with it, tied together for those who
//! listen. Every control stands for one field of the table.

use leptos::prelude::*;

use super::table::{Field, field};
use crate::refusal::Fault;

/// What is wrong, by path from the specification on.
#[derive(Debug, Clone, Default)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// What is wrong with exactly this.
    pub fn at(&self, path: &str) -> Option<String> {
        let here = self.0.iter().filter(|fault| fault.field == path);
        let all: Vec<&str> = here.map(|fault| fault.message.as_str()).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// Whether anything below this is wrong.
    pub fn below(&self, path: &str) -> bool {
        let inner = format!("{path}.");
        self.0.iter().any(|fault| fault.field == path || fault.field.starts_with(&inner))
    }
}

/// Where a control stands.
#[derive(Clone)]
pub struct Spot {
    /// Its name in the form.
    pub name: String,
    /// What is typed; none when the form has no control for what is in the JSON.
    pub text: Option<String>,
    pub wrong: Option<String>,
}

impl Spot {
    fn id(&self) -> String {
        self.name.replace('.', "-")
    }

    fn described_by(&self, hint: &str) -> Option<String> {
        let id = self.id();
        let mut ids = Vec::new();
        if !hint.is_empty() || self.text.is_none() {
            ids.push(format!("{id}-hint"));
        }
        if self.wrong.is_some() {
            ids.push(format!("{id}-wrong"));
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn below(&self, hint: &'static str) -> impl IntoView + use<> {
        let id = self.id();
        let hint = if self.text.is_none() {
            "It holds something that only the JSON can show: change it there."
        } else {
            hint
        };
        view! {
            {(!hint.is_empty()).then(|| view! { <span class="hint" id=format!("{id}-hint")>{hint}</span> })}
            {self.wrong.clone().map(|wrong| view! { <span class="wrong" id=format!("{id}-wrong")>{wrong}</span> })}
        }
    }

    fn invalid(&self) -> Option<&'static str> {
        self.wrong.is_some().then_some("true")
    }
}

/// The control of a field, by its key; one for which a text was typed keeps it, whatever it means.
pub fn control(
    label: &'static str,
    spot: Spot,
    key: &str,
    hint: &'static str,
    example: &'static str,
) -> AnyView {
    let long = field(key).is_some_and(|field: &Field| field.kind.is_long());
    if long { area(label, spot, hint, example) } else { line(label, spot, hint, example) }
}

pub fn line(label: &'static str, spot: Spot, hint: &'static str, example: &'static str) -> AnyView {
    let disabled = spot.text.is_none();
    view! {
        <div class="field">
            <label for=spot.id()>{label}</label>
            <input type="text" id=spot.id() name=spot.name.clone() value=spot.text.clone() disabled=disabled placeholder=example
                autocomplete="off" spellcheck="false" aria-describedby=spot.described_by(hint) aria-invalid=spot.invalid()/>
            {spot.below(hint)}
        </div>
    }
    .into_any()
}

pub fn area(label: &'static str, spot: Spot, hint: &'static str, example: &'static str) -> AnyView {
    let disabled = spot.text.is_none();
    let text = spot.text.clone().unwrap_or_default();
    let rows = text.lines().count().clamp(2, 8);
    view! {
        <div class="field">
            <label for=spot.id()>{label}</label>
            <textarea id=spot.id() name=spot.name.clone() rows=rows disabled=disabled placeholder=example autocomplete="off"
                spellcheck="false" aria-describedby=spot.described_by(hint) aria-invalid=spot.invalid()>{whole(&text)}</textarea>
            {spot.below(hint)}
        </div>
    }
    .into_any()
}

/// A browser swallows the line break that a text area begins with; so it gets one more.
pub fn whole(text: &str) -> String {
    if text.starts_with('\n') { format!("\n{text}") } else { text.to_owned() }
}

/// One of a few. What is typed is offered too, whatever it is, so that a browser does not choose another.
pub fn choice(
    label: &'static str,
    spot: Spot,
    hint: &'static str,
    options: Vec<(String, String)>,
) -> AnyView {
    let disabled = spot.text.is_none();
    let chosen = spot.text.clone().unwrap_or_default();
    view! {
        <div class="field">
            <label for=spot.id()>{label}</label>
            <select id=spot.id() name=spot.name.clone() disabled=disabled aria-describedby=spot.described_by(hint) aria-invalid=spot.invalid()>
                {options_of(options, &chosen)}
            </select>
            {spot.below(hint)}
        </div>
    }
    .into_any()
}

pub fn options_of(mut options: Vec<(String, String)>, chosen: &str) -> impl IntoView + use<> {
    if !options.iter().any(|(value, _)| value == chosen) {
        options.push((chosen.to_owned(), format!("{chosen}, which is not known here")));
    }
    let chosen = chosen.to_owned();
    options
        .into_iter()
        .map(|(value, text)| {
            let selected = value == chosen;
            view! { <option value=value selected=selected>{text}</option> }
        })
        .collect_view()
}

/// Options from fixed words.
pub fn words(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(value, text)| ((*value).to_owned(), (*text).to_owned())).collect()
}
