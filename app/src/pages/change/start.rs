//! Starting a workload that was stopped.

use handover::{
    artifacts,
    model::{Action, ArtifactStatus, WorkloadId},
    workloads,
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{Answer, Ask, Effects, refused};
use crate::{
    actions::StartWorkload,
    components::{curl::call, format::roughly, replicas::runtime_words},
    context,
    pages::id,
};

#[component]
pub fn StartPage() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    context::page(async move {
        let (house, caller) = context::door()?;
        let id = id?;
        let workload = workloads::get(&house, &caller, &id).await?;
        let artifact = artifacts::get(&house, &caller, &workload.artifact_id).await?;
        let refusal = refused(&workload, Action::Start);
        let example = call("POST", &format!("/workloads/{id}/start/"), None);
        let image = artifact.spec.primary().and_then(|c| c.image_uri.clone()).unwrap_or_default();
        let draft = artifact.status == ArtifactStatus::Draft;
        let lives = roughly(house.settings.draft_ttl);
        let what = match artifact.version {
            Some(version) => format!("v{version}"),
            None => "its draft as it is stored now".into(),
        };
        let runtime = runtime_words(&workload.runtime);
        Ok(view! {
            <Ask workload=workload.clone() title="Start">
                <form method="post" action=StartWorkload::url()>
                    <input type="hidden" name="id" value=id.to_string()/>
                    <input type="hidden" name="asked" value="true"/>
                    <Effects title="What it does">
                        <li>{format!("It starts {what}, ")}<span class="mono anywhere">{image}</span>{format!(", with what it had: {runtime}.")}</li>
                        <li>"Its endpoint answers as soon as all replicas are ready; until then callers get an error."</li>
                        {draft.then(|| view! { <li>{format!("It is a draft, so it runs for {lives} from now unless it is promoted.")}</li> })}
                    </Effects>
                    <Answer workload refusal button="Start it" class="solid" example/>
                </form>
            </Ask>
        })
    })
}
