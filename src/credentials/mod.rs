//! Credentials: secrets that artifacts name and containers are given (rules.md §5.3, §16).
//!
//! A secret is written once and never read back: it leaves only through [`values`], into the environment of
//! a container that starts. A credential belongs to its creator, who and whose administrators may put it
//! into artifacts; that is checked when an artifact is written and when a workload is put on it
//! ([`check`]), so nobody can run somebody else's artifact to read its secrets. Once it runs, what it was
//! allowed it keeps.
//!
//! Known limitation: a credential can't be shared, and new values reach a container when it starts anew.

mod check;
mod edit;
mod logins;
mod registry;
mod reseal;
mod uses;
mod values;

use std::collections::BTreeMap;

use zeroize::Zeroizing;

pub(crate) use check::{usable, usable_where_new};
pub use edit::edit;
pub use reseal::reseal;
pub use uses::{Used, used};
pub use values::StoredValues;
pub(crate) use values::revoke_token;

use crate::{
    access::{self, Caller, may_create},
    audit::{self, Act},
    error::{Error, FieldError, Findings},
    house::House,
    model::{
        AuditAction, AuditedKind, Credential, CredentialId, CredentialKind, CredentialRecord,
        Given, NewCredential, Page, Permission, Permissions, SecretText,
    },
    secrets::Sealed,
    store::{CredentialFilter, Paging, StoreError},
};

/// Environments are limited in size; no key that is in use comes near this.
const LONGEST_VALUE: usize = 64 * 1024;
const LONGEST_NAME: usize = 255;
const NOUN: &str = "credential";

/// What its sealed fields are about: they open for this credential only.
fn about(id: &CredentialId) -> String {
    format!("credential {id}")
}

pub async fn create(
    house: &House,
    caller: &Caller,
    new: NewCredential,
) -> Result<CredentialRecord, Error> {
    let act = Act::new(AuditAction::CredentialCreate, AuditedKind::Credential);
    audit::attempt(house, caller, act, try_create(house, caller, new)).await
}

async fn try_create(
    house: &House,
    caller: &Caller,
    new: NewCredential,
) -> Result<CredentialRecord, Error> {
    may_create(caller)?;
    let values = fields(&new)?;
    let credential = Credential {
        id: CredentialId::from_bytes(house.id()),
        org_id: caller.org().clone(),
        name: new.name,
        kind: new.credential_type,
        description: new.description.unwrap_or_default(),
        fields: values.keys().map(|name| (*name).to_owned()).collect(),
        creator_id: caller.id().clone(),
        created_at: house.now(),
    };
    let secret = sealed(house, &about(&credential.id), &values);
    let mut write = house.store.write().await?;
    let inserted = write.insert_credential(&credential, secret).await;
    inserted.map_err(|error| taken(error, &credential.name))?;
    let record = CredentialRecord::from(credential);
    let act = Act::on(AuditAction::CredentialCreate, &record.credential_id);
    audit::done(&mut write, house, caller, act, None, serde_json::to_value(&record).ok());
    write.commit().await?;
    Ok(record)
}

fn sealed(house: &House, about: &str, values: &BTreeMap<&'static str, SecretText>) -> Sealed {
    let plain: BTreeMap<&str, &str> =
        values.iter().map(|(name, value)| (*name, value.0.as_str())).collect();
    // The caller's own request is in memory anyway; this copy need not stay there too.
    let plain = Zeroizing::new(serde_json::to_vec(&plain).unwrap_or_default());
    house.secrets.seal(&*house.random, about, &plain)
}

fn taken(error: StoreError, name: &str) -> Error {
    match error {
        StoreError::Duplicate { .. } => Error::Conflict(format!(
            "a credential named '{name}' exists already; choose another name"
        )),
        other => other.into(),
    }
}

fn fields(new: &NewCredential) -> Result<BTreeMap<&'static str, SecretText>, Error> {
    named(&new.name)?;
    fields_of(new.credential_type, &new.fields)
}

fn named(name: &str) -> Result<(), Error> {
    let mut findings = Findings::default();
    let length = name.chars().count();
    let named = length <= LONGEST_NAME && !name.trim().is_empty();
    findings.check(named, "name", "a name has 1 to 255 characters, not only blanks");
    findings.done()
}

/// The fields by their names, checked against what the type consists of.
fn fields_of(
    kind: CredentialKind,
    given: &BTreeMap<String, Given>,
) -> Result<BTreeMap<&'static str, SecretText>, Error> {
    let mut wrong = Vec::new();
    let known = |name: &str| kind.fields().iter().any(|field| field.name == name);
    for name in given.keys().filter(|name| !known(name)) {
        let text = format!("a credential of type {kind} has no field '{name}'");
        wrong.push(FieldError::body(name, text).code("extra_forbidden"));
    }
    let mut found = BTreeMap::new();
    for field in kind.fields() {
        match given.get(field.name).map(|given| value(given, kind)) {
            Some(Ok(Some(text))) => drop(found.insert(field.name, text)),
            Some(Err(why)) => wrong.push(FieldError::body(field.name, why)),
            None | Some(Ok(None)) if field.required => {
                let text = format!("a credential of type {kind} needs this field");
                wrong.push(FieldError::body(field.name, text).code("missing"));
            }
            None | Some(Ok(None)) => {}
        }
    }
    if kind == CredentialKind::Registry
        && let Some(SecretText(text)) = found.get("registry")
        && registry::Place::read(text).is_none()
    {
        let text = "a registry as it stands in names of images, such as registry.example.com:5000 or \
                    registry.example.com/team";
        wrong.push(FieldError::body("registry", text));
    }
    if wrong.is_empty() { Ok(found) } else { Err(Error::Invalid(wrong)) }
}

