//! Any two versions of a repository side by side.

use handover::{
    artifacts,
    model::{ArtifactId, ArtifactRecord, RepositoryId},
    repositories,
    store::{ArtifactFilter, Paging},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::short_name;
use crate::{
    components::{
        chip::version_words,
        diff::{Diff, changes},
        format::plural,
        spec::lines,
    },
    context,
    pages::{
        id,
        layout::{Crumbs, Layout, Part},
        query,
    },
};

/// Versions offered for choosing; the newest come first.
const OFFERED: u64 = 200;

/// `old` and `new`, or whatever was marked in the list.
fn asked() -> (Option<String>, Option<String>) {
    let mut picked = use_query_map().read_untracked().get_all("pick").unwrap_or_default();
    // In the list the newest is on top, and it is the newer one.
    let new = query("new").or_else(|| (!picked.is_empty()).then(|| picked.remove(0)));
    let old = query("old").or_else(|| picked.into_iter().next());
    (old, new)
}

#[component]
pub fn ComparePage() -> impl IntoView {
    let id = id::<RepositoryId>("id", "artifact repository");
    let (old, new) = asked();
    context::page(async move {
        let (house, caller) = context::door()?;
        let repository = repositories::get(&house, &caller, &id?).await?;
        let filter = ArtifactFilter {
            repository_id: Some(repository.id.clone()),
            ..ArtifactFilter::default()
        };
        let all = artifacts::list(&house, &caller, &filter, Paging::first(OFFERED)).await?.items;
        let (old, new) = choose(&all, old.as_deref(), new.as_deref());
        let base = format!("/repositories/{}", repository.id);
        let name = repository.name.clone();
        let lacking = all.len() < 2;
        let difference = old.as_ref().zip(new.as_ref()).map(|(old, new)| difference(old, new));
        let select = |label: &'static str, field: &'static str, chosen: Option<&ArtifactRecord>| {
            let chosen = chosen.map(|one| one.id.clone());
            let options = all.iter().map(|one| option(one, chosen.as_ref())).collect_view();
            view! { <div class="field"><label for=field>{label}</label><select id=field name=field>{options}</select></div> }
        };
        let from = select("From", "old", old.as_ref());
        let to = select("To", "new", new.as_ref());
        Ok(view! {
            <Layout title=format!("Compare · {name}") part=Part::Artifacts>
                <Crumbs links=vec![("/artifacts".into(), "Artifacts".into()), (base.clone(), name.clone())] here="Compare"/>
                <div class="head"><h1>{format!("Compare versions of {name}")}</h1></div>
                {lacking.then(|| view! { <div class="banner warn"><p>"There is only one version you may see, so there is nothing to compare it with."</p></div> })}
                <section class="card">
                    <form class="bar pair" action=format!("{base}/compare") data-check=format!("{base}/compare")>
                        {from}{to}
                        <button type="submit">"Compare"</button>
                    </form>
                    {difference}
                </section>
            </Layout>
        })
    })
}

/// What was asked for; otherwise the two newest.
fn choose(
    all: &[ArtifactRecord],
    old: Option<&str>,
    new: Option<&str>,
) -> (Option<ArtifactRecord>, Option<ArtifactRecord>) {
    let find = |id: Option<&str>| id.and_then(|id| all.iter().find(|one| one.id.as_str() == id));
    let new = find(new).or_else(|| all.iter().find(|one| Some(one.id.as_str()) != old));
    let other = |one: &&ArtifactRecord| new.is_none_or(|new| new.id != one.id);
    let old = find(old).or_else(|| all.iter().find(other));
    (old.cloned(), new.cloned())
}

fn option(one: &ArtifactRecord, chosen: Option<&ArtifactId>) -> impl IntoView + use<> {
    let text = format!("{} · {}", version_words(one.status, one.version), one.name);
    view! { <option value=one.id.to_string() selected=chosen == Some(&one.id)>{text}</option> }
}

fn difference(old: &ArtifactRecord, new: &ArtifactRecord) -> impl IntoView + use<> {
    let (before, after) = (lines(&old.spec, None), lines(&new.spec, None));
    let said = match changes(&before, &after) {
        0 => "They run the same.".to_owned(),
        1 => "1 line differs.".to_owned(),
        n => format!("{} differ.", plural(n as u64, "line")),
    };
    view! {
        <p class="pad quiet" role="status">{said}" "<a href=format!("/artifacts/{}", old.id)>{short_name(old)}</a>" · "<a href=format!("/artifacts/{}", new.id)>{short_name(new)}</a></p>
        <Diff old_name=short_name(old) old=before new_name=short_name(new) new=after/>
    }
}
