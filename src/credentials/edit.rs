//! Changes a credential: what it is called, or its values. Containers get values when they start, so what
//! runs keeps the old ones until it starts anew.

use std::collections::BTreeMap;

use super::{about, fields_of, named, own, sealed, taken};
use crate::{
    access::Caller,
    audit::{self, Act},
    error::Error,
    house::House,
    model::{AuditAction, CredentialId, CredentialRecord, EditCredential, Given, Permission},
};

pub async fn edit(
    house: &House,
    caller: &Caller,
    id: &CredentialId,
    wanted: EditCredential,
) -> Result<CredentialRecord, Error> {
    let act = Act::on(AuditAction::CredentialEdit, id);
    audit::attempt(house, caller, act, try_edit(house, caller, id, wanted)).await
}

async fn try_edit(
    house: &House,
    caller: &Caller,
    id: &CredentialId,
    wanted: EditCredential,
) -> Result<CredentialRecord, Error> {
    let mut write = house.store.write().await?;
    let found = write.credential(caller.org(), id).await?;
    let mut credential = own(caller, found, Permission::Update)?;
    let given: BTreeMap<String, Given> =
        wanted.fields.into_iter().filter(|(_, given)| !given.0.is_null()).collect();
    let values = if given.is_empty() { None } else { Some(fields_of(credential.kind, &given)?) };
    let was = CredentialRecord::from(credential.clone());
    if let Some(name) = wanted.name {
        named(&name)?;
        credential.name = name;
    }
    credential.description = wanted.description.unwrap_or(credential.description);
    let secret = values.map(|values| {
        credential.fields = values.keys().map(|name| (*name).to_owned()).collect();
        sealed(house, &about(id), &values)
    });
    let facts = |record: &CredentialRecord, new_values: bool| {
        let mut facts = serde_json::to_value(record).ok()?;
        facts.as_object_mut()?.insert("newValues".into(), new_values.into());
        Some(facts)
    };
    let new_values = secret.is_some();
    let updated = write.update_credential(&credential, secret).await;
    updated.map_err(|error| taken(error, &credential.name))?;
    let record = CredentialRecord::from(credential);
    let act = Act::on(AuditAction::CredentialEdit, id);
    let (before, after) = (facts(&was, false), facts(&record, new_values));
    audit::done(&mut write, house, caller, act, before, after);
    write.commit().await?;
    Ok(record)
}
