//! Looking for somebody to share with. With scripts the list follows what is typed; without, there is a button.

use handover::{
    model::{RecipientKind, ShareRole},
    sharing::{Candidate, Candidates, MOST_FOUND, Shared},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{path, role_picker, words};
use crate::{actions::Share, components::person::Face};

pub(super) fn add(
    shared: &Shared,
    search: &str,
    found: Candidates,
    may_give: &[ShareRole],
) -> impl IntoView + use<> {
    let none = (found.found.is_empty() && !found.more).then(|| {
        view! { <p class="pad quiet">{format!("Nobody here is called “{search}”. An administrator can add people and groups.")}</p> }
    });
    let more = found.more.then(|| {
        let text = match search {
            "" => {
                "There are more people and groups than fit here: type a part of a name.".to_owned()
            }
            _ => format!(
                "The first {MOST_FOUND} people and groups. Type more of a name to narrow it down."
            ),
        };
        view! { <p class="pad small quiet">{text}</p> }
    });
    let rows = found.found.iter().map(|one| row(shared, one, may_give)).collect_view();
    view! {
        <section class="card" id="share-add">
            <header><h2>"Add somebody"</h2></header>
            <div class="bar">
                <form class="search" role="search" action=path(shared) data-check=path(shared)>
                    <input type="search" name="search" id="share-search" value=search.to_owned() autocomplete="off"
                        aria-label="A person, a group or the organisation" placeholder="A person, a group or the organisation"/>
                    <button type="submit">"Search"</button>
                </form>
            </div>
            <div id="share-found" aria-live="polite">
                {none}
                <ul class="people">{rows}</ul>
                {more}
            </div>
        </section>
    }
}

fn row(shared: &Shared, one: &Candidate, may_give: &[ShareRole]) -> impl IntoView + use<> {
    let label = format!("Role for {}", one.name);
    let action = match one.role {
        Some(role) => view! {
            <span class="end quiet">{format!("has {}", words::role(role))}</span>
        }
        .into_any(),
        None => view! {
            <form method="post" action=Share::url() class="inline end" data-inline="">
                <input type="hidden" name="kind" value=shared.kind().word()/>
                <input type="hidden" name="id" value=shared.id().to_owned()/>
                <input type="hidden" name="recipient_kind" value=one.kind.word()/>
                <input type="hidden" name="recipient" value=one.id.clone()/>
                <input type="hidden" name="name" value=one.name.clone()/>
                {role_picker(label, may_give, None)}
                <button type="submit">"Share"<span class="aside">{format!(" with {}", one.name)}</span></button>
            </form>
        }
        .into_any(),
    };
    let kind = (one.kind != RecipientKind::User).then(|| words::recipient(one.kind));
    view! {
        <li data-key=format!("{}-{}", one.kind, one.id)>
            <Face name=one.name.clone() kind=one.kind/>
            <span class="who-is"><b>{one.name.clone()}</b><span class="sub">{kind}{(kind.is_some() && !one.about.is_empty()).then_some(" · ")}{one.about.clone()}</span></span>
            {action}
        </li>
    }
}
