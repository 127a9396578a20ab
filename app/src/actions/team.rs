//! What administrators do about people and groups.

use handover::model::{GroupId, PlatformRole, SessionId, TokenId, UserId};
use leptos::server;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// "Add a person", as typed. The password is never kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonForm {
    pub username: String,
    pub full_name: String,
    pub email: String,
    pub role: String,
    /// `link` or `password`.
    pub way: String,
    #[serde(skip_serializing)]
    pub password: String,
}

/// Where a sign-in link waits in the session until the next page shows it.
pub const NEW_LINK: &str = "new-link";

#[server(prefix = "/_fn", endpoint = "add-person")]
pub async fn add_person(form: PersonForm) -> Result<(), Refusal> {
    use crate::{context, session};
    use handover::model::NewUser;
    let (house, caller) = context::door()?;
    let new = NewUser {
        username: form.username.trim().to_owned(),
        full_name: form.full_name.trim().to_owned(),
        email: form.email.trim().to_owned(),
        role: form.role.parse().ok(),
        password: (form.way == "password").then(|| form.password.clone()),
    };
    let made = handover::people::users::create(&house, &caller, new).await.map_err(Refusal::from);
    let made = context::or_keep("add-person", &form, made).await?;
    if let Some(link) = &made.sign_in_link {
        session::keep_secret(&context::session()?, &house, NEW_LINK, link).await?;
    }
    context::say(format!("{} was added.", made.user.username)).await;
    context::go(&format!("/team/users/{}", made.user.id));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "edit-person")]
pub async fn edit_person(
    id: UserId,
    full_name: String,
    email: String,
    role: PlatformRole,
) -> Result<(), Refusal> {
    use crate::context;
    use handover::model::EditUser;
    let (house, caller) = context::door()?;
    let wanted =
        EditUser { full_name: Some(full_name), email: Some(email), role: Some(role), active: None };
    let user = handover::people::users::edit(&house, &caller, &id, wanted).await?;
    context::say(format!("{} was saved.", user.username)).await;
    context::go(&format!("/team/users/{id}"));
    Ok(())
}

/// Lets somebody in again, or keeps them out from now on.
#[server(prefix = "/_fn", endpoint = "activate-person")]
pub async fn activate_person(id: UserId, active: bool) -> Result<(), Refusal> {
    use crate::context;
    use handover::model::EditUser;
    let (house, caller) = context::door()?;
    let wanted = EditUser { active: Some(active), ..EditUser::default() };
    let user = handover::people::users::edit(&house, &caller, &id, wanted).await?;
    let name = user.username;
    context::say(if active {
        format!(
            "{name} may come in again, with the password of before. Tokens have to be made anew."
        )
    } else {
        format!("{name} is out: signed out everywhere, and every token revoked.")
    })
    .await;
    context::go(&format!("/team/users/{id}"));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "person-link")]
pub async fn person_link(id: UserId) -> Result<(), Refusal> {
    use crate::{context, session};
    let (house, caller) = context::door()?;
    let link = handover::people::users::sign_in_link(&house, &caller, &id).await?;
    session::keep_secret(&context::session()?, &house, NEW_LINK, &link.sign_in_link).await?;
    context::go(&format!("/team/users/{id}"));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "revoke-token-of")]
pub async fn revoke_token_of(user: UserId, id: TokenId) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    handover::people::tokens::revoke(&house, &caller, &user, &id).await?;
    context::say("The token was revoked. It works nowhere any more.").await;
    context::go(&format!("/team/users/{user}"));
    Ok(())
}

/// One of somebody's sign-ins, or without an id all of them.
#[server(prefix = "/_fn", endpoint = "end-sessions-of")]
pub async fn end_sessions_of(
    user: UserId,
    #[server(default)] id: Option<SessionId>,
) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    match id {
        Some(id) => handover::people::sessions::end(&house, &caller, &user, &id).await?,
        None => {
            let everywhere = handover::people::tokens::sign_out_everywhere;
            everywhere(&house, &caller, &user).await?;
        }
    }
    context::say("They were signed out there.").await;
    context::go(&format!("/team/users/{user}"));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "create-group")]
pub async fn create_group(name: String) -> Result<(), Refusal> {
    use crate::context;
    use handover::model::NewGroup;
    let (house, caller) = context::door()?;
    let new = NewGroup { name: name.trim().to_owned(), members: Vec::new() };
    let made = handover::people::groups::create(&house, &caller, new).await.map_err(Refusal::from);
    let made = context::or_keep("create-group", &name, made).await?;
    context::say(format!("The group {} was made. Put people into it.", made.name)).await;
    context::go(&format!("/team/groups/{}", made.id));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "rename-group")]
pub async fn rename_group(id: GroupId, name: String) -> Result<(), Refusal> {
    use crate::context;
    use handover::model::EditGroup;
    let (house, caller) = context::door()?;
    let wanted = EditGroup { name: Some(name.trim().to_owned()), members: None };
    let edited = handover::people::groups::edit(&house, &caller, &id, wanted).await;
    let edited = edited.map_err(Refusal::from);
    let group = context::or_keep("rename-group", &name, edited).await?;
    context::say(format!("The group is called {} now.", group.name)).await;
    context::go(&format!("/team/groups/{id}"));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "delete-group")]
pub async fn delete_group(id: GroupId) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    handover::people::groups::delete(&house, &caller, &id).await?;
    context::say("The group was deleted, with every role that it had.").await;
    context::go("/team/groups");
    Ok(())
}

/// Puts a person into a group or takes them out. `back` is the page that the form is on.
#[server(prefix = "/_fn", endpoint = "set-membership")]
pub async fn set_membership(
    group: GroupId,
    user: UserId,
    is_in: bool,
    back: String,
) -> Result<(), Refusal> {
    use crate::context;
    use handover::people::groups;
    let (house, caller) = context::door()?;
    let changed = if is_in {
        groups::add(&house, &caller, &group, &user).await?
    } else {
        groups::remove(&house, &caller, &group, &user).await?
    };
    let verb = if is_in { "are in" } else { "are not in" };
    context::say(format!("They {verb} {} now, at endpoints too.", changed.name)).await;
    context::go(context::own_path(&back));
    Ok(())
}
