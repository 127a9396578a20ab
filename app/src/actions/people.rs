//! Coming in and going out.

use leptos::server;

use crate::refusal::Refusal;

/// A name and a password.
#[server(prefix = "/_fn", endpoint = "sign-in")]
pub async fn sign_in(
    username: String,
    password: String,
    /// Where the person wanted to go.
    #[server(default)]
    next: String,
) -> Result<(), Refusal> {
    use crate::context;
    let house = context::house();
    let origin = context::origin();
    let username = username.trim();
    let user = handover::people::sign_in(&house, &origin, username, &password).await;
    let user = user.inspect_err(|_| crate::tried::keep(username))?;
    crate::session::sign_in(&context::session()?, &user, &origin, false).await?;
    context::go(context::own_path(&next));
    Ok(())
}

/// The button of a sign-in link.
#[server(prefix = "/_fn", endpoint = "use-link")]
pub async fn use_link(link: String) -> Result<(), Refusal> {
    use crate::context;
    let house = context::house();
    let origin = context::origin();
    let user = handover::people::use_link(&house, &origin, &link).await?;
    crate::session::sign_in(&context::session()?, &user, &origin, true).await?;
    context::go("/welcome/password");
    Ok(())
}

/// Chooses the password after a sign-in link.
#[server(prefix = "/_fn", endpoint = "choose-password")]
pub async fn choose_password(password: String, again: String) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    let session = context::session()?;
    if !crate::session::may_choose_password(&session).await {
        return Err(Refusal::new(
            "A password is chosen without the old one only after a sign-in link. Change it in your account, or ask an administrator for a link.",
        ));
    }
    if password != again {
        return Err(Refusal::at("again", "the two are not the same"));
    }
    let user =
        handover::people::set_password(&house, &caller.user, Some(&caller), &password).await?;
    crate::session::sign_in(&session, &user, &caller.origin, false).await?;
    context::go("/workloads");
    Ok(())
}

/// Ends the session, here and for the gateway.
#[server(prefix = "/_fn", endpoint = "sign-out")]
pub async fn sign_out() -> Result<(), Refusal> {
    use crate::context;
    crate::session::sign_out(&context::session()?).await?;
    context::go("/sign-in");
    Ok(())
}
