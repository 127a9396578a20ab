//! The first part: which version. Those that can't be chosen say why.

use std::collections::HashMap;

use handover::{
    access::Caller,
    error::Error,
    house::House,
    model::{
        ArtifactId, ArtifactStatus, ReplacementRecord, RepositoryId, RepositoryRecord,
        WorkloadRecord,
    },
    replacement::{self, Candidate, Runs},
    repositories,
    store::{Paging, RepositoryFilter},
};
use leptos::prelude::*;

use crate::components::{
    format::{count, plural},
    person::person,
    rollout::{failed, outcome_word},
    time::{Ago, When},
};

/// Repositories offered at once; a search finds the others.
const REPOSITORIES: u64 = 50;
/// Versions offered at once. An older one is chosen from its own page.
const VERSIONS: u64 = 100;
/// More versions than this scroll by themselves.
const TALL: usize = 7;

/// What can be chosen, and what is.
pub(super) struct Choice {
    workload: WorkloadRecord,
    pub(super) chosen: Option<Candidate>,
    offered: Vec<Candidate>,
    /// In this repository, offered or not.
    total: u64,
    repository: RepositoryId,
    repositories: Vec<RepositoryRecord>,
    all_repositories: u64,
    search: String,
    /// How it went when a version was rolled out here before, newest.
    before: HashMap<ArtifactId, ReplacementRecord>,
}

impl Choice {
    fn repository_name(&self) -> &str {
        let here = self.repositories.iter().find(|one| one.id == self.repository);
        here.map_or("", |one| one.name.as_str())
    }
}

/// `named` is what the address asks for. Another repository chosen beside it wins.
pub(super) async fn versions(
    house: &House,
    caller: &Caller,
    workload: &WorkloadRecord,
    repository: Option<RepositoryId>,
    named: Option<Candidate>,
    search: String,
) -> Result<Choice, Error> {
    let of = |candidate: &Candidate| candidate.artifact.artifact_repository_id.clone();
    let repository = repository
        .or_else(|| named.as_ref().map(of))
        .unwrap_or_else(|| workload.artifact.artifact_repository_id.clone());
    let named = named.filter(|candidate| of(candidate) == repository);
    let paging = Paging { offset: 0, limit: VERSIONS };
    let page =
        replacement::candidates(house, caller, &workload.id, Some(&repository), paging).await?;
    let mut offered = page.items;
    if let Some(named) = &named
        && !offered.iter().any(|candidate| candidate.artifact.id == named.artifact.id)
    {
        offered.insert(0, named.clone());
    }
    let filter = RepositoryFilter {
        search: (!search.trim().is_empty()).then(|| search.trim().to_owned()),
        ..RepositoryFilter::default()
    };
    let paging = Paging { offset: 0, limit: REPOSITORIES };
    let found = repositories::list(house, caller, &filter, paging).await?;
    let mut repositories = found.items;
    if !repositories.iter().any(|one| one.id == repository)
        && let Ok(here) = repositories::get(house, caller, &repository).await
    {
        repositories.insert(0, here);
    }
    let paging = Paging { offset: 0, limit: VERSIONS };
    let history = replacement::list(house, caller, &workload.id, paging).await?.items;
    let mut before = HashMap::new();
    for record in history.into_iter().filter(|record| !record.candidate_proton_ids.is_empty()) {
        before.entry(record.candidate_artifact_id.clone()).or_insert(record);
    }
    let fits = |candidate: &&Candidate| candidate.refusal.is_none();
    // What has failed here may be chosen, and is not suggested.
    let untainted = |candidate: &&Candidate| {
        !before.get(&candidate.artifact.id).is_some_and(failed) && fits(candidate)
    };
    let first = offered.iter().find(untainted).or_else(|| offered.iter().find(fits)).cloned();
    Ok(Choice {
        workload: workload.clone(),
        chosen: named.or(first),
        offered,
        total: page.total,
        repository,
        repositories,
        all_repositories: found.total,
        search,
        before,
    })
}

