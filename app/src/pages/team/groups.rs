//! The groups of the organisation. Everybody may see which there are, because one shares with them.

use handover::{
    access::Caller,
    error::Error,
    house::House,
    model::GroupRecord,
    people::groups,
    store::{GroupFilter, Paging},
};
use leptos::prelude::*;

use super::{Frame, Tab};
use crate::{
    components::{
        format::plural,
        pager::{PER_PAGE, Place, escaped, pager},
        person::Face,
        time::When,
    },
    context,
    pages::{offset, query},
};
use handover::model::RecipientKind;

#[component]
pub fn Groups() -> impl IntoView {
    let search = query("search").unwrap_or_default();
    let mine = query("show").as_deref() == Some("mine");
    let offset = offset();
    context::page(async move {
        let (house, caller) = context::door()?;
        let (place, rows) = listed(&house, &caller, &search, mine, offset).await?;
        let link = |mine: bool, offset: u64| {
            let show = if mine { "mine" } else { "" };
            format!("/team/groups?show={show}&search={}&offset={offset}", escaped(&search))
        };
        let pages = pager(place, |offset| link(mine, offset));
        let admin = caller.user.is_admin();
        let narrowed = mine || !search.is_empty();
        let nothing = (place.shown == 0).then(|| if narrowed { view! { <p class="pad quiet">"No group fits. "<a href="/team/groups">"Show all"</a></p> }.into_any() } else { view! {
            <div class="empty"><h2>"No group yet"</h2>
                <p>"A group is given a role once, and whoever is put into it has it."</p>
                {admin.then(|| view! { <a class="btn solid" href="/team/groups/new" data-dialog="">"New group"</a> })}
            </div>
        }
        .into_any() });
        let add = admin.then(|| view! { <a class="btn solid" href="/team/groups/new" data-dialog="">"New group"</a> });
        let rows = rows.into_iter().map(|group| row(group, &caller)).collect_view();
        let seg = [(false, "All"), (true, "Yours")].map(|(of, name)| {
            view! { <a href=link(of, 0) aria-current=(of == mine).then_some("page")>{name}</a> }
        });
        Ok(view! {
            <Frame title="Groups" here=Tab::Groups actions=add.into_any()>
                <section class="card" id="groups" aria-label="Groups">
                    <div class="bar">
                        <nav class="seg" aria-label="Which groups">{seg.into_iter().collect_view()}</nav>
                        <form class="search" role="search" action="/team/groups" data-check="/team/groups">
                            <input type="hidden" name="show" value=if mine { "mine" } else { "" }/>
                            <input type="search" id="group-search" name="search" value=search.clone() aria-label="Search name" placeholder="Search name"/>
                            <button type="submit">"Search"</button>
                        </form>
                        {narrowed.then(|| view! { <a class="end small" href="/team/groups">"Clear all"</a> })}
                    </div>
                    {nothing}
                    {(place.shown > 0).then(|| view! {
                        <div class="scroll"><table class="folds">
                            <thead><tr><th scope="col">"Group"</th><th scope="col">"People"</th><th scope="col">"Since"</th></tr></thead>
                            <tbody>{rows}</tbody>
                        </table></div>
                    })}
                    <div class="bar under"><span class="k">{place.words()}</span><span class="end actions">{pages}</span></div>
                </section>
            </Frame>
        })
    })
}

async fn listed(
    house: &House,
    caller: &Caller,
    search: &str,
    mine: bool,
    offset: u64,
) -> Result<(Place, Vec<GroupRecord>), Error> {
    let filter = GroupFilter {
        search: Some(search.to_owned()).filter(|text| !text.is_empty()),
        member: mine.then(|| caller.id().clone()),
    };
    let page = groups::list(house, caller, &filter, Paging { offset, limit: PER_PAGE }).await?;
    let place = Place { offset, shown: page.items.len() as u64, total: page.total };
    Ok((place, page.items))
}

fn row(group: GroupRecord, caller: &Caller) -> impl IntoView + use<> {
    let yours = group.members.contains(caller.id());
    // Who is in it is for administrators and for those who are.
    let name = if yours || caller.user.is_admin() {
        view! { <a class="row-link" href=format!("/team/groups/{}", group.id)>{group.name.clone()}</a> }.into_any()
    } else {
        view! { <b>{group.name.clone()}</b> }.into_any()
    };
    view! {
        <tr data-key=group.id.to_string()>
            <td class="lead"><span class="person"><Face name=group.name.clone() kind=RecipientKind::Group/>{name}{yours.then(|| view! { <span class="chip go">"you are in it"</span> })}</span></td>
            <td class="nowrap" data-k="People">{plural(group.members.len() as u64, "member")}</td>
            <td class="nowrap" data-k="Since"><When at=group.created_at/></td>
        </tr>
    }
}
