//! All deployments that the person may see.

use std::collections::HashMap;

use handover::{
    deployments,
    model::{DeploymentRecord, Importance, WorkloadId, WorkloadRecord},
    store::{DeploymentFilter, DeploymentKey, DeploymentOrder, Paging},
};
use leptos::prelude::*;

use super::{Governed, approval_word, governed, importance_word};
use crate::{
    components::{
        address::{address, sort_head},
        chip::{StatusChip, version_words},
        pager::{PER_PAGE, Place, pager},
        person::person,
        time::Ago,
    },
    context,
    pages::{
        layout::{Layout, Part},
        offset, query,
    },
};

/// What is asked for, as the address says it.
#[derive(Debug, Clone, Default)]
struct Asked {
    search: String,
    importance: Option<Importance>,
    sort: String,
    offset: u64,
}

impl Asked {
    fn read() -> Self {
        Self {
            search: query("search").unwrap_or_default(),
            importance: query("importance").and_then(|word| word.parse().ok()),
            sort: query("sort").unwrap_or_else(|| "-created".to_owned()),
            offset: offset(),
        }
    }

    fn filter(&self) -> DeploymentFilter {
        let key = match self.sort.trim_start_matches('-') {
            "name" => DeploymentKey::Name,
            "modified" => DeploymentKey::UpdatedAt,
            "importance" => DeploymentKey::Importance,
            _ => DeploymentKey::CreatedAt,
        };
        DeploymentFilter {
            search: Some(self.search.clone()).filter(|text| !text.is_empty()),
            importance: self.importance.into_iter().collect(),
            order: DeploymentOrder { key, descending: self.sort.starts_with('-') },
            ..DeploymentFilter::default()
        }
    }

    fn narrows(&self) -> bool {
        !self.search.is_empty() || self.importance.is_some()
    }

    fn at(&self, offset: u64) -> String {
        let sort = if self.sort == "-created" { "" } else { &self.sort };
        let offset = if offset == 0 { String::new() } else { offset.to_string() };
        let pairs = [
            ("search", self.search.as_str()),
            ("importance", self.importance.map_or("", Importance::word)),
            ("sort", sort),
            ("offset", &offset),
        ];
        address("/deployments", &pairs)
    }
}

#[component]
pub fn Deployments() -> impl IntoView {
    let asked = Asked::read();
    context::page(async move {
        let (house, caller) = context::door()?;
        let paging = Paging { offset: asked.offset, limit: PER_PAGE };
        let page = deployments::list(&house, &caller, &asked.filter(), paging).await?;
        let workloads = governed(&house, &caller, &page.items).await?;
        let place =
            Place { offset: asked.offset, shown: page.items.len() as u64, total: page.total };
        let nothing = place.shown == 0;
        let rows = page.items.into_iter().map(|one| row(one, &workloads)).collect_view();
        let pages = pager(place, |offset| asked.at(offset));
        let options = options(asked.importance);
        Ok(view! {
            <Layout title="Deployments" part=Part::Deployments live="/live/workloads">
                <div class="head">
                    <h1>"Deployments"</h1>
                    <div class="actions"><a class="btn solid" href="/deployments/new">"Deploy a workload"</a></div>
                </div>
                <p class="quiet">"A deployment puts a workload that runs a locked version under governance: an address and roles of its own, and a record of every change."</p>
                <section class="card" aria-label="List of deployments">
                    <div class="bar">
                        <form class="search" role="search" action="/deployments" data-check="/deployments">
                            <input type="hidden" name="sort" value=asked.sort.clone()/>
                            <input type="search" name="search" value=asked.search.clone() aria-label="Search name, ID or description" placeholder="Search name, ID or description"/>
                            <select name="importance" aria-label="Importance">{options}</select>
                            <button type="submit">"Search"</button>
                        </form>
                        {asked.narrows().then(|| view! { <a class="end small" href="/deployments">"Clear all"</a> })}
                    </div>
                    {nothing.then(|| empty(&asked))}
                    {(!nothing).then(|| view! { <Table asked=asked.clone()>{rows}</Table> })}
                    <div class="bar under"><span class="k">{place.words()}</span><span class="end actions">{pages}</span></div>
                </section>
            </Layout>
        })
    })
}

fn options(chosen: Option<Importance>) -> impl IntoView + use<> {
    let one = move |importance: Importance| {
        view! { <option value=importance.word() selected=chosen == Some(importance)>{importance_word(importance)}</option> }
    };
    let all = Importance::ALL.iter().copied().map(one).collect_view();
    view! { <option value="">"Any importance"</option>{all} }
}

#[component]
fn Table(asked: Asked, children: Children) -> impl IntoView {
    let link = |sort: &str| Asked { sort: sort.to_owned(), offset: 0, ..asked.clone() }.at(0);
    let by_name = sort_head("Deployment", "name", &asked.sort, link);
    let by_importance = sort_head("Importance", "importance", &asked.sort, link);
    let by_modified = sort_head("Modified", "modified", &asked.sort, link);
    view! {
        <div class="scroll"><table class="folds">
            <thead><tr>{by_name}<th scope="col">"Workload"</th><th scope="col">"Version"</th>{by_importance}<th scope="col">"Approval"</th><th scope="col">"Health"</th>{by_modified}<th scope="col">"By"</th></tr></thead>
            <tbody>{children()}</tbody>
        </table></div>
    }
}

fn empty(asked: &Asked) -> impl IntoView + use<> {
    if asked.narrows() {
        return view! { <div class="empty"><p>"No deployment fits what you look for."</p><a class="btn" href="/deployments">"Show all"</a></div> }.into_any();
    }
    view! {
        <div class="empty">
            <p>"Nothing is deployed yet, or none is shared with you."</p>
            <p class="quiet">"Promote a workload so that it runs a locked version, then deploy it."</p>
            <div class="actions"><a class="btn solid" href="/deployments/new">"Deploy a workload"</a><a class="btn" href="/workloads">"Go to workloads"</a></div>
        </div>
    }
    .into_any()
}

fn row(
    one: DeploymentRecord,
    workloads: &HashMap<WorkloadId, WorkloadRecord>,
) -> impl IntoView + use<> {
    let workload = workloads.get(&one.workload_id).cloned();
    let version = workload.as_ref().map(|workload| {
        let artifact = &workload.artifact;
        (version_words(artifact.status, artifact.version), format!("/artifacts/{}", artifact.id))
    });
    let version = match version {
        Some((words, href)) => view! { <a href=href>{words}</a> }.into_any(),
        None => view! { <span class="quiet">"not shared with you"</span> }.into_any(),
    };
    view! {
        <tr data-key=one.id.to_string()>
            <td class="lead"><a class="row-link" href=format!("/deployments/{}", one.id)>{one.name}</a><div class="sub anywhere">{one.description}</div></td>
            <td data-k="Workload"><Governed id=one.workload_id workload/></td>
            <td class="nowrap" data-k="Version">{version}</td>
            <td data-k="Importance">{importance_word(one.importance)}</td>
            <td data-k="Approval">{approval_word(one.approval_status)}</td>
            <td data-k="Health"><StatusChip status=one.status/></td>
            <td class="nowrap" data-k="Modified"><Ago at=one.updated_at/></td>
            <td data-k="By">{person(&one.creator)}</td>
        </tr>
    }
}
