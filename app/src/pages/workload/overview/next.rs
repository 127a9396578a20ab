//! For a draft: what one does next.

use handover::model::{ArtifactStatus, WorkloadRecord, WorkloadStatus};
use leptos::prelude::*;

use crate::{
    components::{curl::Code, time::Left},
    pages::workload::endpoint::curl_endpoint,
};

#[component]
pub fn NextStep(workload: WorkloadRecord) -> impl IntoView {
    (workload.artifact.status == ArtifactStatus::Draft).then(|| {
        let base = format!("/workloads/{}", workload.id);
        let edit = format!("/artifacts/{}/edit", workload.artifact_id);
        let asked = workload.last_response.is_some();
        if workload.status == WorkloadStatus::Errored {
            return mend(&base, edit).into_any();
        }
        let left = workload.expires_at.map(|until| view! { " Otherwise it ends in "<Left until/>"." });
        view! {
            <section class="card">
                <header><h2>"Next"</h2></header>
                <div class="pad">
                    <ol class="effects prose">
                        {(!asked).then(|| view! { <li>"Send it a request:"<Code text=curl_endpoint(&workload.endpoint) what="the request"/></li> })}
                        <li><a href=edit>"Edit its draft"</a>", for example the version of its image, then "<a href=format!("{base}/replace")>"replace"</a>" what runs with it. No request is dropped."</li>
                        <li><a href=format!("{base}/promote") data-dialog="">"Promote"</a>" it to production: it gets a version and no longer ends by itself."{left}</li>
                    </ol>
                </div>
            </section>
        }
        .into_any()
    })
}

/// What can't be called or promoted has to be mended first.
fn mend(base: &str, edit: String) -> impl IntoView + use<> {
    view! {
        <section class="card">
            <header><h2>"Next"</h2></header>
            <div class="pad">
                <ol class="effects prose">
                    <li>"See why it failed: above, and in "<a href=format!("{base}/activity/logs")>"what it wrote"</a>"."</li>
                    <li><a href=edit>"Edit its draft"</a>": its image, its command, its variables, its readiness probe."</li>
                    <li><a href=format!("{base}/replace")>"Roll the draft out again"</a>": the new one starts beside this one."</li>
                </ol>
            </div>
        </section>
    }
}
