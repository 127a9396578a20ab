//! Choosing an artifact that is there, by name.

use handover::{model::ArtifactStatus, workloads::Choice};
use leptos::prelude::*;

use crate::{
    actions::WorkloadForm,
    components::{chip::version_words, time::Ago},
    refusal::Refusal,
};

/// The most artifacts that are shown to choose from.
pub const SHOWN: u64 = 12;

#[component]
pub fn Pick(form: WorkloadForm, choices: Vec<Choice>, refusal: Option<Refusal>) -> impl IntoView {
    let wrong = refusal.and_then(|refusal| {
        refusal.fields.into_iter().find(|fault| fault.field == "artifact_id").map(|f| f.message)
    });
    let number = choices.len() as u64;
    let words = match (number, form.find.is_empty()) {
        (0, true) => "There is no artifact yet that you may use: describe a new one.".to_owned(),
        (0, false) => format!("No artifact holds “{}” in its name, description or ID.", form.find),
        (SHOWN.., _) => "The newest; look for a name to find others.".to_owned(),
        (_, true) => "The newest first.".to_owned(),
        (_, false) => format!("Those with “{}”, the newest first.", form.find),
    };
    let options =
        choices.into_iter().map(|choice| option(choice, &form.artifact_id)).collect_view();
    let described_by = wrong.is_some().then_some("artifact-wrong");
    view! {
        <div class="field">
            <label for="find">"Look for"</label>
            <div class="search">
                <input type="search" id="find" name="form[find]" value=form.find.clone() maxlength="100" autocomplete="off" placeholder="Name, description or ID"/>
                <button type="submit" name="form[look]" value="1" formnovalidate=true>"Find"</button>
            </div>
            <input type="hidden" name="form[found]" value=form.find/>
        </div>
        <fieldset aria-describedby=described_by>
            <legend class="small">"Artifact and version"</legend>
            <p class="hint" role="status">{words}</p>
            {options}
            {wrong.map(|wrong| view! { <p class="wrong" id="artifact-wrong">{wrong}</p> })}
        </fieldset>
    }
}

fn option(choice: Choice, chosen: &str) -> impl IntoView + use<> {
    let Choice { artifact, refusal } = choice;
    let id = artifact.id.to_string();
    let checked = id == chosen && refusal.is_none();
    let class = if refusal.is_some() { "opt no" } else { "opt" };
    let marker = if artifact.status == ArtifactStatus::Draft { "draft" } else { "lock" };
    view! {
        <div class=class data-key=id.clone()>
            <label>
                <input type="radio" name="form[artifact_id]" value=id.clone() checked=checked disabled=refusal.is_some()/>
                <span class="strong anywhere">{artifact.name}</span>
                <span class=marker>{version_words(artifact.status, artifact.version)}</span>
                <span class="quiet small">"created "<Ago at=artifact.created_at/></span>
            </label>
            <a class="small end" href=format!("/artifacts/{id}")>"Look at it"<span class="aside">{format!(", {id}")}</span></a>
            {refusal.map(|why| view! { <span class="why small">{why}</span> })}
        </div>
    }
}
