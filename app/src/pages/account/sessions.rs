//! Where one is signed in.

use handover::{
    model::{SessionId, SessionRecord},
    people::sessions,
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{Frame, Tab};
use crate::{
    actions::{EndOtherSessions, EndSession},
    components::{
        curl::{ApiCall, call},
        time::{Ago, When},
    },
    context, session,
};

#[component]
pub fn SessionList() -> impl IntoView {
    context::page(async {
        let (house, caller) = context::door()?;
        let all = sessions::list(&house, &caller, caller.id()).await?;
        let here = session::id(&context::session()?);
        let others = all.iter().any(|one| Some(&one.id) != here.as_ref());
        let end = |id: &SessionId| {
            view! {
                <form method="post" action=EndSession::url() class="inline" data-inline="">
                    <input type="hidden" name="id" value=id.to_string()/>
                    <button type="submit" class="tiny">"End"</button>
                </form>
            }
            .into_any()
        };
        let rows = sessions_of(all, here.as_ref(), end);
        let example = call("GET", "/account/sessions/", None);
        Ok(view! {
            <Frame title="Sign-ins" here=Tab::Sessions>
                <section class="card" id="sessions">
                    <header><h2>"Where you are signed in"</h2><span class="small quiet">"A sign-in lasts seven days, through restarts of the server."</span></header>
                    {rows}
                </section>
                <div class="foot">
                    {others.then(|| view! {
                        <form method="post" action=EndOtherSessions::url() class="inline" data-inline="">
                            <button type="submit">"End all others"</button>
                        </form>
                    })}
                    <p class="small quiet">"You don't know one of them? End it, and change your password."</p>
                    <ApiCall text=example/>
                </div>
            </Frame>
        })
    })
}

/// Sessions as rows. `end` makes what ends one of them.
pub fn sessions_of(
    all: Vec<SessionRecord>,
    here: Option<&SessionId>,
    end: impl Fn(&SessionId) -> AnyView,
) -> AnyView {
    if all.is_empty() {
        return view! { <p class="pad quiet">"Not signed in anywhere."</p> }.into_any();
    }
    let rows = all.into_iter().map(|one| {
        let this = Some(&one.id) == here;
        let browser = one.user_agent.as_deref().map_or("A browser that gave no name".to_owned(), browser);
        let action = if this { view! { <span class="chip go">"here"</span> }.into_any() } else { end(&one.id) };
        view! {
            <tr data-key=one.id.to_string()>
                <td class="lead"><b>{browser}</b><div class="sub anywhere">{one.user_agent.clone()}</div></td>
                <td class="nowrap" data-k="From">{one.address.unwrap_or_else(|| "not known".into())}</td>
                <td class="nowrap" data-k="Since"><When at=one.created_at/></td>
                <td class="nowrap" data-k="Last seen"><Ago at=one.last_seen_at/></td>
                <td class="n" data-k="">{action}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <div class="scroll"><table class="folds">
            <thead><tr><th scope="col">"Browser"</th><th scope="col">"From"</th><th scope="col">"Since"</th><th scope="col">"Last seen"</th><th scope="col"><span class="aside">"End"</span></th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
    }
    .into_any()
}

/// A browser's name for itself in two words, as far as it is one of the usual ones.
fn browser(agent: &str) -> String {
    // Later ones contain the names of earlier ones.
    let names = ["Edg/", "OPR/", "Firefox/", "Chrome/", "Safari/"];
    let called = ["Edge", "Opera", "Firefox", "Chrome", "Safari"];
    let systems = ["Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux"];
    let name = names.iter().position(|name| agent.contains(name)).map(|at| called[at]);
    let system = systems.iter().find(|system| agent.contains(**system));
    match (name, system) {
        (Some(name), Some(system)) => format!("{name} on {system}"),
        (Some(name), None) => name.to_owned(),
        (None, _) => agent.split(' ').next().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::browser;

    #[test]
    fn the_usual_browsers_are_known() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        assert_eq!(browser(chrome), "Chrome on Linux");
        assert_eq!(browser(&format!("{chrome} Edg/140.0.0.0")), "Edge on Linux");
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(browser(phone), "Safari on iPhone");
        assert_eq!(browser("curl/8.5.0"), "curl/8.5.0");
    }
}
