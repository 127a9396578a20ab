//! All repositories: the lineages whose versions count up.

use handover::{
    model::{RepositoryRecord, UserId},
    repositories,
    store::{Paging, RepositoryFilter, RepositoryKey, RepositoryOrder, TagFilter},
};
use leptos::prelude::*;

use crate::{
    components::{
        address::{address, sort_head},
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
    by: Option<UserId>,
    /// `name`, or `name=value`.
    tag: String,
    sort: String,
    offset: u64,
}

impl Asked {
    fn read() -> Self {
        Self {
            search: query("search").unwrap_or_default(),
            by: query("by").and_then(|text| text.parse().ok()),
            tag: query("tag").unwrap_or_default(),
            sort: query("sort").unwrap_or_else(|| "-created".to_owned()),
            offset: offset(),
        }
    }

    fn filter(&self) -> RepositoryFilter {
        let descending = self.sort.starts_with('-');
        let key = match self.sort.trim_start_matches('-') {
            "name" => RepositoryKey::Name,
            "modified" => RepositoryKey::UpdatedAt,
            _ => RepositoryKey::CreatedAt,
        };
        RepositoryFilter {
            created_by: self.by.clone(),
            search: Some(self.search.clone()).filter(|text| !text.is_empty()),
            tags: TagFilter {
                each: Some(self.tag.trim().to_owned())
                    .filter(|tag| !tag.is_empty())
                    .into_iter()
                    .collect(),
                ..TagFilter::default()
            },
            order: RepositoryOrder { key, descending },
            ..RepositoryFilter::default()
        }
    }

    fn narrows(&self) -> bool {
        !self.search.is_empty() || self.by.is_some() || !self.tag.is_empty()
    }

    /// The address of this list, somewhere else in it.
    fn at(&self, offset: u64) -> String {
        let by = self.by.as_ref().map(ToString::to_string).unwrap_or_default();
        let sort = if self.sort == "-created" { "" } else { &self.sort };
        let offset = if offset == 0 { String::new() } else { offset.to_string() };
        let pairs = [
            ("search", self.search.as_str()),
            ("by", &by),
            ("tag", &self.tag),
            ("sort", sort),
            ("offset", &offset),
        ];
        address("/artifacts", &pairs)
    }

    fn sorted(&self, sort: &str) -> String {
        Self { sort: sort.to_owned(), ..self.clone() }.at(0)
    }
}

#[component]
pub fn Repositories() -> impl IntoView {
    let asked = Asked::read();
    context::page(async move {
        let (house, caller) = context::door()?;
        let paging = Paging { offset: asked.offset, limit: PER_PAGE };
        let page = repositories::list(&house, &caller, &asked.filter(), paging).await?;
        let place =
            Place { offset: asked.offset, shown: page.items.len() as u64, total: page.total };
        let whose = creator_name(&asked, &page.items);
        let own = caller.id().clone();
        let rows = page.items.into_iter().map(|one| row(one, &asked)).collect_view();
        let head = |label, key| sort_head(label, key, &asked.sort, |sort| asked.sorted(sort));
        let heads =
            (head("Repository", "name"), head("Created", "created"), head("Modified", "modified"));
        let (by_name, by_created, by_modified) = heads;
        let pages = pager(place, |offset| asked.at(offset));
        let nothing = place.shown == 0;
        Ok(view! {
            <Layout title="Artifacts" part=Part::Artifacts>
                <div class="head">
                    <h1>"Artifacts"</h1>
                    <div class="actions"><a class="btn solid" href="/artifacts/new">"Add service artifact"</a></div>
                </div>
                <p class="quiet">"A repository holds the versions of one artifact: drafts that can be edited, and locked versions that never change."</p>
                <section class="card" aria-label="List of repositories">
                    {bar(&asked, whose, &own)}
                    {nothing.then(|| empty(&asked))}
                    {(!nothing).then(|| view! {
                        <div class="scroll"><table class="folds">
                            <thead><tr>{by_name}<th scope="col">"Type"</th><th scope="col">"Latest version"</th><th scope="col" class="n">"Artifacts"</th>{by_created}{by_modified}<th scope="col">"By"</th></tr></thead>
                            <tbody>{rows}</tbody>
                        </table></div>
                    })}
                    <div class="bar under"><span class="k">{place.words()}</span><span class="end actions">{pages}</span></div>
                </section>
            </Layout>
        })
    })
}

/// The name of the person whose repositories these are, as far as the page knows it.
fn creator_name(asked: &Asked, shown: &[RepositoryRecord]) -> Option<String> {
    let by = asked.by.as_ref()?;
    let one = shown.iter().find(|one| one.creator.id == *by);
    Some(one.map_or_else(|| by.to_string(), |one| person(&one.creator)))
}

fn bar(asked: &Asked, whose: Option<String>, own: &UserId) -> impl IntoView + use<> {
    let without_by = Asked { by: None, offset: 0, ..asked.clone() }.at(0);
    let without_tag = Asked { tag: String::new(), offset: 0, ..asked.clone() }.at(0);
    let mine = Asked { by: Some(own.clone()), offset: 0, ..asked.clone() }.at(0);
    let nobody = asked.by.is_none();
    let by = asked.by.as_ref().map(ToString::to_string).unwrap_or_default();
    let tag = asked.tag.clone();
    view! {
        <div class="bar">
            <form class="search" role="search" action="/artifacts" data-check="/artifacts">
                <input type="hidden" name="by" value=by/>
                <input type="hidden" name="sort" value=asked.sort.clone()/>
                <input type="search" name="search" value=asked.search.clone() aria-label="Search name or ID" placeholder="Search name or ID"/>
                <input type="text" name="tag" value=asked.tag.clone() aria-label="Tag, as name or name=value" placeholder="Tag" class="tag-text"/>
                <button type="submit">"Search"</button>
            </form>
            {nobody.then(|| view! { <a class="chip" href=mine>"Created by me"</a> })}
            {whose.map(|name| view! { <a class="chip next" href=without_by>{format!("Created by {name}")}<span aria-hidden="true">"×"</span><span class="aside">", take this filter away"</span></a> })}
            {(!tag.is_empty()).then(|| view! { <a class="chip next" href=without_tag>{format!("Tag {tag}")}<span aria-hidden="true">"×"</span><span class="aside">", take this filter away"</span></a> })}
            {asked.narrows().then(|| view! { <a class="end small" href="/artifacts">"Clear all"</a> })}
        </div>
    }
}

fn empty(asked: &Asked) -> impl IntoView + use<> {
    if asked.narrows() {
        return view! { <div class="empty"><p>"No repository fits what you look for."</p><a class="btn" href="/artifacts">"Show all"</a></div> }.into_any();
    }
    view! {
        <div class="empty">
            <p>"There is no artifact yet, or none is shared with you."</p>
            <p class="quiet">"Add one here, or start a demo workload: it brings its own."</p>
            <div class="actions"><a class="btn solid" href="/artifacts/new">"Add service artifact"</a><a class="btn" href="/workloads">"Go to workloads"</a></div>
        </div>
    }
    .into_any()
}

fn row(one: RepositoryRecord, asked: &Asked) -> impl IntoView + use<> {
    let href = format!("/repositories/{}", one.id);
    // A repository without a locked version has only drafts to show.
    let href = if one.last_version_number == 0 { format!("{href}?status=draft") } else { href };
    let latest = match one.last_version_number {
        0 => "none locked yet".to_owned(),
        version => format!("v{version}"),
    };
    let by = Asked { by: Some(one.creator.id.clone()), offset: 0, ..asked.clone() }.at(0);
    let tags = one
        .tags
        .iter()
        .map(|tag| {
            let text = if tag.value.is_empty() {
                tag.name.clone()
            } else {
                format!("{}={}", tag.name, tag.value)
            };
            let href = Asked { tag: text.clone(), offset: 0, ..asked.clone() }.at(0);
            view! { <a class="tag" href=href>{text}</a> }
        })
        .collect_view();
    view! {
        <tr data-key=one.id.to_string()>
            <td class="lead"><a class="row-link" href=href>{one.name.clone()}</a>{tags}</td>
            <td data-k="Type">{one.kind.word()}</td>
            <td class="nowrap" data-k="Latest version">{latest}</td>
            <td class="n" data-k="Artifacts">{one.num_artifacts}</td>
            <td class="nowrap" data-k="Created"><Ago at=one.created_at/></td>
            <td class="nowrap" data-k="Modified"><Ago at=one.updated_at/></td>
            <td data-k="By"><a class="quiet-link" href=by>{person(&one.creator)}</a></td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::Asked;

    #[test]
    fn the_address_says_what_is_shown_and_nothing_else() {
        let plain = Asked { sort: "-created".into(), ..Asked::default() };
        assert_eq!(plain.at(0), "/artifacts");
        assert_eq!(plain.sorted("name"), "/artifacts?sort=name");
        let tagged = Asked { tag: "team=ml ops".into(), search: "a".into(), ..plain };
        assert_eq!(tagged.at(20), "/artifacts?search=a&tag=team%3Dml%20ops&offset=20");
    }
}
