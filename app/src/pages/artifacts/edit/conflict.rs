//! Two people edited the same draft. Nobody's work is thrown away unasked: what the other has saved is shown beside
//! what is typed here, and the person decides.

use handover::model::Spec;
use leptos::prelude::*;

use super::{draft::Edition, sides::Stepped};
use crate::components::{
    diff::Diff,
    spec::{Line, lines},
    time::Ago,
};
use handover::model::Timestamp;

/// Who saved last, and when.
#[derive(Debug, Clone)]
pub struct Last {
    pub who: String,
    pub at: Timestamp,
}

#[component]
pub fn Conflict(
    theirs: Edition,
    /// None while what is typed here can't be read.
    mine: Option<Edition>,
    last: Option<Last>,
    id: String,
) -> impl IntoView {
    let said = match last {
        Some(Last { who, at }) => view! { <b>{who}</b>" saved a change to this draft "<Ago at/>", after you opened it here." }.into_any(),
        None => view! { "Somebody saved a change to this draft after you opened it here." }.into_any(),
    };
    let comparison = mine.map(|mine| {
        let (old, new) = (edition_lines(&theirs), edition_lines(&mine));
        view! { <Diff old_name="What is stored now" old new_name="What is typed here" new/> }
    });
    view! {
        <section class="card conflict" id="conflict">
            <header><h2>"Somebody else changed it too"</h2></header>
            <div class="pad">
                <p role="alert">{said}" Nothing of yours is lost: it is still below. Nothing of theirs is lost unless you save over it."</p>
                <p class="actions">
                    <button type="submit" name="do" value="overwrite" class="solid danger">"Save mine over it"</button>
                    <a class="btn" href=format!("/artifacts/{id}/edit") target="_blank">"Open theirs in a new tab"</a>
                    <a class="btn" href=format!("/artifacts/{id}/edit")>"Drop mine, go on with theirs"</a>
                </p>
            </div>
            {comparison}
        </section>
    }
}

/// An edition in words; as JSON where it can't be read as a specification.
fn edition_lines(edition: &Edition) -> Vec<Line> {
    let line = |name: &str, value: &str| Line {
        part: "Artifact".into(),
        name: name.into(),
        value: value.into(),
    };
    let mut all = vec![line("name", &edition.name), line("description", &edition.description)];
    match serde_json::from_value::<Spec>(edition.spec.clone()) {
        Ok(spec) => all.extend(lines(&spec, None)),
        Err(_) => all.push(line("specification", &edition.spec.to_string())),
    }
    all
}

/// What is typed, as somebody else would read it once it is saved.
pub fn mine(name: &str, description: &str, stepped: &Stepped) -> Option<Edition> {
    stepped.out.is_none().then(|| Edition {
        name: name.to_owned(),
        description: description.to_owned(),
        spec: stepped.sides.base.clone(),
    })
}
