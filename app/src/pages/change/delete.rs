//! Deleting for good.

use handover::{
    live,
    model::{Action, WorkloadId},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{Answer, Ask, Effects, refused};
use crate::{
    actions::{DeleteWorkload, asks_for_name},
    components::{curl::call, field::Field, format::roughly, notice::Refused, rollout::open_words},
    context,
    pages::id,
};

#[component]
pub fn DeletePage() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    context::page(async move {
        let (house, caller) = context::door()?;
        let id = id?;
        let live = live::workload(&house, &caller, &id).await?;
        let kept = context::take_kept::<String>("delete").await;
        let (typed, wrong) = kept.map_or_else(Default::default, |(typed, why)| (typed, Some(why)));
        let at_field = wrong.clone().unwrap_or_default();
        let cap = roughly(house.settings.drain_cap);
        let open = match live.tracks.first().and_then(open_words) {
            Some(open) => format!(
                "What is open now may finish, for up to {cap}: {open}. Then its replicas stop."
            ),
            None => "Its replicas stop.".into(),
        };
        let workload = live.workload;
        let refusal = refused(&workload, Action::Delete);
        let example = call("DELETE", &format!("/workloads/{id}/"), None);
        let endpoint = workload.endpoint.clone();
        let artifact = format!("/artifacts/{}", workload.artifact_id);
        let artifact_name = workload.artifact.name.clone();
        let asks = asks_for_name(workload.importance);
        Ok(view! {
            <Ask workload=workload.clone() title="Delete">
                <Refused refusal=wrong/>
                <form method="post" action=DeleteWorkload::url()>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <Effects title="What it does, for good">
                        <li>"Its endpoint is gone: "<code class="anywhere">{endpoint}</code></li>
                        <li>{open}</li>
                        <li>"The workload, its settings, its history and its statistics can't be brought back."</li>
                        <li>"Its artifact "<a href=artifact>{artifact_name}</a>" stays, and so does what the audit trail says."</li>
                    </Effects>
                    {asks.then(|| view! { <div class="card form-card name-again"><Field label="Type its name to delete it" name="typed" value=typed required=true refusal=at_field hint="It is of high importance, so a slip would hurt."/></div> })}
                    <Answer workload refusal button="Delete for good" class="solid danger" example/>
                </form>
            </Ask>
        })
    })
}
