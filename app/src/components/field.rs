//! Form fields: a label, the control, a hint, and what is wrong with it, tied together for those who listen.

use leptos::prelude::*;

use crate::refusal::Refusal;

/// What is wrong with a field, if anything.
pub fn fault(refusal: Option<&Refusal>, field: &str) -> Option<String> {
    let found: Vec<String> = refusal?
        .fields
        .iter()
        .filter(|fault| fault.field == field)
        .map(|fault| fault.message.clone())
        .collect();
    (!found.is_empty()).then(|| found.join("; "))
}

struct Ties {
    id: String,
    described_by: Option<String>,
    wrong: Option<String>,
}

fn ties(name: &str, hint: &str, wrong: Option<String>) -> Ties {
    let id: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let mut ids = Vec::new();
    if !hint.is_empty() {
        ids.push(format!("{id}-hint"));
    }
    if wrong.is_some() {
        ids.push(format!("{id}-wrong"));
    }
    let described_by = (!ids.is_empty()).then(|| ids.join(" "));
    Ties { id, described_by, wrong }
}

fn below(ties: &Ties, hint: &'static str) -> impl IntoView + use<> {
    let id = ties.id.clone();
    view! {
        {(!hint.is_empty()).then(|| view! { <span class="hint" id=format!("{id}-hint")>{hint}</span> })}
        {ties.wrong.clone().map(|wrong| view! { <span class="wrong" id=format!("{id}-wrong")>{wrong}</span> })}
    }
}

/// One line of text, or a number.
#[component]
pub fn Field(
    #[prop(into)] label: String,
    /// As the server function reads it.
    #[prop(into)]
    name: String,
    /// As findings name it, when that differs.
    #[prop(into, optional)]
    field: String,
    #[prop(into)] value: String,
    #[prop(optional)] hint: &'static str,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional)] placeholder: &'static str,
    #[prop(optional)] required: bool,
    #[prop(optional)] autocomplete: &'static str,
    /// What a number or a time is a multiple of, when not of the usual.
    #[prop(optional)]
    step: Option<&'static str>,
    #[prop(optional)] refusal: Option<Refusal>,
) -> impl IntoView {
    let field = if field.is_empty() { name.clone() } else { field };
    let ties = ties(&name, hint, fault(refusal.as_ref(), &field));
    let invalid = ties.wrong.is_some().then_some("true");
    let autocomplete = if autocomplete.is_empty() { "off" } else { autocomplete };
    view! {
        <div class="field">
            <label for=ties.id.clone()>{label}</label>
            <input id=ties.id.clone() name=name type=kind value=value placeholder=placeholder required=required step=step
                autocomplete=autocomplete aria-describedby=ties.described_by.clone() aria-invalid=invalid/>
            {below(&ties, hint)}
        </div>
    }
}

/// Several lines.
#[component]
pub fn Area(
    label: &'static str,
    #[prop(into)] name: String,
    #[prop(into, optional)] field: String,
    #[prop(into)] value: String,
    #[prop(optional)] hint: &'static str,
    #[prop(default = 4)] rows: u32,
    #[prop(optional)] placeholder: &'static str,
    #[prop(optional)] refusal: Option<Refusal>,
) -> impl IntoView {
    let field = if field.is_empty() { name.clone() } else { field };
    let ties = ties(&name, hint, fault(refusal.as_ref(), &field));
    let invalid = ties.wrong.is_some().then_some("true");
    view! {
        <div class="field">
            <label for=ties.id.clone()>{label}</label>
            <textarea id=ties.id.clone() name=name rows=rows placeholder=placeholder spellcheck="false" autocomplete="off"
                aria-describedby=ties.described_by.clone() aria-invalid=invalid>{value}</textarea>
            {below(&ties, hint)}
        </div>
    }
}

/// One of a few.
#[component]
pub fn Choice(
    label: &'static str,
    #[prop(into)] name: String,
    #[prop(into)] value: String,
    options: Vec<(&'static str, &'static str)>,
    #[prop(optional)] hint: &'static str,
) -> impl IntoView {
    let ties = ties(&name, hint, None);
    let options = options
        .into_iter()
        .map(|(word, text)| {
            let selected = word == value;
            view! { <option value=word selected=selected>{text}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=ties.id.clone()>{label}</label>
            <select id=ties.id.clone() name=name aria-describedby=ties.described_by.clone()>{options}</select>
            {below(&ties, hint)}
        </div>
    }
}

/// The four importances, as a choice.
pub fn importances() -> Vec<(&'static str, &'static str)> {
    vec![("low", "Low"), ("moderate", "Moderate"), ("high", "High"), ("critical", "Critical")]
}
