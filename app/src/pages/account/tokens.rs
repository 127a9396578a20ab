//! API tokens: one's own, each for one purpose, so that it can be revoked alone.

use handover::{
    model::{Scope, TokenId, TokenRecord},
    people::tokens,
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{Frame, Tab};
use crate::{
    actions::{CreateToken, NEW_TOKEN, RevokeToken, TokenForm},
    components::{
        curl::{ApiCall, Code, call},
        field::{Choice, Field},
        notice::Refused,
        time::{Ago, When},
    },
    context,
    pages::{
        id,
        layout::{Crumbs, Layout, Part},
        query,
        sharing::words,
    },
    refusal::Refusal,
    session,
};

#[component]
pub fn Tokens() -> impl IntoView {
    let from_cli = query("cliRedirect").is_some();
    context::page(async move {
        let (house, caller) = context::door()?;
        let session = context::session()?;
        let secret = session::take_secret(&session, &house, NEW_TOKEN).await;
        let all = tokens::list(&house, &caller, caller.id()).await?;
        let (form, refusal) = match context::take_kept::<TokenForm>("create-token").await {
            Some((form, why)) => (form, Some(why)),
            None => {
                (TokenForm { read: "on".into(), days: "90".into(), ..TokenForm::default() }, None)
            }
        };
        let told = secret.map(|secret| view! { <Told secret/> });
        let none = all.is_empty().then(|| {
            view! { <p class="pad quiet">"No token yet. A program needs one to use the API or to call an endpoint in your name."</p> }
        });
        let some = !all.is_empty();
        let here = |token: TokenRecord| {
            let revoke = format!("/account/tokens/{}/revoke", token.id);
            token_row(
                token,
                view! { <a class="btn tiny" href=revoke data-dialog="">"Revoke"</a> }.into_any(),
            )
        };
        let rows = all.into_iter().map(here).collect_view();
        let body = serde_json::json!({ "name": "ci", "scopes": ["read", "invoke"] });
        let example = call("POST", "/account/tokens/", Some(&body));
        Ok(view! {
            <Frame title="API tokens" here=Tab::Tokens>
                {from_cli.then(|| view! { <div class="banner"><p class="strong">"A command line sent you here for a token."</p><p>"Make one below, copy it, and paste it where the command line waits."</p></div> })}
                {told}
                <section class="card" id="tokens">
                    <header><h2>"Your tokens"</h2></header>
                    {none}
                    {some.then(|| view! { <TokenTable>{rows}</TokenTable> })}
                </section>
                <form id="new-token" method="post" action=CreateToken::url() class="card form-card" data-inline="">
                    <h2 class="spaced">"Make a token"</h2>
                    <Make form refusal/>
                    <div class="foot"><button type="submit" class="solid">"Make the token"</button><ApiCall text=example/></div>
                </form>
            </Frame>
        })
    })
}

/// The secret, this once.
#[component]
fn Told(secret: String) -> impl IntoView {
    view! {
        <div class="banner go" role="status" id="told-token">
            <p class="strong">"Copy the token now: it is shown this once, and kept nowhere."</p>
            <Code text=secret what="the token"/>
            <p class="small">"A program sends it as "<code>"Authorization: Bearer …"</code>"."</p>
        </div>
    }
}

#[component]
fn Make(form: TokenForm, refusal: Option<Refusal>) -> impl IntoView {
    let wrong = refusal.as_ref().and_then(|why| {
        let fault = why.fields.iter().find(|fault| fault.field == "scopes")?;
        Some(view! { <span class="wrong">{fault.message.clone()}</span> })
    });
    let at = refusal.clone().unwrap_or_default();
    let scope = |scope: Scope, on: bool| {
        let name = format!("form[{scope}]");
        view! {
            <label class="check"><input type="checkbox" name=name value="on" checked=on/>
                <span><b>{scope.word()}</b><span class="hint">{words::scope(scope)}</span></span></label>
        }
    };
    let lasts = vec![
        ("7", "7 days"),
        ("30", "30 days"),
        ("90", "90 days"),
        ("365", "A year"),
        ("0", "Until it is revoked"),
    ];
    view! {
        <Refused refusal/>
        <Field label="Name" name="form[name]" field="name" value=form.name required=true refusal=at hint="What it is for: you see it here and in the audit trail."/>
        <fieldset class="field"><legend>"Scopes"</legend>
            {scope(Scope::Read, !form.read.is_empty())}
            {scope(Scope::Operate, !form.operate.is_empty())}
            {scope(Scope::Invoke, !form.invoke.is_empty())}
            {wrong}
        </fieldset>
        <Choice label="Good for" name="form[days]" value=form.days options=lasts/>
    }
}

/// The head of a list of tokens.
#[component]
pub fn TokenTable(children: Children) -> impl IntoView {
    view! {
        <div class="scroll"><table class="folds">
            <thead><tr><th scope="col">"Name"</th><th scope="col">"Scopes"</th><th scope="col">"Made"</th><th scope="col">"Expires"</th><th scope="col">"Last used"</th><th scope="col"><span class="aside">"Revoke"</span></th></tr></thead>
            <tbody>{children()}</tbody>
        </table></div>
    }
}

pub fn token_row(token: TokenRecord, action: AnyView) -> impl IntoView {
    let now = context::now();
    let scopes =
        token.scopes.iter().map(|scope| view! { <span class="chip">{scope.word()}</span> });
    let expires = match token.expires_at {
        Some(at) if at <= now => {
            view! { <span class="bad-text">"expired "<Ago at/></span> }.into_any()
        }
        Some(at) => view! { <When at/> }.into_any(),
        None => "never".into_any(),
    };
    let used = match token.last_used_at {
        Some(at) => view! { <Ago at/> }.into_any(),
        None => view! { <span class="quiet">"never"</span> }.into_any(),
    };
    view! {
        <tr data-key=token.id.to_string()>
            <td class="lead"><b class="anywhere">{token.name}</b></td>
            <td data-k="Scopes"><span class="chips">{scopes.collect_view()}</span></td>
            <td class="nowrap" data-k="Made"><When at=token.created_at/></td>
            <td class="nowrap" data-k="Expires">{expires}</td>
            <td class="nowrap" data-k="Last used">{used}</td>
            <td class="n" data-k="">{action}</td>
        </tr>
    }
}

/// Asks before a token ends.
#[component]
pub fn RevokeTokenPage() -> impl IntoView {
    let id = id::<TokenId>("id", "token");
    context::page(async move {
        let (house, caller) = context::door()?;
        let id = id?;
        let all = tokens::list(&house, &caller, caller.id()).await?;
        let token = all.into_iter().find(|token| token.id == id);
        let token = token.ok_or(handover::error::Error::NotFound("token"))?;
        let used = match token.last_used_at {
            Some(at) => view! { "It was last used "<Ago at/>"." }.into_any(),
            None => "It was never used.".into_any(),
        };
        let example = call("DELETE", &format!("/account/tokens/{id}/"), None);
        Ok(view! {
            <Layout title=format!("Revoke {}", token.name) part=Part::Account width="narrow">
                <Crumbs links=vec![("/account/tokens".into(), "API tokens".into())] here="Revoke"/>
                <div class="head"><h1>{format!("Revoke “{}”?", token.name)}</h1></div>
                <form method="post" action=RevokeToken::url() class="card form-card" data-inline="">
                    <input type="hidden" name="id" value=id.to_string()/>
                    <p>"Whatever uses it is refused from this moment, at endpoints too. It can't be brought back. "{used}</p>
                    <div class="foot">
                        <button type="submit" class="solid danger">"Revoke the token"</button>
                        <a class="btn" href="/account/tokens" data-close="">"Back"</a>
                        <ApiCall text=example/>
                    </div>
                </form>
            </Layout>
        })
    })
}
