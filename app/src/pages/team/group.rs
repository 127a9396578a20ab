//! One group: who is in it, what it is called, and its end.

use handover::{
    access::{Caller, administrator},
    error::Error,
    house::House,
    model::{GroupId, GroupRecord, Permission, UserRecord},
    people::{groups, users},
    store::{Paging, UserFilter},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::named;
use crate::{
    actions::{DeleteGroup, RenameGroup, SetMembership},
    components::{
        curl::{ApiCall, call},
        field::Field,
        format::plural,
        notice::Refused,
        pager::{PER_PAGE, Place, escaped, pager},
    },
    context,
    pages::{
        id,
        layout::{Crumbs, Layout, Part},
        offset, query,
    },
};

/// People found for a search.
const MOST_FOUND: u64 = 8;

#[component]
pub fn GroupPage() -> impl IntoView {
    let id = id::<GroupId>("id", "group");
    let search = query("search").unwrap_or_default();
    let offset = offset();
    context::page(async move {
        let (house, caller) = context::door()?;
        let group = groups::get(&house, &caller, &id?).await?;
        let paging = Paging { offset, limit: PER_PAGE };
        let members = groups::members(&house, &caller, &group.id, paging).await?;
        let place = Place { offset, shown: members.items.len() as u64, total: members.total };
        let admin = caller.user.is_admin();
        let here = format!("/team/groups/{}", group.id);
        let pages =
            pager(place, |offset| format!("{here}?search={}&offset={offset}", escaped(&search)));
        let kept = context::take_kept::<String>("rename-group").await;
        let add = if admin { Some(add(&house, &caller, &group, &search).await?) } else { None };
        let none =
            (members.total == 0).then(|| view! { <p class="pad quiet">"Nobody is in it yet."</p> });
        let rows = members.items.into_iter().map(|user| member(&group, user, admin)).collect_view();
        let name = group.name.clone();
        Ok(view! {
            <Layout title=name.clone() part=Part::Team width="middle">
                <Crumbs links=vec![("/team".into(), "Team".into()), ("/team/groups".into(), "Groups".into())] here=name.clone()/>
                <div class="head"><h1>{name}</h1>
                    {admin.then(|| view! { <div class="actions"><a class="btn danger" href=format!("{here}/delete") data-dialog="">"Delete"</a></div> })}
                </div>
                <div class="cols">
                    <div class="stack">
                        <section class="card" id="members">
                            <header><h2>"Who is in it"</h2><span class="small quiet">{plural(place.total, "person").replace("persons", "people")}</span></header>
                            {none}
                            <ul class="people">{rows}</ul>
                            {(place.total > PER_PAGE).then(|| view! { <div class="bar under"><span class="k">{place.words()}</span><span class="end actions">{pages}</span></div> })}
                        </section>
                        {add}
                    </div>
                    <div class="stack">{side(&group, admin, kept)}</div>
                </div>
            </Layout>
        })
    })
}

fn member(group: &GroupRecord, user: UserRecord, admin: bool) -> impl IntoView + use<> {
    let remove = admin.then(|| {
        view! {
            <form method="post" action=SetMembership::url() class="inline end" data-inline="">
                {hidden(group, &user, false)}
                <button type="submit" class="plain danger">"Take out"<span class="aside">{format!(" {}", user.username)}</span></button>
            </form>
        }
    });
    view! { <li data-key=user.id.to_string()>{named(&user)}{remove}</li> }
}

fn hidden(group: &GroupRecord, user: &UserRecord, is_in: bool) -> impl IntoView + use<> {
    view! {
        <input type="hidden" name="group" value=group.id.to_string()/>
        <input type="hidden" name="user" value=user.id.to_string()/>
        <input type="hidden" name="is_in" value=is_in.to_string()/>
        <input type="hidden" name="back" value=format!("/team/groups/{}", group.id)/>
    }
}

/// Looking for people to put in.
async fn add(
    house: &House,
    caller: &Caller,
    group: &GroupRecord,
    search: &str,
) -> Result<impl IntoView + use<>, Error> {
    let filter = UserFilter {
        search: Some(search.to_owned()).filter(|text| !text.is_empty()),
        active: Some(true),
        ..UserFilter::default()
    };
    let found = users::list(house, caller, &filter, Paging::first(MOST_FOUND)).await?;
    let more = found.total > MOST_FOUND;
    let none = found.items.is_empty().then(|| view! { <p class="pad quiet">"Nobody fits."</p> });
    let rows = found.items.into_iter().map(|user| {
        let action = if group.members.contains(&user.id) {
            view! { <span class="end quiet">"is in it"</span> }.into_any()
        } else {
            view! {
                <form method="post" action=SetMembership::url() class="inline end" data-inline="">
                    {hidden(group, &user, true)}
                    <button type="submit">"Put in"<span class="aside">{format!(" {}", user.username)}</span></button>
                </form>
            }
            .into_any()
        };
        view! { <li data-key=user.id.to_string()>{named(&user)}{action}</li> }
    });
    let rows = rows.collect_view();
    let here = format!("/team/groups/{}", group.id);
    Ok(view! {
        <section class="card" id="add-member">
            <header><h2>"Put somebody in"</h2></header>
            <div class="bar"><form class="search" role="search" action=here.clone() data-check=here>
                <input type="search" id="member-search" name="search" value=search.to_owned() aria-label="Search username, name or e-mail" placeholder="Search username, name or e-mail"/>
                <button type="submit">"Search"</button>
            </form></div>
            {none}
            <ul class="people">{rows}</ul>
            {more.then(|| view! { <p class="pad small quiet">{format!("The first {MOST_FOUND}. Type more of a name to narrow it down.")}</p> })}
        </section>
    })
}

fn side(
    group: &GroupRecord,
    admin: bool,
    kept: Option<(String, crate::refusal::Refusal)>,
) -> impl IntoView + use<> {
    let (name, refusal) = match kept {
        Some((name, why)) => (name, Some(why)),
        None => (group.name.clone(), None),
    };
    let at = refusal.clone().unwrap_or_default();
    let body = serde_json::json!({ "name": group.name, "members": group.members });
    let example = call("PATCH", &format!("/groups/{}/", group.id), Some(&body));
    if !admin {
        return view! {
            <section class="card"><header><h2>"About groups"</h2></header>
                <p class="pad quiet">"Whoever is in a group has every role that it was given. Administrators keep its name and who is in it."</p>
            </section>
        }
        .into_any();
    }
    view! {
        <form method="post" action=RenameGroup::url() class="card form-card" id="rename" data-inline="" data-guard="">
            <h2 class="spaced">"Name"</h2>
            <Refused refusal/>
            <input type="hidden" name="id" value=group.id.to_string()/>
            <Field label="Name" name="name" value=name required=true refusal=at hint="Roles stay with the group when its name changes."/>
            <div class="foot"><button type="submit">"Rename"</button><ApiCall text=example/></div>
        </form>
    }
    .into_any()
}

/// Asks before a group goes, with every role it has.
#[component]
pub fn DeleteGroupPage() -> impl IntoView {
    let id = id::<GroupId>("id", "group");
    context::page(async move {
        let (house, caller) = context::door()?;
        administrator(&caller, Permission::Delete)?;
        let group = groups::get(&house, &caller, &id?).await?;
        let roles = groups::roles(&house, &caller, &group.id).await?;
        let home = format!("/team/groups/{}", group.id);
        let example = call("DELETE", &format!("/groups/{}/", group.id), None);
        let members = plural(group.members.len() as u64, "member");
        Ok(view! {
            <Layout title=format!("Delete {}", group.name) part=Part::Team width="narrow">
                <Crumbs links=vec![("/team/groups".into(), "Groups".into()), (home.clone(), group.name.clone())] here="Delete"/>
                <div class="head"><h1>{format!("Delete the group {}?", group.name)}</h1></div>
                <form method="post" action=DeleteGroup::url() class="card form-card" data-inline="">
                    <input type="hidden" name="id" value=group.id.to_string()/>
                    <ul class="effects">
                        <li>{format!("Its {members} lose what they have through it, at once and at endpoints too.")}</li>
                        <li>{match roles { 0 => "It has no role anywhere.".to_owned(), n => format!("It has {} on workloads, artifacts, repositories or deployments; they go with it and don't come back.", plural(n, "role")) }}</li>
                        <li>"People stay, with their own roles and other groups."</li>
                    </ul>
                    <div class="foot">
                        <button type="submit" class="solid danger">"Delete the group"</button>
                        <a class="btn" href=home data-close="">"Back"</a>
                        <ApiCall text=example/>
                    </div>
                </form>
            </Layout>
        })
    })
}