/// `null` counts as not given.
fn value(given: &Given, kind: CredentialKind) -> Result<Option<SecretText>, &'static str> {
    use serde_json::Value;
    let text = match &given.0 {
        Value::Null => return Ok(None),
        Value::String(text) => text.clone(),
        // The key of a service account is handed out as a JSON file, and sent as what is in it.
        object @ Value::Object(_) if kind == CredentialKind::Gcp => object.to_string(),
        _ => return Err("a text"),
    };
    if text.is_empty() {
        return Err("can't be empty");
    }
    if text.len() > LONGEST_VALUE || text.contains('\0') {
        return Err("at most 64 KiB, without NUL");
    }
    Ok(Some(SecretText(text)))
}

pub async fn get(
    house: &House,
    caller: &Caller,
    id: &CredentialId,
) -> Result<CredentialRecord, Error> {
    let found = house.store.credential(caller.org(), id).await?;
    Ok(own(caller, found, Permission::View)?.into())
}

/// What the caller may use of what matches.
pub async fn list(
    house: &House,
    caller: &Caller,
    kinds: Vec<CredentialKind>,
    paging: Paging,
) -> Result<Page<CredentialRecord>, Error> {
    access::need(caller.ceiling(), Permission::View, NOUN)?;
    let created_by = (!caller.user.is_admin()).then(|| caller.id().clone());
    let filter = CredentialFilter { created_by, kinds };
    let page = house.store.credentials(caller.org(), &filter, paging).await?;
    let items = page.items.into_iter().map(CredentialRecord::from).collect();
    Ok(Page { items, total: page.total })
}

/// Refused while a workload that could start again needs it.
pub async fn delete(house: &House, caller: &Caller, id: &CredentialId) -> Result<(), Error> {
    let act = Act::on(AuditAction::CredentialDelete, id);
    audit::attempt(house, caller, act, try_delete(house, caller, id)).await
}

async fn try_delete(house: &House, caller: &Caller, id: &CredentialId) -> Result<(), Error> {
    let mut write = house.store.write().await?;
    let found = write.credential(caller.org(), id).await?;
    let credential = own(caller, found, Permission::Delete)?;
    let users = write.workloads_naming(caller.org(), id).await?;
    if !users.is_empty() {
        let users: Vec<_> = users.iter().map(ToString::to_string).collect();
        return Err(Error::Conflict(format!(
            "'{}' is used by workload {}; replace what they run, or delete them, first",
            credential.name,
            users.join(", ")
        )));
    }
    write.delete_credential(id).await?;
    let act = Act::on(AuditAction::CredentialDelete, id);
    let before = serde_json::to_value(CredentialRecord::from(credential)).ok();
    audit::done(&mut write, house, caller, act, before, None);
    write.commit().await?;
    Ok(())
}

fn may_use(caller: &Caller, credential: &Credential) -> bool {
    let user = &caller.user;
    user.org_id == credential.org_id && (user.is_admin() || user.id == credential.creator_id)
}

fn own(caller: &Caller, found: Option<Credential>, one: Permission) -> Result<Credential, Error> {
    let found = found.ok_or(Error::NotFound(NOUN))?;
    let held = if may_use(caller, &found) { caller.ceiling() } else { Permissions::NONE };
    access::need(held, one, NOUN)?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::fields;
    use crate::{
        error::Error,
        model::{CredentialKind, NewCredential},
    };

    fn read(body: Value) -> Result<Vec<&'static str>, Vec<(String, &'static str)>> {
        let new: NewCredential = serde_json::from_value(body).unwrap();
        match fields(&new) {
            Ok(found) => Ok(found.into_keys().collect()),
            Err(Error::Invalid(wrong)) => {
                Err(wrong.iter().map(|field| (field.dotted(), field.code)).collect())
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn each_type_takes_its_own_fields_and_no_other() {
        for kind in CredentialKind::ALL {
            let mut body = json!({ "name": "n", "credentialType": kind });
            let required: Vec<_> = kind.fields().iter().filter(|field| field.required).collect();
            let missing = read(body.clone()).unwrap_err();
            assert_eq!(missing.len(), required.len(), "{kind}");
            assert!(missing.iter().all(|(_, code)| *code == "missing"), "{kind}");
            for field in kind.fields() {
                // A host, because one of the fields has to be one.
                body[field.name] = json!("localhost");
            }
            assert_eq!(read(body.clone()).unwrap().len(), kind.fields().len(), "{kind}");
            body["colour"] = json!("red");
            assert_eq!(read(body), Err(vec![("colour".into(), "extra_forbidden")]), "{kind}");
        }
    }

    #[test]
    fn a_value_is_text_and_a_google_key_may_be_its_file() {
        let api = |token: Value| {
            read(json!({ "name": "n", "credentialType": "api_token", "apiToken": token }))
        };
        assert!(api(json!("t")).is_ok());
        for wrong in [json!(1), json!(""), json!({ "a": 1 }), json!("a\u{0}b")] {
            assert_eq!(api(wrong).unwrap_err(), [("apiToken".to_owned(), "invalid")]);
        }
        let google = json!({ "type": "service_account", "private_key": "k" });
        assert!(read(json!({ "name": "n", "credentialType": "gcp", "gcpKey": google })).is_ok());
    }

    #[test]
    fn a_request_shows_no_secret() {
        let body = json!({ "name": "n", "credentialType": "bearer", "token": "hunter2" });
        let new: NewCredential = serde_json::from_value(body).unwrap();
        assert!(!format!("{new:?}").contains("hunter2"), "{new:?}");
    }
}
