//! Asks before statistics are cleared: what, and how far back.

use handover::{
    model::{Action, WorkloadId},
    workloads,
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::super::{
    id,
    layout::{Crumbs, Layout, Part},
};
use crate::{
    actions::ClearStatistics,
    components::{
        curl::{ApiCall, call},
        field::Choice,
    },
    context,
};

#[component]
pub fn ClearPage() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    context::page(async move {
        let (house, caller) = context::door()?;
        let id = id?;
        let workload = workloads::get(&house, &caller, &id).await?;
        let edit = workload.allowed.iter().find(|one| one.action == Action::Edit && !one.allowed);
        let refusal = edit.map(|one| one.reason.clone().unwrap_or_default());
        let ok = refusal.is_none();
        let example = call("DELETE", &format!("/workloads/{id}/stats/"), None);
        let home = format!("/workloads/{id}");
        Ok(view! {
            <Layout title=format!("Clear statistics · {}", workload.name) part=Part::Workloads width="narrow">
                <Crumbs links=vec![("/workloads".into(), "Workloads".into()), (home.clone(), workload.name.clone())] here="Clear statistics"/>
                <div class="head"><h1>{format!("Clear statistics of {}", workload.name)}</h1></div>
                <form method="post" action=ClearStatistics::url()>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <section class="card form-card">
                        <div class="row-fields">
                            <Choice label="What" name="counter" value="" options=vec![
                                ("", "Everything that was counted"),
                                ("totalRequests", "Requests, and the errors among them"),
                                ("totalErrorRate", "Errors only"),
                                ("responseTime", "Response times only"),
                                ("concurrentRequests", "Concurrent requests only"),
                            ]/>
                            <Choice label="Since when" name="hours" value="" options=vec![
                                ("", "From the beginning"),
                                ("1", "The last hour"),
                                ("24", "The last 24 hours"),
                                ("168", "The last 7 days"),
                            ]/>
                        </div>
                        <ul class="effects">
                            <li>"What is cleared can't be brought back; charts and figures are as if it had not been counted."</li>
                            <li>"Nothing is stopped or restarted, and counting goes on at once."</li>
                            <li>"Logs, events and the history of replacements stay."</li>
                        </ul>
                    </section>
                    {refusal.map(|why| view! { <div class="banner warn gap"><p>"Not now: "{why}"."</p></div> })}
                    <div class="foot">
                        {ok.then(|| view! { <button type="submit" class="solid danger">"Clear statistics"</button> })}
                        <a class="btn" href=home data-close="">"Back"</a>
                        <ApiCall text=example/>
                    </div>
                </form>
            </Layout>
        })
    })
}
