//! Where an artifact is used: the workloads that run it and the deployments that govern these.

use handover::{
    access::Caller,
    deployments,
    error::Error,
    house::House,
    model::{ArtifactId, DeploymentRecord, WorkloadRecord},
    store::{DeploymentFilter, Paging, WorkloadFilter},
    workloads::{self, WithStats},
};
use leptos::prelude::*;

use crate::components::{chip::StatusChip, format::plural};

/// Of each, as many are named as fit on a page.
const NAMED: u64 = 20;

/// As far as the person may see them.
pub struct Use {
    pub workloads: Vec<WorkloadRecord>,
    more: u64,
    deployments: Vec<DeploymentRecord>,
}

impl Use {
    pub async fn of(house: &House, caller: &Caller, id: &ArtifactId) -> Result<Self, Error> {
        let filter = WorkloadFilter { artifact_id: Some(id.clone()), ..WorkloadFilter::default() };
        let paging = Paging::first(NAMED);
        let page = workloads::list(house, caller, &filter, paging, WithStats::No).await?;
        let filter =
            DeploymentFilter { artifact_id: Some(id.clone()), ..DeploymentFilter::default() };
        let deployments = deployments::list(house, caller, &filter, paging).await?.items;
        let more = page.total - page.items.len() as u64;
        Ok(Self { workloads: page.items, more, deployments })
    }
}

#[component]
pub fn Uses(uses: Use) -> impl IntoView {
    let Use { workloads, more, deployments } = uses;
    let nowhere = workloads.is_empty() && deployments.is_empty();
    let rows = workloads
        .into_iter()
        .map(|one| {
            view! {
                <tr data-key=one.id.to_string()><td><a class="row-link" href=format!("/workloads/{}", one.id)>{one.name}</a></td>
                    <td class="quiet">"Workload"</td><td><StatusChip status=one.status/></td></tr>
            }
        })
        .collect_view();
    let governed = deployments
        .into_iter()
        .map(|one| {
            view! {
                <tr data-key=one.id.to_string()><td><a class="row-link" href=format!("/deployments/{}", one.id)>{one.name}</a></td>
                    <td class="quiet">"Deployment"</td><td><StatusChip status=one.status/></td></tr>
            }
        })
        .collect_view();
    view! {
        <section class="card">
            <header><h2>"Where it is used"</h2></header>
            {nowhere.then(|| view! { <p class="pad quiet">"No workload that you may see runs it."</p> })}
            {(!nowhere).then(|| view! { <div class="scroll"><table><thead class="aside"><tr><th scope="col">"Name"</th><th scope="col">"Kind"</th><th scope="col">"Status"</th></tr></thead><tbody>{rows}{governed}</tbody></table></div> })}
            {(more > 0).then(|| view! { <p class="pad quiet">{format!("and {} more", plural(more, "workload"))}</p> })}
        </section>
    }
}
