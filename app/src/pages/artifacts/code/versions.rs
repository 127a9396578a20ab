//! The versions of the code, of which the draft names one.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{There, files::weight};
use crate::{actions::UseCode, components::time::When, format::count};

#[component]
pub fn Versions(artifact: String, container: String, there: There, changes: bool) -> impl IntoView {
    let There::Code { code, versions, .. } = there else { return None };
    let total = versions.total;
    let older = total.saturating_sub(versions.items.len() as u64);
    let rows = versions.items.into_iter().zip(0..).map(|(version, index): (_, u64)| {
        let number = total - index;
        let used = version.catalog_version_id == code.catalog_version_id;
        let choose = (changes && !used).then(|| {
            let label = format!("Use version {number}");
            view! {
                <form method="post" action=UseCode::url() data-inline="" class="inline">
                    <input type="hidden" name="id" value=artifact.clone()/>
                    <input type="hidden" name="container" value=container.clone()/>
                    <input type="hidden" name="catalog" value=version.catalog_id.to_string()/>
                    <input type="hidden" name="version" value=version.catalog_version_id.to_string()/>
                    <button type="submit" class="tiny" aria-label=label>"Use it"</button>
                </form>
            }
        });
        view! {
            <tr data-key=version.catalog_version_id.to_string()>
                <td class="lead">{format!("Version {number}")}</td>
                <td class="nowrap" data-k="Made"><When at=version.creation_date/></td>
                <td class="nowrap" data-k="Holds">{weight(version.num_files, version.size)}</td>
                <td data-k="In use">{used.then(|| view! { <span class="chip go">"the draft names it"</span> })}{choose}</td>
            </tr>
        }
    });
    Some(view! {
        <section class="card" id="versions">
            <header><h2>"Versions of the code"</h2></header>
            <div class="scroll"><table class="folds">
                <thead><tr><th scope="col">"Version"</th><th scope="col">"Made"</th><th scope="col">"Holds"</th><th scope="col">"In use"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table></div>
            {(older > 0).then(|| view! { <p class="pad quiet">{format!("and {} older", count(older))}</p> })}
        </section>
    })
}
