//! What came of one thing done to several workloads, one by one. It stays until the next.

use leptos::prelude::*;

use super::super::layout::{Crumbs, Layout, Part};
use crate::{
    actions::{Many, OUTCOMES, Outcome, Outcomes},
    context,
    format::plural,
};

#[component]
pub fn DonePage() -> impl IntoView {
    context::page(async move {
        context::door()?;
        let kept = context::session()?.get::<Outcomes>(OUTCOMES).await.ok().flatten();
        let back = kept.as_ref().map(|kept| context::own_path(&kept.back).to_owned());
        let back = back.unwrap_or_else(|| "/workloads".into());
        let body = kept.map(|kept| view! { <Each kept/> });
        let body = body.map_or_else(
            || view! { <p>"Nothing was done to several workloads yet."</p> }.into_any(),
            IntoAny::into_any,
        );
        Ok(view! {
            <Layout title="What was done" part=Part::Workloads width="middle">
                <Crumbs links=vec![(back.clone(), "Workloads".into())] here="What was done"/>
                <div class="head"><h1>"What was done"</h1></div>
                {body}
                <div class="foot"><a class="btn solid" href=back>"Back to the list"</a></div>
            </Layout>
        })
    })
}

#[component]
fn Each(kept: Outcomes) -> impl IntoView {
    let Outcomes { action, all, .. } = kept;
    let failed = all.iter().filter(|one| one.refusal.is_some()).count() as u64;
    let done = all.len() as u64 - failed;
    let summary = format!("Done for {}, refused for {failed}.", plural(done, "workload"));
    let rows = all.into_iter().map(|one| row(action, one)).collect_view();
    view! {
        <p role="status">{summary}</p>
        <section class="card">
            <table class="folds">
                <thead><tr><th scope="col">"Workload"</th><th scope="col">"What came of it"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

fn row(action: Many, one: Outcome) -> impl IntoView {
    let gone = action == Many::Delete && one.refusal.is_none();
    let name = if gone {
        view! { <span class="strong">{one.name}</span> }.into_any()
    } else {
        view! { <a class="row-link" href=format!("/workloads/{}", one.id)>{one.name}</a> }
            .into_any()
    };
    let words = match one.refusal {
        None => {
            view! { <span class="go-text">{format!("It {}.", action.done())}</span> }.into_any()
        }
        Some(why) => view! { <span><b class="bad-text">"Not done: "</b>{why}</span> }.into_any(),
    };
    view! { <tr data-key=one.id.to_string()><td class="lead">{name}</td><td class="anywhere" data-k="What came of it">{words}</td></tr> }
}
