//! Credentials: secrets go in by these forms and never come out. No secret is kept when a form is refused.

use std::collections::BTreeMap;

use handover::model::CredentialId;
use leptos::server;
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// A credential as typed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CredentialForm {
    pub name: String,
    pub description: String,
    pub kind: String,
    #[serde(skip_serializing)]
    pub fields: BTreeMap<String, String>,
}

#[cfg(feature = "ssr")]
impl CredentialForm {
    /// What was typed of the values; what was left empty counts as not given.
    fn given(&self) -> BTreeMap<String, handover::model::Given> {
        let given = self.fields.iter().filter(|(_, value)| !value.is_empty());
        given
            .map(|(name, value)| {
                // The key of a service account is a file of JSON and is kept as its text.
                (name.clone(), handover::model::Given(value.clone().into()))
            })
            .collect()
    }
}

#[server(prefix = "/_fn", endpoint = "create-credential")]
pub async fn create_credential(form: CredentialForm) -> Result<(), Refusal> {
    use crate::context;
    use handover::model::{CredentialKind, NewCredential};
    let (house, caller) = context::door()?;
    let made = match form.kind.parse::<CredentialKind>() {
        Ok(credential_type) => {
            let new = NewCredential {
                name: form.name.trim().to_owned(),
                credential_type,
                description: Some(form.description.clone()),
                fields: form.given(),
            };
            handover::credentials::create(&house, &caller, new).await.map_err(Refusal::from)
        }
        Err(why) => Err(Refusal::at("kind", why.to_string())),
    };
    let made = context::or_keep("create-credential", &form, made).await?;
    context::say(format!("{} was stored. Nobody can read its values here.", made.name)).await;
    context::go(&format!("/credentials/{}", made.credential_id));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "edit-credential")]
pub async fn edit_credential(id: CredentialId, form: CredentialForm) -> Result<(), Refusal> {
    use crate::context;
    use handover::model::EditCredential;
    let (house, caller) = context::door()?;
    let wanted = EditCredential {
        name: Some(form.name.trim().to_owned()),
        description: Some(form.description.clone()),
        fields: form.given(),
    };
    let with_values = !wanted.fields.is_empty();
    let edited = handover::credentials::edit(&house, &caller, &id, wanted).await;
    let edited = edited.map_err(Refusal::from);
    let edited = context::or_keep("edit-credential", &form, edited).await?;
    context::say(if with_values {
        format!("{} has new values. Containers that start from now on get them.", edited.name)
    } else {
        format!("{} was saved.", edited.name)
    })
    .await;
    context::go(&format!("/credentials/{id}"));
    Ok(())
}

#[server(prefix = "/_fn", endpoint = "delete-credential")]
pub async fn delete_credential(id: CredentialId) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    handover::credentials::delete(&house, &caller, &id).await?;
    context::say("The credential was deleted.").await;
    context::go("/credentials");
    Ok(())
}
