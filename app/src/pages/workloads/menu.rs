//! What can be done with one workload from the list. What can't be done now leads to the page that says why.

use handover::model::{Action, ArtifactStatus, WorkloadRecord, WorkloadStatus};
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    actions::StartWorkload,
    components::{
        header::{Item, refusal, share_refusal},
        reasons::Reason,
    },
};

#[component]
pub fn Menu(workload: WorkloadRecord) -> impl IntoView {
    let base = format!("/workloads/{}", workload.id);
    let why = |action| refusal(&workload.allowed, action);
    let share = share_refusal(&workload);
    let draft = workload.artifact.status == ArtifactStatus::Draft;
    let starts = matches!(workload.status, WorkloadStatus::Stopped | WorkloadStatus::Terminated);
    let stop_or_start = if starts {
        view! { <Start id=workload.id.to_string() why=why(Action::Start)/> }.into_any()
    } else {
        view! { <Item href=format!("{base}/stop") name="Stop" why=why(Action::Stop)/> }.into_any()
    };
    view! {
        <details class="menu" id=format!("menu-{}", workload.id)>
            <summary class="btn plain" aria-label=format!("Actions for {}", workload.name)>"⋮"</summary>
            <div class="menu-items">
                {draft.then(|| view! { <Item href=format!("{base}/promote") name="Promote" why=why(Action::Promote)/> })}
                <Item href=format!("{base}/replace") name="Replace artifact" dialog=false why=why(Action::Replace)/>
                <Item href=format!("{base}/share") name="Share" why=share/>
                {stop_or_start}
                <Item href=format!("{base}/clear-statistics") name="Clear statistics" why=why(Action::Edit)/>
                <Item href=format!("{base}/delete") name="Delete" why=why(Action::Delete)/>
            </div>
        </details>
    }
}

#[component]
fn Start(id: String, why: Option<String>) -> impl IntoView {
    let refused = why.is_some().then_some("true");
    view! {
        <form method="post" action=StartWorkload::url() data-inline="">
            <input type="hidden" name="id" value=id/>
            <button type="submit" aria-disabled=refused>
                "Start"{why.map(|why| view! { <Reason why/> })}
            </button>
        </form>
    }
}
