//! A link that lets a person in once: the administrator at the first start and after a forgotten password,
//! others when they are added. Opening it
//! shows a button; only pressing the button uses it up, because programs that look at links in messages
//! press none.

use super::{ADMIN, hash};
use crate::{
    access::Origin,
    audit,
    clock::Clock,
    error::Error,
    house::House,
    model::{AuditOutcome, Millis, User},
    random::{Random, hex},
    store::{SignInLink, Store},
};

/// How long a link is good for.
pub(super) const LINK_LIFE: Millis = Millis::hours(1);
const SECRET_BYTES: usize = 24;

/// The secret of a new link for the administrator. It takes no [`House`], because `handover admin link` runs
/// beside the server.
pub async fn new_link(
    store: &Store,
    clock: &dyn Clock,
    random: &dyn Random,
) -> Result<String, Error> {
    let admin = store.user_by_name(ADMIN).await?.ok_or(Error::NotFound("user"))?;
    link_for(store, clock, random, &admin).await
}

/// The same for anybody.
pub(super) async fn link_for(
    store: &Store,
    clock: &dyn Clock,
    random: &dyn Random,
    user: &User,
) -> Result<String, Error> {
    let secret = hex(random, SECRET_BYTES);
    let link = SignInLink {
        hash: hash(&secret),
        org_id: user.org_id.clone(),
        user_id: user.id.clone(),
        expires_at: clock.now() + LINK_LIFE,
        used_at: None,
    };
    let mut write = store.write().await?;
    write.insert_link(&link).await?;
    write.commit().await?;
    Ok(secret)
}

/// Uses the link up and says whom it lets in.
///
/// # Errors
/// [`Error::Forbidden`] when it was used, has expired or never existed.
pub async fn use_link(house: &House, origin: &Origin, secret: &str) -> Result<User, Error> {
    let mut write = house.store.write().await?;
    let used = write.use_link(&hash(secret), house.now()).await?;
    let user = match used {
        Some(id) => write.user(&id).await?,
        None => None,
    };
    let user = user.filter(User::is_active).ok_or_else(|| {
        Error::Forbidden(
            "this link has been used or is more than an hour old: ask an administrator for a new one, or run 'handover admin link' where this server runs".into(),
        )
    })?;
    write.commit().await?;
    audit::signed_in(house, &user, origin, AuditOutcome::Done).await;
    Ok(user)
}
