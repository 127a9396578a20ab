//! Pages that ask before something lasting is done: start, stop, promote, delete. Each names the effects first,
//! in words, and shows the API call. They are narrow, because they also open as dialogs over the page they
//! were asked from.

pub mod delete;
pub mod promote;
pub mod start;
pub mod stop;

use handover::model::{Action, WorkloadRecord};
use leptos::prelude::*;

pub use delete::DeletePage;
pub use promote::PromotePage;
pub use start::StartPage;
pub use stop::StopPage;

use super::layout::{Crumbs, Layout, Part};
use crate::components::curl::ApiCall;

/// The frame of a question about a workload.
#[component]
fn Ask(workload: WorkloadRecord, title: &'static str, children: Children) -> impl IntoView {
    view! {
        <Layout title=format!("{title} · {}", workload.name) part=Part::Workloads width="narrow">
            <Crumbs links=vec![
                ("/workloads".into(), "Workloads".into()),
                (format!("/workloads/{}", workload.id), workload.name.clone()),
            ] here=title/>
            <div class="head"><h1>{format!("{title} {}", workload.name)}</h1></div>
            {children()}
        </Layout>
    }
}

/// What is going to happen, one sentence each.
#[component]
fn Effects(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <section class="card">
            <header><h2>{title}</h2></header>
            <div class="pad"><ul class="effects">{children()}</ul></div>
        </section>
    }
}

/// The button, what it does as an API call, and the way out. When it can't be done now, the reason instead.
#[component]
fn Answer(
    workload: WorkloadRecord,
    refusal: Option<String>,
    #[prop(into)] button: String,
    class: &'static str,
    example: String,
) -> impl IntoView {
    let ok = refusal.is_none();
    view! {
        {refusal.map(|why| view! { <div class="banner warn gap"><p>"Not now: "{why}"."</p></div> })}
        <div class="foot">
            {ok.then(|| view! { <button type="submit" class=class>{button}</button> })}
            <a class="btn" href=format!("/workloads/{}", workload.id) data-close="">"Back"</a>
            <ApiCall text=example/>
        </div>
    }
}

fn refused(workload: &WorkloadRecord, action: Action) -> Option<String> {
    let allowed = workload.allowed.iter().find(|allowed| allowed.action == action)?;
    (!allowed.allowed).then(|| allowed.reason.clone().unwrap_or_default())
}
