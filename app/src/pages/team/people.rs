//! Everybody in the organisation, for administrators. Others are told why they see only themselves.

use handover::{
    model::{PlatformRole, UserRecord},
    people::{groups, users},
    store::{GroupFilter, Paging, UserFilter},
};
use leptos::prelude::*;

use super::{Frame, Tab, named};
use crate::{
    components::{
        pager::{PER_PAGE, Place, escaped, pager},
        time::When,
    },
    context,
    pages::{offset, query, sharing::words},
};

/// Groups that are named to somebody who is no administrator.
const MOST_GROUPS: u64 = 100;

/// The part of the list that the address asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    All,
    Admins,
    Inactive,
}

impl Which {
    fn word(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Admins => "admins",
            Self::Inactive => "inactive",
        }
    }

    fn of(word: Option<&str>) -> Self {
        match word {
            Some("admins") => Self::Admins,
            Some("inactive") => Self::Inactive,
            _ => Self::All,
        }
    }
}

#[component]
pub fn Team() -> impl IntoView {
    let which = Which::of(query("show").as_deref());
    let search = query("search").unwrap_or_default();
    let offset = offset();
    context::page(async move {
        let (house, caller) = context::door()?;
        if !caller.user.is_admin() {
            return Ok(own(&house, &caller).await?.into_any());
        }
        let filter = UserFilter {
            search: Some(search.clone()).filter(|text| !text.is_empty()),
            role: (which == Which::Admins).then_some(PlatformRole::Admin),
            active: match which {
                Which::All => None,
                Which::Admins => Some(true),
                Which::Inactive => Some(false),
            },
            group: None,
        };
        let page =
            users::list(&house, &caller, &filter, Paging { offset, limit: PER_PAGE }).await?;
        let place = Place { offset, shown: page.items.len() as u64, total: page.total };
        let link = |which: Which, offset: u64| {
            format!("/team?show={}&search={}&offset={offset}", which.word(), escaped(&search))
        };
        let tab = |of: Which, name: &'static str| {
            view! { <a href=link(of, 0) aria-current=(of == which).then_some("page")>{name}</a> }
        };
        let tabs = [
            tab(Which::All, "Everybody"),
            tab(Which::Admins, "Administrators"),
            tab(Which::Inactive, "Deactivated"),
        ];
        let pages = pager(place, |offset| link(which, offset));
        let nothing = (place.shown == 0).then(|| {
            view! { <p class="pad quiet">"Nobody fits. "<a href="/team">"Show everybody"</a></p> }
        });
        let rows = page.items.into_iter().map(row).collect_view();
        let narrowed = which != Which::All || !search.is_empty();
        let add =
            view! { <a class="btn solid" href="/team/users/new" data-dialog="">"Add a person"</a> };
        Ok(view! {
            <Frame title="Team" here=Tab::People actions=add.into_any()>
                <section class="card" id="people" aria-label="People">
                    <div class="bar">
                        <nav class="seg" aria-label="Which people">{tabs.into_iter().collect_view()}</nav>
                        <form class="search" role="search" action="/team" data-check="/team">
                            <input type="hidden" name="show" value=which.word()/>
                            <input type="search" id="team-search" name="search" value=search.clone() aria-label="Search username, name or e-mail" placeholder="Search username, name or e-mail"/>
                            <button type="submit">"Search"</button>
                        </form>
                        {narrowed.then(|| view! { <a class="end small" href="/team">"Clear all"</a> })}
                    </div>
                    {nothing}
                    <div class="scroll"><table class="folds">
                        <thead><tr><th scope="col">"Person"</th><th scope="col">"E-mail"</th><th scope="col">"Role"</th><th scope="col">"Here since"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table></div>
                    <div class="bar under"><span class="k">{place.words()}</span><span class="end actions">{pages}</span></div>
                </section>
            </Frame>
        }
        .into_any())
    })
}

fn row(user: UserRecord) -> impl IntoView {
    let role = match user.role {
        PlatformRole::Admin => {
            view! { <span class="chip next">{words::platform(user.role)}</span> }.into_any()
        }
        other => words::platform(other).into_any(),
    };
    view! {
        <tr data-key=user.id.to_string()>
            <td class="lead"><span class="person">{named(&user)}</span></td>
            <td class="anywhere" data-k="E-mail">{user.email.clone()}</td>
            <td class="nowrap" data-k="Role">{role}</td>
            <td class="nowrap" data-k="Here since"><When at=user.created_at/></td>
        </tr>
    }
}

/// What somebody sees who is no administrator.
async fn own(
    house: &handover::house::House,
    caller: &handover::access::Caller,
) -> Result<impl IntoView + use<>, handover::error::Error> {
    let filter = GroupFilter { member: Some(caller.id().clone()), search: None };
    let mine = groups::list(house, caller, &filter, Paging::first(MOST_GROUPS)).await?;
    let names = mine.items.into_iter().map(|group| {
        let members = crate::components::format::plural(group.members.len() as u64, "member");
        view! { <li><a href=format!("/team/groups/{}", group.id)>{group.name}</a><span class="quiet">{format!(" · {members}")}</span></li> }
    });
    let names = names.collect_view();
    let none = (mine.total == 0).then(|| view! { <p class="pad quiet">"You are in no group."</p> });
    Ok(view! {
        <Frame title="Team" here=Tab::People actions=().into_any()>
            <div class="banner"><p>"The list of people is for administrators: it holds e-mail addresses and roles. You see yourself and your groups, and you can find everybody by name where you share something."</p></div>
            <section class="card" id="own-groups">
                <header><h2>"Your groups"</h2><a href="/account">"Your account"</a></header>
                {none}
                <ul class="effects pad">{names}</ul>
            </section>
        </Frame>
    })
}
