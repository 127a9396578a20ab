//! Workloads that the reader may call and not look at: where they are, which is all that one needs of them.

use handover::{
    access::Caller,
    error::Error,
    house::House,
    model::{Page, WorkloadBrief},
    store::Paging,
    workloads,
};
use leptos::prelude::*;

use crate::{
    components::{
        chip::StatusChip,
        curl::CopyButton,
        pager::{PER_PAGE, Place, pager},
    },
    pages::query,
};

/// Where in the list the reader is, beside the place in the list of what they look at.
const OFFSET: &str = "calls";

/// Where one is in them, as the address says.
pub(super) fn paging() -> Paging {
    let offset = query(OFFSET).and_then(|text| text.parse().ok()).unwrap_or(0);
    Paging { offset, limit: PER_PAGE }
}

pub struct Called {
    page: Page<WorkloadBrief>,
    offset: u64,
}

impl Called {
    pub(super) async fn read(
        house: &House,
        caller: &Caller,
        paging: Paging,
    ) -> Result<Self, Error> {
        let page = workloads::only_called(house, caller, paging).await?;
        Ok(Self { page, offset: paging.offset })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.page.total == 0
    }
}

#[component]
pub fn Callable(called: Called) -> impl IntoView {
    let Called { page, offset } = called;
    let place = Place { offset, shown: page.items.len() as u64, total: page.total };
    (place.total > 0).then(|| {
        let rows = page.items.into_iter().map(|one| {
            view! {
                <li>
                    <a href=format!("/workloads/{}/endpoint", one.id)>{one.name.clone()}</a>
                    <StatusChip status=one.status/>
                    <span class="endpoint"><code>{one.endpoint.clone()}</code><CopyButton text=one.endpoint what=format!("the endpoint of {}", one.name)/></span>
                </li>
            }
        });
        let pages = (place.total > PER_PAGE || offset > 0).then(|| {
            view! {
                <div class="bar under">
                    <span class="k">{place.words()}", by name"</span>
                    <span class="actions">{pager(place, |offset| format!("/workloads?{OFFSET}={offset}"))}</span>
                </div>
            }
        });
        view! {
            <section class="card gap-above" aria-labelledby="callable">
                <header><h2 id="callable">"You may call"</h2></header>
                <ul class="chosen">{rows.collect_view()}</ul>
                {pages}
            </section>
        }
    })
}
