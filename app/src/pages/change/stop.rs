//! Stopping: callers notice, so what is open and what goes on is said first.

use handover::{
    live,
    model::{Action, WorkloadId, WorkloadLive},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{Answer, Ask, Effects, refused};
use crate::{
    actions::StopWorkload,
    components::{
        curl::call,
        format::{rate, roughly},
        rollout::{is_over, open_words},
        time::Left,
    },
    context,
    pages::id,
};

#[component]
pub fn StopPage() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    context::page(async move {
        let (house, caller) = context::door()?;
        let id = id?;
        let live = live::workload(&house, &caller, &id).await?;
        let refusal = refused(&live.workload, Action::Stop);
        let example = call("POST", &format!("/workloads/{id}/stop/"), None);
        let traffic = traffic(&live);
        let cap = roughly(house.settings.drain_cap);
        let open = match live.tracks.first().and_then(open_words) {
            Some(open) => format!(
                "What is open now may finish, for up to {cap}: {open}. Then its replicas stop."
            ),
            None => "Nothing is open now. Its replicas stop at once.".into(),
        };
        let workload = live.workload;
        let going_on = workload.replacement.as_ref().filter(|record| !is_over(record));
        let going_on = going_on.map(|record| {
            view! { <li>"The replacement that is going on, "<b>{record.name.clone()}</b>", ends."</li> }
        });
        Ok(view! {
            <Ask workload=workload.clone() title="Stop">
                <form method="post" action=StopWorkload::url()>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <Effects title="What it does">
                        <li>"Its endpoint no longer answers: callers get an error until it is started again. "{traffic}</li>
                        <li>{open}</li>
                        {going_on}
                        {workload.expires_at.map(|until| view! { <li>"The time of a draft goes on meanwhile: "<Left until/>" are left. Starting it again gives it a full one."</li> })}
                        <li>"Everything else is kept: settings, history, statistics and logs."</li>
                    </Effects>
                    <Answer workload refusal button="Stop it" class="solid danger" example/>
                </form>
            </Ask>
        })
    })
}

/// Who would notice.
fn traffic(live: &WorkloadLive) -> Option<String> {
    let per_second: f64 = live.tracks.iter().map(|track| track.requests_per_second).sum();
    (per_second >= 0.05).then(|| format!("It gets {} requests per second now.", rate(per_second)))
}