pub(super) fn card(versions: Choice) -> impl IntoView {
    let chosen = versions.chosen.as_ref().map(|candidate| candidate.artifact.id.clone());
    let none = versions.offered.iter().all(|candidate| candidate.refusal.is_some());
    let tall = versions.offered.len() > TALL;
    let more = versions.total.saturating_sub(versions.offered.len() as u64);
    let clone = format!("/artifacts/{}", versions.workload.artifact_id);
    let rows = versions
        .offered
        .iter()
        .map(|candidate| {
            let checked = chosen.as_ref() == Some(&candidate.artifact.id);
            row(candidate, &versions, checked)
        })
        .collect_view();
    view! {
        <section class="card">
            <header>
                <h2 id="version">"Version"</h2>
                <Repository versions/>
            </header>
            <div role="radiogroup" aria-labelledby="version" class=if tall { "version-list tall" } else { "version-list" }
                tabindex=tall.then_some("0")>{rows}</div>
            {(more > 0).then(|| view! { <p class="pad quiet small">{format!("{} older ones are not listed. Open one of them under Artifacts to choose it.", count(more))}</p> })}
            {none.then(|| view! {
                <p class="pad quiet">"Nothing here can be chosen. "<a href=clone>"Clone the present one into a new draft"</a>", edit it, and come back; or choose another repository."</p>
            })}
        </section>
    }
}

/// Which repository, found by its name.
#[component]
fn Repository(versions: Choice) -> impl IntoView {
    let here = versions.repository;
    // A version may be shared without the repository that it is in.
    let unseen = !versions.repositories.iter().any(|one| one.id == here);
    let unseen = unseen.then(
        || view! { <option value=here.to_string() selected=true>"Not shared with you"</option> },
    );
    let options = versions
        .repositories
        .iter()
        .map(|repository| {
            let selected = repository.id == here;
            view! { <option value=repository.id.to_string() selected=selected>{repository.name.clone()}</option> }
        })
        .collect_view();
    let hidden = versions.all_repositories.saturating_sub(REPOSITORIES);
    view! {
        <div class="end repository">
            <label for="search" class="aside">"Find a repository"</label>
            <input id="search" type="search" name="search" value=versions.search placeholder="Find a repository" autocomplete="off"/>
            <label for="repository" class="aside">"Repository"</label>
            <select id="repository" name="repository">{unseen}{options}</select>
            <button type="submit">"Show"</button>
            {(hidden > 0).then(|| view! { <span class="hint">{format!("{} more: type to find them", count(hidden))}</span> })}
        </div>
    }
}

fn row(candidate: &Candidate, versions: &Choice, checked: bool) -> impl IntoView + use<> {
    let Candidate { artifact, runs, refusal } = candidate.clone();
    let id = format!("version-{}", artifact.id);
    let why = format!("{id}-why");
    let no = refusal.is_some();
    let image = artifact.spec.primary().and_then(|c| c.image_uri.clone()).unwrap_or_default();
    let by = person(&artifact.creator);
    let (class, word) = match artifact.status {
        ArtifactStatus::Draft => ("chip warn", "Draft"),
        ArtifactStatus::Locked => ("chip", "Locked"),
    };
    let label = artifact.version.map_or_else(|| artifact.name.clone(), |v| format!("v{v}"));
    // In its own repository a version goes by its number.
    let named = (artifact.version.is_some() && artifact.name != versions.repository_name())
        .then(|| artifact.name.clone());
    let before = versions.before.get(&artifact.id).map(record_of);
    view! {
        <div class=if no { "opt no" } else { "opt" } data-key=artifact.id.to_string()>
            <label for=id.clone()>
                <input type="radio" id=id.clone() name="artifact" value=artifact.id.to_string() checked=checked disabled=no aria-describedby=why.clone()/>
                <span class="strong">{label}</span>
                {named.map(|name| view! { <span class="anywhere">{name}</span> })}
                <span class=class>{word}</span>
                {match runs {
                    Runs::Not => None,
                    Runs::AsStored => Some(view! { <span class="chip go">"Running now"</span> }),
                    Runs::Older => Some(view! { <span class="chip next">"Runs as it was before"</span> }),
                }}
            </label>
            <span class="k anywhere" id=why>
                {refusal.map(|why| view! { <span class="reason">{capital(&why)}". "</span> })}
                <Ago at=artifact.created_at/>{format!(" by {by} · {image}")}
                {before}
            </span>
        </div>
    }
}

/// How its last rollout here went.
fn record_of(record: &ReplacementRecord) -> impl IntoView + use<> {
    let word = outcome_word(record).map_or("going on", |(word, _)| word).to_lowercase();
    let receipt = record.receipt;
    let all = receipt.served_by_old + receipt.served_by_new;
    let traffic = if all > 0 {
        format!(", {} of {} failed", count(receipt.failed), plural(all, "request"))
    } else {
        String::new()
    };
    view! { <span>{format!(" · rolled out here: {word}{traffic}, ")}<When at=record.started_at/></span> }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}
