//! Giving, changing and taking roles.

use handover::model::{EntityKind, RecipientKind, RoleWord};
use leptos::server;

use crate::refusal::Refusal;

/// One role on one entity; `NO_ROLE` takes it away. `name` is what the recipient is called, for the answer.
#[server(prefix = "/_fn", endpoint = "share")]
pub async fn share(
    kind: EntityKind,
    id: String,
    recipient_kind: RecipientKind,
    recipient: String,
    #[server(default)] name: String,
    role: RoleWord,
) -> Result<(), Refusal> {
    use crate::{context, pages::sharing};
    use handover::sharing::Shared;
    let (house, caller) = context::door()?;
    let shared = Shared::of(kind, &id)?;
    let request = sharing::request(recipient_kind, recipient, role);
    handover::sharing::change(&house, &caller, &shared, &request).await?;
    let name = if name.is_empty() { recipient_kind.word().to_owned() } else { name };
    context::say(match role {
        RoleWord::Grant(role) => format!("{name} is {} now.", sharing::words::role(role)),
        RoleWord::Remove => format!("{name} has no role here any more."),
    })
    .await;
    context::go(&sharing::path(&shared));
    Ok(())
}
