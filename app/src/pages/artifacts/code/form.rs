//! The form with which code is uploaded. Its files come last, so that the server knows all else before the first of
//! them arrives.

use handover::{
    files::{LARGEST_FILE, LARGEST_VERSION, MOST_FILES},
    model::FileRecord,
};
use leptos::prelude::*;

use super::There;
use crate::{
    code::{CodeForm, GENERATED, PROVIDED, address},
    components::field::{Area, Field, fault},
    format::{count, plural},
    refusal::Refusal,
};

const MIB: u64 = 1024 * 1024;

#[component]
pub fn UploadForm(
    artifact: String,
    form: CodeForm,
    /// What has arrived already.
    waiting: Vec<FileRecord>,
    refusal: Option<Refusal>,
    environments: Vec<(String, String)>,
    there: There,
) -> impl IntoView {
    let has_code = matches!(there, There::Code { .. });
    // Another form once there is another version: what has been uploaded is not chosen in it any more.
    let key = match &there {
        There::Code { code, .. } => code.catalog_version_id.to_string(),
        _ => "first".to_owned(),
    };
    let wrong = || refusal.clone().unwrap_or_default();
    let files_wrong = fault(refusal.as_ref(), "file");
    let invalid = files_wrong.is_some().then_some("true");
    let limits = format!(
        "A file has at most {} MiB, all of them together {} MiB, and {} are the most.",
        LARGEST_FILE / MIB,
        LARGEST_VERSION / MIB,
        count(MOST_FILES as u64)
    );
    let waits = (!waiting.is_empty()).then(|| waiting_for(&waiting));
    let how = has_code.then(|| {
        let beside = (!form.instead).then_some("");
        let instead = form.instead.then_some("");
        view! {
            <fieldset>
                <legend>"What becomes of the files that are there"</legend>
                <label class="check"><input type="radio" name="how" value="beside" checked=beside/>"They stay; one of the same path is replaced"</label>
                <label class="check"><input type="radio" name="how" value="instead" checked=instead/>"They go: these files are all there is"</label>
            </fieldset>
        }
    });
    view! {
        <section class="card" id="upload">
            <header><h2>"Upload"</h2></header>
            <form method="post" enctype="multipart/form-data" action=address(&artifact, "") class="form-card code-form" data-inline="" data-key=key>
                <input type="hidden" name="container" value=form.container.clone()/>
                <input type="hidden" name="catalog" value=form.catalog.clone()/>
                <input type="hidden" name="stage" value=form.stage.clone()/>
                {built(&form, &environments, &wrong())}
                {how}
                {waits}
                <div class="row-fields">
                    <div class="field">
                        <label for="code-files">"Files, or a zip archive"</label>
                        <input type="file" id="code-files" name="file" multiple aria-describedby="code-hint code-wrong" aria-invalid=invalid/>
                    </div>
                    <div class="field">
                        <label for="code-folder">"A whole folder"</label>
                        <input type="file" id="code-folder" name="folder" multiple webkitdirectory aria-describedby="code-hint code-wrong"/>
                    </div>
                </div>
                <div class="field"><span class="hint" id="code-hint">{limits}</span>
                    <span class="wrong" id="code-wrong">{files_wrong}</span></div>
                <div class="foot">
                    <button type="submit" name="do" value="build" class="solid">"Upload and build"</button>
                    <button type="submit" name="do" value="upload">"Upload only"</button>
                    <span class="hint">"The draft names the new version then. What runs is not touched."</span>
                </div>
            </form>
        </section>
    }
}

/// How the image is made of it.
fn built(
    form: &CodeForm,
    environments: &[(String, String)],
    refusal: &Refusal,
) -> impl IntoView + use<> {
    let ways = [
        (GENERATED, "From an execution environment and the code"),
        (PROVIDED, "From a Dockerfile in the code"),
    ];
    let ways =
        options(ways.map(|(word, text)| (word.to_owned(), text.to_owned())).into(), &form.source);
    let mut all = vec![(String::new(), "Choose one".to_owned())];
    all.extend(environments.iter().cloned());
    let all = options(all, &form.environment);
    let wrong = fault(Some(refusal), "environment");
    let invalid = wrong.is_some().then_some("true");
    let unpacks = form.unpacks.then_some("");
    view! {
        <div class="row-fields">
            <div class="field"><label for="source">"How its image is made"</label><select id="source" name="source">{ways}</select></div>
            <div class="field of-generated"><label for="environment">"Execution environment"</label>
                <select id="environment" name="environment" aria-invalid=invalid aria-describedby="environment-wrong">{all}</select>
                <span class="wrong" id="environment-wrong">{wrong}</span></div>
        </div>
        <div class="of-generated"><Area label="What is started" name="entrypoint" value=form.entrypoint.clone() rows=2 placeholder="./run.sh"
            hint="One argument per line; it begins in the folder of the code." refusal=refusal.clone()/></div>
        <div class="of-provided"><Field label="Dockerfile" name="path" value=form.path.clone() hint="Where it is in the code."/></div>
        <label class="check"><input type="checkbox" name="unpacks" value="1" checked=unpacks/>"Unpack zip archives"</label>
    }
}

fn options(all: Vec<(String, String)>, value: &str) -> impl IntoView + use<> {
    let value = value.to_owned();
    let options = all.into_iter().map(move |(word, text)| {
        let selected = word == value;
        view! { <option value=word selected=selected>{text}</option> }
    });
    options.collect_view()
}

/// What need not be chosen again.
fn waiting_for(files: &[FileRecord]) -> impl IntoView + use<> {
    let names = files
        .iter()
        .take(20)
        .map(|file| view! { <li class="mono anywhere">{file.file_name.clone()}</li> });
    let more = files.len().saturating_sub(20) as u64;
    view! {
        <div class="banner" id="waiting">
            <p>{format!("Arrived with the last try, and part of this one: {}. Only what is missing has to be chosen.", plural(files.len() as u64, "file"))}</p>
            <ul>{names.collect_view()}{(more > 0).then(|| view! { <li>{format!("and {} more", count(more))}</li> })}</ul>
        </div>
    }
}
