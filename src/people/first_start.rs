//! The administrator exists from the first start on; given secrets are applied at every start.

use super::{
    hash,
    link::new_link,
    password::{fits, set_password},
};
use crate::{
    error::Error,
    house::House,
    model::{ApiToken, OrgId, PlatformRole, Scope, TokenId, User, UserId},
    random::hex,
};

/// The name of the first user.
pub const ADMIN: &str = "admin";

/// The shortest API token that may be given.
const MIN_TOKEN: usize = 20;

/// What a person must be told once, because it is kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstStart {
    /// The secret of a sign-in link, when no password is known yet and none was given.
    pub link: Option<String>,
    /// An API token, when this is the first start and none was given.
    pub token: Option<String>,
}

/// Makes the organisation and its administrator when they do not exist, and applies what was given.
pub async fn first_start(
    house: &House,
    password: Option<&str>,
    token: Option<&str>,
) -> Result<FirstStart, Error> {
    let (admin, is_new) = administrator(house).await?;
    let mut told = FirstStart { link: None, token: None };
    match password {
        Some(password) => apply_password(house, &admin, password).await?,
        None if admin.password_hash.is_none() => {
            told.link = Some(new_link(&house.store, &*house.clock, &*house.random).await?);
        }
        None => {}
    }
    match token {
        Some(token) => apply_token(house, admin, token).await?,
        None if is_new => {
            let secret = format!("hnd_{}", hex(&*house.random, 24));
            add_token(house, admin, "first start", &secret).await?;
            told.token = Some(secret);
        }
        None => {}
    }
    Ok(told)
}

async fn administrator(house: &House) -> Result<(User, bool), Error> {
    let mut write = house.store.write().await?;
    if let Some(admin) = write.user_by_name(ADMIN).await? {
        return Ok((admin, false));
    }
    let org_id = match write.first_org().await? {
        Some(org_id) => org_id,
        None => {
            let org_id = new_org_id(house);
            write.insert_org(&org_id, "Handover", house.now()).await?;
            org_id
        }
    };
    let admin = User {
        id: UserId::from_bytes(house.id()),
        org_id,
        username: ADMIN.into(),
        full_name: "Administrator".into(),
        email: String::new(),
        password_hash: None,
        role: PlatformRole::Admin,
        created_at: house.now(),
        deactivated_at: None,
    };
    write.insert_user(&admin).await?;
    write.commit().await?;
    house.signed_in.put_user(&admin);
    Ok((admin, true))
}

/// Signs nobody out when the password is the one that is set already.
async fn apply_password(house: &House, admin: &User, password: &str) -> Result<(), Error> {
    if !fits(password, admin.password_hash.clone()).await {
        set_password(house, admin, None, password).await?;
    }
    Ok(())
}

async fn apply_token(house: &House, admin: User, token: &str) -> Result<(), Error> {
    if token.chars().count() < MIN_TOKEN {
        let why =
            format!("the given admin token is too short: use at least {MIN_TOKEN} characters");
        return Err(Error::BadRequest(why));
    }
    if house.signed_in.caller_of_token(token).is_none() {
        add_token(house, admin, "given at start", token).await?;
    }
    Ok(())
}

async fn add_token(house: &House, user: User, name: &str, secret: &str) -> Result<(), Error> {
    let token = ApiToken {
        id: TokenId::from_bytes(house.id()),
        org_id: user.org_id.clone(),
        user_id: user.id.clone(),
        name: name.into(),
        hash: hash(secret),
        scopes: Scope::ALL.to_vec(),
        created_at: house.now(),
        expires_at: None,
    };
    let mut write = house.store.write().await?;
    write.insert_token(&token).await?;
    write.commit().await?;
    house.signed_in.add_token(token);
    Ok(())
}

/// A UUID, because clients decode the organisation's id as one.
fn new_org_id(house: &House) -> OrgId {
    let mut bytes = [0; 16];
    house.random.fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    OrgId::from_uuid(bytes)
}
