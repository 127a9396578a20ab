//! What has to do with a workload.

use handover::model::{Related, RelatedKind, WorkloadId};
use leptos::{either::Either, prelude::*};

use crate::components::time::When;

#[component]
pub fn RelatedItems(
    workload: WorkloadId,
    items: Vec<Related>,
    /// What the artifacts that run are called, by their id: while one takes over from another, both have one name.
    versions: Vec<(String, String)>,
) -> impl IntoView {
    let rows = items.into_iter().map(|item| {
        let kind = match item.kind {
            RelatedKind::Artifact => "Artifact",
            RelatedKind::Repository => "Repository",
            RelatedKind::Proton => "Proton",
        };
        let version = versions.iter().find(|(id, _)| *id == item.id);
        let version = version.map(|(_, version)| format!(", {version}"));
        let name = match item.details {
            Some(details) => Either::Left(view! {
                <a href=href(&workload, item.kind, &item.id)>{details.name}</a>{version}
                <div class="sub">"since "<When at=details.created_at/></div>
            }),
            None => Either::Right(view! {
                <span class="mono anywhere">{item.id.clone()}</span>
                <div class="sub">"You may not see it; ask one of its owners to share it."</div>
            }),
        };
        view! { <tr data-key=item.id.clone()><td data-k="What">{kind}</td><td data-k="Name" class="anywhere"><div>{name}</div></td></tr> }
    });
    view! {
        <section class="card">
            <header><h2>"Related"</h2></header>
            <table class="related">
                <thead class="aside"><tr><th scope="col">"What"</th><th scope="col">"Name"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </section>
    }
}

fn href(workload: &WorkloadId, kind: RelatedKind, id: &str) -> String {
    match kind {
        RelatedKind::Artifact => format!("/artifacts/{id}"),
        RelatedKind::Repository => format!("/artifacts?repository={id}"),
        RelatedKind::Proton => format!("/workloads/{workload}/monitoring?of=proton-{id}"),
    }
}
