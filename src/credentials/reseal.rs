//! The last step of changing the master key: what the old one sealed is sealed anew, so that the old one
//! is needed no more.

use super::{about, values::about_token};
use crate::{error::Error, random::Random, secrets::Secrets, store::Store};

/// Seals with the first key whatever is sealed with an older one. Says how many.
///
/// # Errors
/// When something does not open; nothing is changed then.
pub async fn reseal(store: &Store, secrets: &Secrets, random: &dyn Random) -> Result<usize, Error> {
    let outdated =
        |keys: Vec<crate::secrets::KeyId>| keys.iter().any(|key| secrets.is_outdated(key));
    if !outdated(store.sealing_keys().await?) {
        return Ok(0);
    }
    let mut count = 0;
    let mut write = store.write().await?;
    for (id, sealed) in write.sealed_credentials().await? {
        if secrets.is_outdated(&sealed.key) {
            let about = about(&id);
            let plain = secrets.open(&about, &sealed).map_err(|why| damaged(&about, &why))?;
            write.reseal_credential(&id, secrets.seal(random, &about, &plain)).await?;
            count += 1;
        }
    }
    for (workload, sealed) in write.sealed_workload_tokens().await? {
        if secrets.is_outdated(&sealed.key) {
            let about = about_token(&workload);
            let plain = secrets.open(&about, &sealed).map_err(|why| damaged(&about, &why))?;
            write.reseal_workload_token(&workload, secrets.seal(random, &about, &plain)).await?;
            count += 1;
        }
    }
    write.commit().await?;
    Ok(count)
}

fn damaged(what: &str, why: &crate::secrets::Unsealable) -> Error {
    Error::Refused(format!("the secrets of {what} can't be opened: {why}"))
}
