//! What people do about themselves: their profile, password, tokens and sign-ins.

use handover::model::{SessionId, TokenId};
use leptos::server;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// "Make a token", as typed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenForm {
    pub name: String,
    /// `on` when checked.
    pub read: String,
    pub operate: String,
    pub invoke: String,
    /// In days; `0` for a token that does not expire.
    pub days: String,
}

/// Where a secret waits in the session until the next page shows it.
pub const NEW_TOKEN: &str = "new-token";

#[server(prefix = "/_fn", endpoint = "edit-account")]
pub async fn edit_account(full_name: String, email: String) -> Result<(), Refusal> {
    use crate::context;
    use handover::model::EditAccount;
    let (house, caller) = context::door()?;
    let wanted = EditAccount { full_name: Some(full_name), email: Some(email) };
    handover::people::account::edit(&house, &caller, wanted).await?;
    context::say("Your profile was saved.").await;
    context::go("/account");
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "change-password")]
pub async fn change_password(
    current: String,
    password: String,
    again: String,
) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    let changed = if password == again {
        let changed = handover::people::account::change_password;
        changed(&house, &caller, &current, &password).await.map_err(Refusal::from)
    } else {
        Err(Refusal::at("again", "the two are not the same"))
    };
    // Nothing of what was typed is kept.
    let user = context::or_keep("change-password", &(), changed).await?;
    let session = context::session()?;
    crate::session::sign_in(&session, &user, &caller.origin, false).await?;
    context::say("Your password was changed, and you were signed out everywhere else.").await;
    context::go("/account");
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "create-token")]
pub async fn create_token(form: TokenForm) -> Result<(), Refusal> {
    use crate::{context, session};
    use handover::model::{Millis, NewToken, Scope};
    let (house, caller) = context::door()?;
    let scopes =
        [(&form.read, Scope::Read), (&form.operate, Scope::Operate), (&form.invoke, Scope::Invoke)];
    let scopes = scopes.into_iter().filter(|(on, _)| !on.is_empty()).map(|(_, scope)| scope);
    let days: u64 = form.days.parse().unwrap_or(0);
    let new = NewToken {
        name: form.name.trim().to_owned(),
        scopes: Some(scopes.collect()),
        expires_at: (days > 0).then(|| house.now() + Millis::hours(days.saturating_mul(24))),
    };
    let made = handover::people::tokens::create(&house, &caller, new).await.map_err(Refusal::from);
    let made = context::or_keep("create-token", &form, made).await?;
    session::keep_secret(&context::session()?, &house, NEW_TOKEN, &made.token).await?;
    context::go("/account/tokens");
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "revoke-token")]
pub async fn revoke_token(id: TokenId) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    handover::people::tokens::revoke(&house, &caller, caller.id(), &id).await?;
    context::say("The token was revoked. It works nowhere any more.").await;
    context::go("/account/tokens");
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "end-session")]
pub async fn end_session(id: SessionId) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    handover::people::sessions::end(&house, &caller, caller.id(), &id).await?;
    context::say("That sign-in has ended.").await;
    context::go("/account/sessions");
    Ok(())
}

/// Signs the person out everywhere but here.
#[server(prefix = "/_fn", endpoint = "end-other-sessions")]
pub async fn end_other_sessions() -> Result<(), Refusal> {
    use crate::{context, session};
    let (house, caller) = context::door()?;
    let here = session::id(&context::session()?)
        .ok_or_else(|| Refusal::new("It is not known which of them is this one; sign in again."))?;
    let ended = handover::people::sessions::end_others(&house, &caller, &here).await?;
    context::say(match ended {
        0 => "You were signed in nowhere else.".to_owned(),
        1 => "One other sign-in has ended.".to_owned(),
        several => format!("{several} other sign-ins have ended."),
    })
    .await;
    context::go("/account/sessions");
    Ok(())
}
