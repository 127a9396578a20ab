//! Who did what to a deployment and to what it governs.

use handover::{
    access::Caller,
    audit, deployments,
    error::Error,
    house::House,
    model::{AuditOutcome, AuditRecord, DeploymentId, DeploymentRecord, Page, Permission},
    store::{AuditFilter, Paging},
};
use leptos::prelude::*;

use super::{
    deployment::{Head, Tab},
    governed,
};
use crate::{
    components::{
        address::address,
        pager::{PER_PAGE, Place, pager},
        time::Moment,
    },
    context,
    pages::{
        artifacts::may,
        id,
        layout::{Layout, Part},
        offset, query,
    },
};

/// What is asked for, as the address says it.
#[derive(Debug, Clone)]
struct Asked {
    id: String,
    /// Only what was done to the deployment itself.
    alone: bool,
    refused: bool,
    offset: u64,
}

impl Asked {
    fn read() -> Self {
        Self {
            id: String::new(),
            alone: query("of").as_deref() == Some("deployment"),
            refused: query("outcome").as_deref() == Some("refused"),
            offset: offset(),
        }
    }

    fn filter(&self) -> AuditFilter {
        AuditFilter {
            entity: self.alone.then(|| self.id.clone()),
            outcomes: self.refused.then_some(AuditOutcome::Refused).into_iter().collect(),
            ..AuditFilter::default()
        }
    }

    fn at(&self, offset: u64) -> String {
        let offset = if offset == 0 { String::new() } else { offset.to_string() };
        let pairs = [
            ("of", if self.alone { "deployment" } else { "" }),
            ("outcome", if self.refused { "refused" } else { "" }),
            ("offset", &offset),
        ];
        address(&format!("/deployments/{}/audit", self.id), &pairs)
    }

    /// Where all that matches is exported.
    fn export(&self, workload: &str, format: &str) -> String {
        let pairs = [
            ("format", format),
            ("entityId", if self.alone { &self.id } else { "" }),
            ("outcome", if self.refused { "refused" } else { "" }),
        ];
        address(&format!("/api/v2/workloads/{workload}/audit/export"), &pairs)
    }
}

#[component]
pub fn AuditPage() -> impl IntoView {
    let id = id::<DeploymentId>("id", "deployment");
    let asked = Asked::read();
    context::page(async move {
        let (house, caller) = context::door()?;
        let deployment = deployments::get(&house, &caller, &id?).await?;
        let seen = governed(&house, &caller, std::slice::from_ref(&deployment)).await?;
        let whole = seen.values().any(|workload| may(&workload.permissions, Permission::View));
        let asked = Asked { id: deployment.id.to_string(), alone: asked.alone || !whole, ..asked };
        let page = read(&house, &caller, &deployment, &asked, whole).await?;
        let place =
            Place { offset: asked.offset, shown: page.items.len() as u64, total: page.total };
        let none = page.items.is_empty();
        let rows = page.items.into_iter().map(row).collect_view();
        let pages = pager(place, |offset| asked.at(offset));
        let workload = deployment.workload_id.to_string();
        let (csv, lines) = (asked.export(&workload, "csv"), asked.export(&workload, "jsonl"));
        let title = format!("Audit log · {}", deployment.name);
        Ok(view! {
            <Layout title part=Part::Deployments>
                <Head deployment here=Tab::Audit/>
                <section class="card" aria-label="Audit log">
                    <div class="bar">
                        {whole.then(|| scopes(&asked))}
                        {outcomes(&asked)}
                        {whole.then(|| view! { <span class="end actions"><a class="btn" href=csv download="audit.csv">"Export as CSV"</a><a class="btn" href=lines download="audit.jsonl">"Export as JSON lines"</a></span> })}
                    </div>
                    {none.then(|| view! { <div class="empty"><p>"Nothing of this kind is written down."</p></div> })}
                    {(!none).then(|| view! {
                        <div class="scroll"><table class="folds">
                            <thead><tr><th scope="col">"When"</th><th scope="col">"Who"</th><th scope="col">"What"</th><th scope="col">"Outcome"</th><th scope="col">"Change"</th></tr></thead>
                            <tbody>{rows}</tbody>
                        </table></div>
                    })}
                    <div class="bar under"><span class="k">{place.words()}</span><span class="end actions">{pages}</span></div>
                </section>
            </Layout>
        })
    })
}

/// Who may view the workload reads all that concerns it; others what was done to the deployment.
async fn read(
    house: &House,
    caller: &Caller,
    deployment: &DeploymentRecord,
    asked: &Asked,
    whole: bool,
) -> Result<Page<AuditRecord>, Error> {
    let paging = Paging { offset: asked.offset, limit: PER_PAGE };
    let filter = asked.filter();
    if whole && !asked.alone {
        let workload = &deployment.workload_id;
        return audit::of_workload(house, caller, workload, &filter, paging).await;
    }
    audit::of_deployment(house, caller, &deployment.id, &filter, paging).await
}

fn scopes(asked: &Asked) -> impl IntoView + use<> {
    let tab = |alone: bool, name: &'static str| {
        let href = Asked { alone, offset: 0, ..asked.clone() }.at(0);
        view! { <a href=href aria-current=(alone == asked.alone).then_some("page")>{name}</a> }
    };
    let tabs = (tab(false, "With its workload"), tab(true, "The deployment alone"));
    view! { <nav class="seg" aria-label="Of what">{tabs}</nav> }
}

fn outcomes(asked: &Asked) -> impl IntoView + use<> {
    let tab = |refused: bool, name: &'static str| {
        let href = Asked { refused, offset: 0, ..asked.clone() }.at(0);
        view! { <a href=href aria-current=(refused == asked.refused).then_some("page")>{name}</a> }
    };
    let tabs = (tab(false, "All"), tab(true, "Refused"));
    view! { <nav class="seg" aria-label="Which outcome">{tabs}</nav> }
}

fn row(record: AuditRecord) -> impl IntoView {
    let entry = record.entry;
    let who = entry.actor.map_or_else(|| "by itself".to_owned(), |actor| actor.username);
    let refused = entry.outcome == AuditOutcome::Refused;
    let outcome = if refused { ("chip warn", "Refused") } else { ("chip", "Done") };
    let change = serde_json::json!({ "before": entry.before, "after": entry.after });
    let changed = entry.before.is_some() || entry.after.is_some();
    let text = serde_json::to_string_pretty(&change).unwrap_or_default();
    view! {
        <tr data-key=record.id>
            <td class="nowrap" data-k="When"><Moment at=entry.timestamp/></td>
            <td data-k="Who">{who}<div class="sub">{entry.source.channel}</div></td>
            <td data-k="What"><span class="mono">{entry.action.word()}</span></td>
            <td data-k="Outcome"><span class=outcome.0>{outcome.1}</span><div class="sub anywhere">{entry.reason}</div></td>
            <td data-k="Change">{changed.then(|| view! { <details><summary>"Before and after"</summary><pre class="code" tabindex="0">{text}</pre></details> })}</td>
        </tr>
    }
}
