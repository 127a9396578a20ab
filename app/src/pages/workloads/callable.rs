//! Workloads that the reader may call and not look at: where they are, which is all that one needs of them.

use handover::{
    access::Caller,
    error::Error,
    house::House,
    model::{WorkloadBrief, WorkloadView},
    store::{Paging, WorkloadFilter},
    workloads::{self, WithStats},
};
use leptos::prelude::*;

use crate::components::{chip::StatusChip, curl::CopyButton};

/// So many of what somebody may look at or call are read; the API lists the rest.
const MOST: u64 = 100;

pub(super) async fn read(house: &House, caller: &Caller) -> Result<Vec<WorkloadBrief>, Error> {
    if caller.user.is_admin() {
        return Ok(Vec::new());
    }
    let (filter, paging) = (WorkloadFilter::default(), Paging::first(MOST));
    let found = workloads::list_views(house, caller, &filter, paging, WithStats::No).await?;
    let only_called = found.items.into_iter().filter_map(|one| match one {
        WorkloadView::Reduced(brief) => Some(brief),
        WorkloadView::Full(_) => None,
    });
    Ok(only_called.collect())
}

#[component]
pub fn Callable(workloads: Vec<WorkloadBrief>) -> impl IntoView {
    (!workloads.is_empty()).then(|| {
        let rows = workloads.into_iter().map(|one| {
            view! {
                <li>
                    <a href=format!("/workloads/{}/endpoint", one.id)>{one.name.clone()}</a>
                    <StatusChip status=one.status/>
                    <span class="endpoint"><code>{one.endpoint.clone()}</code><CopyButton text=one.endpoint what=format!("the endpoint of {}", one.name)/></span>
                </li>
            }
        });
        view! {
            <section class="card gap-above" aria-labelledby="callable">
                <header><h2 id="callable">"You may call"</h2></header>
                <ul class="chosen">{rows.collect_view()}</ul>
            </section>
        }
    })
}
