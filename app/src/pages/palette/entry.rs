//! One line of the palette: a link to where something is or is asked for, or a button that does it at once.

use leptos::prelude::*;

pub(super) struct Entry {
    label: String,
    note: String,
    does: Does,
    /// It can't be done now; the note says why, and the page it leads to says more.
    refused: bool,
}

enum Does {
    Go(String),
    /// Sends a form: where to, and its fields.
    Send(&'static str, Vec<(&'static str, String)>),
}

impl Entry {
    pub(super) fn go(label: impl Into<String>, href: impl Into<String>) -> Self {
        let does = Does::Go(href.into());
        Self { label: label.into(), note: String::new(), does, refused: false }
    }

    pub(super) fn send(
        label: impl Into<String>,
        action: &'static str,
        fields: Vec<(&'static str, String)>,
    ) -> Self {
        let does = Does::Send(action, fields);
        Self { label: label.into(), note: String::new(), does, refused: false }
    }

    pub(super) fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    /// The same where it can't be done now.
    pub(super) fn unless(self, why: Option<String>) -> Self {
        match why {
            Some(note) => Self { note, refused: true, ..self },
            None => self,
        }
    }

    /// Two with the same one do the same.
    pub(super) fn key(&self) -> String {
        let Self { label, does, .. } = self;
        match does {
            Does::Go(href) => format!("{label} {href}"),
            Does::Send(action, fields) => {
                let values: Vec<&str> = fields.iter().map(|(_, value)| value.as_str()).collect();
                format!("{label} {action} {}", values.join(" "))
            }
        }
    }

    /// `words` are in small letters.
    pub(super) fn begins_with(&self, words: &str) -> bool {
        self.label.to_lowercase().starts_with(words)
    }

    pub(super) fn is_refused(&self) -> bool {
        self.refused
    }
}

pub(super) fn group((name, entries): (&'static str, Vec<Entry>)) -> impl IntoView {
    let rows = entries.into_iter().map(row).collect_view();
    view! { <section data-key=name><h2>{name}</h2><ul>{rows}</ul></section> }
}

fn row(entry: Entry) -> impl IntoView {
    let key = entry.key();
    let Entry { label, note, does, refused } = entry;
    let disabled = refused.then_some("true");
    let note = (!note.is_empty()).then(|| view! { <span class="quiet">{note}</span> });
    match does {
        Does::Go(href) => {
            view! { <li data-key=key><a href=href aria-disabled=disabled>{label}{note}</a></li> }
                .into_any()
        }
        Does::Send(action, fields) => {
            let fields = fields
                .into_iter()
                .map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
            view! {
                <li data-key=key><form method="post" action=action>
                    {fields.collect_view()}
                    <button type="submit">{label}{note}</button>
                </form></li>
            }
            .into_any()
        }
    }
}
