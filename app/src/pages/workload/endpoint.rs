//! The endpoint of a workload: how it is called, what stays the same, and a form that calls it.

pub mod snippets;
pub mod try_it;

use handover::{
    live,
    model::{WorkloadBrief, WorkloadId, WorkloadStatus, WorkloadView},
    workloads,
};
use leptos::prelude::*;

pub use try_it::{KEPT, remember, send};

use super::{
    super::{
        id,
        layout::{Crumbs, Layout, Part},
        query,
    },
    Frame,
};
use crate::{
    components::{chip::StatusChip, curl::Code, endpoint::Endpoint, tabs::Tab},
    context,
};
use snippets::Language;

/// The shortest request that shows that it answers.
pub fn curl_endpoint(url: &str) -> String {
    Language::Curl.get(url)
}

#[component]
pub fn EndpointPage() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    let language = query("in").and_then(|word| Language::of(&word)).unwrap_or(Language::Curl);
    context::page(async move {
        let (house, caller) = context::door()?;
        let id = id?;
        if let WorkloadView::Reduced(brief) = workloads::view(&house, &caller, &id).await? {
            return Ok(callers_page(brief, language).await.into_any());
        }
        let live = live::workload(&house, &caller, &id).await?;
        let (url, running) = (live.workload.endpoint.clone(), live.workload.proton_id.is_some());
        let attempt = try_it::load(&id).await;
        Ok(view! {
            <Frame live tab=Tab::Endpoint><Calls id url running attempt language/></Frame>
        }
        .into_any())
    })
}

/// What a workload's page is for somebody who may only call it.
pub async fn callers_page(brief: WorkloadBrief, language: Language) -> impl IntoView {
    let attempt = try_it::load(&brief.id).await;
    let running = brief.status == WorkloadStatus::Running;
    let (name, url) = (brief.name.clone(), brief.endpoint.clone());
    view! {
        <Layout title=name.clone() part=Part::Workloads>
            <Crumbs links=vec![("/workloads".into(), "Workloads".into())] here=name.clone()/>
            <div class="head"><h1>{name}</h1><StatusChip status=brief.status/></div>
            <Endpoint url=url.clone()/>
            <p class="quiet">"You may call it. What it runs and how it does is for those whose role lets them look at it; ask one of its owners."</p>
            <div class="stack"><Calls id=brief.id url running attempt language/></div>
        </Layout>
    }
}

/// How it is called, in some languages and from here.
#[component]
fn Calls(
    id: WorkloadId,
    url: String,
    running: bool,
    attempt: try_it::Attempt,
    language: Language,
) -> impl IntoView {
    let choices = Language::ALL.map(|one| {
        let current = (one == language).then_some("true");
        view! { <a href=format!("/workloads/{id}/endpoint?in={}", one.word()) aria-current=current>{one.name()}</a> }
    });
    let (get, post) = (language.get(&url), language.post(&url));
    view! {
        <section class="card">
            <header><h2>"Call it"</h2>
                <nav class="seg end" aria-label="Language">{choices.into_iter().collect_view()}</nav></header>
            <div class="pad snippets">
                <div><h3>"GET"</h3><Code text=get what=format!("the GET request in {}", language.name())/></div>
                <div><h3>"POST"</h3><Code text=post what=format!("the POST request in {}", language.name())/></div>
                <p class="hint">"The token stands in the environment as "<code>"HANDOVER_TOKEN"</code>". It needs the scope to invoke, and its owner a role on this workload."</p>
            </div>
        </section>
        <try_it::TryIt id attempt running/>
        <section class="card">
            <header><h2>"What stays the same"</h2></header>
            <div class="pad prose">
                <p>"This address never changes, whatever the workload runs. During a replacement it answers without interruption: requests that have begun finish where they began, new ones go to the new version once traffic has moved."</p>
                <p>"What follows the address is passed to the workload as it is. Streams, WebSockets and large bodies pass through. "<code>"Authorization"</code>" is taken out: the workload does not see your token."</p>
            </div>
        </section>
    }
}
