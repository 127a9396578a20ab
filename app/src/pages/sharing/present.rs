//! Who has a role now, and what can be done about it.

use handover::{
    model::{RecipientKind, ShareRole},
    sharing::{Held, Overview, Shared},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{path, role_picker, words};
use crate::{
    actions::Share,
    components::{format::plural, person::Face, time::Ago},
};

pub(super) fn present(shared: &Shared, overview: &Overview) -> impl IntoView + use<> {
    let rows = overview.roles.iter().map(|held| row(shared, held, &overview.may_give));
    let rows = rows.collect_view();
    let many = match overview.roles.len() {
        0 => "Nobody has a role here. Administrators may do everything.".to_owned(),
        n => format!("{}, and administrators, who may do everything", plural(n as u64, "role")),
    };
    view! {
        <section class="card" id="share-present">
            <header><h2>"Who has a role"</h2><span class="small quiet">{many}</span></header>
            <ul class="people">{rows}</ul>
        </section>
    }
}

fn row(shared: &Shared, held: &Held, may_give: &[ShareRole]) -> impl IntoView + use<> {
    let role = &held.role;
    let person = role.share_recipient_type == RecipientKind::User;
    let about = match &held.full_name {
        Some(name) => name.clone(),
        None if person => String::new(),
        None => words::recipient(role.share_recipient_type).to_owned(),
    };
    let why = person.then(|| {
        let href = format!("{}/why?user={}", path(shared), role.id);
        view! { <a class="small" href=href>"Why?"<span class="aside">{format!(" What {} may do here", role.name)}</span></a> }
    });
    let reason = held.fixed.as_ref().or(held.needed.as_ref()).cloned();
    let what = match &reason {
        Some(why) => view! {
            <span class="chip">{words::role(role.role)}</span>
            <span class="small quiet reason">{why.clone()}</span>
        }
        .into_any(),
        None => change(shared, held, may_give).into_any(),
    };
    view! {
        <li data-key=format!("{}-{}", role.share_recipient_type, role.id)>
            <Face name=role.name.clone() kind=role.share_recipient_type/>
            <span class="who-is"><b>{role.name.clone()}</b><span class="sub">{about.clone()}{(!about.is_empty()).then_some(" · ")}"since "<Ago at=held.granted_at/></span></span>
            <span class="end role-now">{why}{what}</span>
        </li>
    }
}

fn change(shared: &Shared, held: &Held, may_give: &[ShareRole]) -> impl IntoView + use<> {
    let role = &held.role;
    let hidden = || {
        view! {
            <input type="hidden" name="kind" value=shared.kind().word()/>
            <input type="hidden" name="id" value=shared.id().to_owned()/>
            <input type="hidden" name="recipient_kind" value=role.share_recipient_type.word()/>
            <input type="hidden" name="recipient" value=role.id.clone()/>
            <input type="hidden" name="name" value=role.name.clone()/>
        }
    };
    let label = format!("Role of {}", role.name);
    view! {
        <form method="post" action=Share::url() class="inline" data-inline="">
            {hidden()}
            {role_picker(label, may_give, Some(role.role))}
            <button type="submit">"Change"<span class="aside">{format!(" the role of {}", role.name)}</span></button>
        </form>
        <form method="post" action=Share::url() class="inline" data-inline="">
            {hidden()}
            <input type="hidden" name="role" value="NO_ROLE"/>
            <button type="submit" class="plain danger">"Remove"<span class="aside">{format!(" {}", role.name)}</span></button>
        </form>
    }
}
