//! How to call a workload.

use handover::{live, model::WorkloadId};
use leptos::prelude::*;

use super::{super::id, Frame};
use crate::{
    components::{curl::Code, tabs::Tab},
    context,
};

#[component]
pub fn EndpointPage() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    context::page(async move {
        let (house, caller) = context::door()?;
        let live = live::workload(&house, &caller, &id?).await?;
        let url = live.workload.endpoint.clone();
        let post = format!(
            "curl -X POST -H \"Authorization: Bearer $HANDOVER_TOKEN\" \\\n  -H 'Content-Type: application/json' -d '{{\"hello\":\"world\"}}' {url}echo"
        );
        let python = format!(
            "import os, requests\n\nanswer = requests.get(\n    \"{url}\",\n    headers={{\"Authorization\": f\"Bearer {{os.environ['HANDOVER_TOKEN']}}\"}},\n)\nprint(answer.status_code, answer.text)"
        );
        Ok(view! {
            <Frame live tab=Tab::Endpoint>
                <section class="card">
                    <header><h2>"Call it"</h2></header>
                    <div class="pad">
                        <h3>"GET, with curl"</h3><Code text=curl_endpoint(&url) what="the GET request"/>
                        <h3>"POST, with curl"</h3><Code text=post what="the POST request"/>
                        <h3>"Python"</h3><Code text=python what="the Python code"/>
                    </div>
                </section>
                <section class="card">
                    <header><h2>"What stays the same"</h2></header>
                    <div class="pad prose">
                        <p>"This address never changes, whatever the workload runs. During a replacement it answers without interruption: requests that have begun finish where they began, new ones go to the new version once traffic has moved."</p>
                        <p>"What follows the address is passed to the workload as it is. Streams, WebSockets and large bodies pass through. "<code>"Authorization"</code>" is taken out: the workload does not see your token."</p>
                    </div>
                </section>
            </Frame>
        })
    })
}

pub fn curl_endpoint(endpoint: &str) -> String {
    format!("curl -H \"Authorization: Bearer $HANDOVER_TOKEN\" {endpoint}")
}
