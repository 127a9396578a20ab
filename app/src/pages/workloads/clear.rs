//! Asks before statistics are cleared: what, and how far back.

use handover::{
    model::{Action, Timestamp, WorkloadId},
    workloads,
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::super::{
    id,
    layout::{Crumbs, Layout, Part},
    query,
};
use crate::{
    actions::ClearStatistics,
    components::{
        curl::{ApiCall, call},
        field::Choice,
    },
    context,
    zone::day_time,
};

#[component]
pub fn ClearPage() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    let moment = |name| query(name).and_then(|text| text.parse::<Timestamp>().ok());
    let range = moment("startTime").zip(moment("endTime"));
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
                            <When range/>
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

/// How far back. Whoever comes from a chart gets what it showed, so that nothing else goes by a slip.
#[component]
fn When(range: Option<(Timestamp, Timestamp)>) -> impl IntoView {
    let (now, zone) = (context::now(), context::zone());
    let shown = range.map(|(start, end)| {
        let say = |at| day_time(at, now, &zone);
        view! { <option value="range" selected=true>{format!("What the chart showed: {} to {}", say(start), say(end))}</option> }
    });
    let hidden = range.map(|(start, end)| {
        view! {
            <input type="hidden" name="start" value=start.to_string()/>
            <input type="hidden" name="end" value=end.to_string()/>
        }
    });
    view! {
        <div class="field">
            <label for="hours">"Since when"</label>
            <select id="hours" name="hours">
                {shown}
                <option value="">"From the beginning"</option>
                <option value="1">"The last hour"</option>
                <option value="24">"The last 24 hours"</option>
                <option value="168">"The last 7 days"</option>
            </select>
            {hidden}
        </div>
    }
}
