//! What the version that the draft names consists of.

use handover::model::FileRecord;
use leptos::{prelude::*, server_fn::ServerFn};

use super::There;
use crate::{
    actions::TakeOutFiles,
    components::{chart::Unit, pager::escaped},
    format::{count, plural},
};

/// `1 file`, `12 files, 34 KB`
pub(super) fn weight(files: u64, bytes: u64) -> String {
    format!("{}, {}", plural(files, "file"), size(bytes))
}

#[expect(clippy::cast_precision_loss, reason = "bytes stay far below 2^52")]
fn size(bytes: u64) -> String {
    Unit::Bytes.words(bytes as f64)
}

#[component]
pub fn Files(artifact: String, container: String, there: There, changes: bool) -> impl IntoView {
    let (code, files) = match there {
        There::Nothing => {
            return empty(
                "No code has been uploaded for it. What you upload below is kept in versions, and a build makes its image of one.",
            );
        }
        There::OfSomebodyElse => {
            return empty(
                "Somebody else has uploaded its code, and only they and administrators see it. What you upload takes its place.",
            );
        }
        There::Code { code, files, .. } => (code, files),
    };
    if files.total == 0 {
        return empty("The version that the draft names has no files.");
    }
    let shown = files.items.len() as u64;
    let rest = files.total.saturating_sub(shown);
    let at =
        format!("/api/v2/files/{}/versions/{}/file/", code.catalog_id, code.catalog_version_id);
    let rows = files.items.iter().map(|file| row(file, &at, changes)).collect_view();
    let head = changes.then(|| view! { <th scope="col"><span class="aside">"Chosen"</span></th> });
    let table = view! {
        <div class="scroll"><table class="folds files">
            <thead><tr>{head}<th scope="col">"Path"</th><th scope="col" class="n">"Size"</th><th scope="col">"Kind"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
        {(rest > 0).then(|| view! { <p class="pad quiet">{format!("and {} more", count(rest))}</p> })}
    };
    let body = if changes {
        view! {
            <form method="post" action=TakeOutFiles::url() data-inline="">
                <input type="hidden" name="id" value=artifact/>
                <input type="hidden" name="container" value=container/>
                <input type="hidden" name="catalog" value=code.catalog_id.to_string()/>
                {table}
                <div class="bar under"><button type="submit">"Take out the chosen"</button>
                    <span class="hint">"That makes another version. This one stays."</span></div>
            </form>
        }
        .into_any()
    } else {
        table.into_any()
    };
    view! {
        <section class="card" id="files">
            <header><h2>"What is there"</h2><span class="quiet small">{plural(files.total, "file")}</span></header>
            {body}
        </section>
    }
    .into_any()
}

fn empty(why: &'static str) -> AnyView {
    view! { <section class="card" id="files"><header><h2>"What is there"</h2></header><p class="pad quiet">{why}</p></section> }
        .into_any()
}

fn row(file: &FileRecord, at: &str, changes: bool) -> impl IntoView + use<> {
    let name = file.file_name.clone();
    let href = format!("{at}?fileName={}", escaped(&name));
    let kind = if file.is_executable { "program" } else { "file" };
    let choose = changes.then(|| {
        let label = format!("Choose {name}");
        view! { <td class="pick" data-k="Choose"><input type="checkbox" name="paths[]" value=name.clone() aria-label=label/></td> }
    });
    let save = name.rsplit('/').next().unwrap_or_default().to_owned();
    view! {
        <tr data-key=name.clone()>
            {choose}
            <td class="lead mono anywhere"><a href=href download=save>{name.clone()}</a></td>
            <td class="n nowrap" data-k="Size">{size(file.file_size)}</td>
            <td data-k="Kind">{kind}</td>
        </tr>
    }
}
