//! API tokens of people: each makes and revokes their own; an administrator may revoke anybody's.
//!
//! A token never reaches further than what made it: one made with a token that only reads can only read.

use super::{hash, sessions::own_or_administrated};
use crate::{
    access::{Caller, Via, administrator},
    audit::{self, Act},
    error::{Error, Findings},
    house::House,
    model::{
        ApiToken, AuditAction, AuditedKind, NewToken, NewTokenRecord, Permission, Scope, TokenId,
        TokenRecord, UserId,
    },
    random::hex,
    validate,
};

const SECRET_BYTES: usize = 24;

/// A person's tokens, newest first.
pub async fn list(
    house: &House,
    caller: &Caller,
    user: &UserId,
) -> Result<Vec<TokenRecord>, Error> {
    own_or_administrated(house, caller, user, Permission::View).await?;
    let tokens = house.store.tokens_of(user).await?;
    let used = house.store.tokens_used(user).await?;
    let record = |token: &ApiToken| {
        let kept = used.get(&token.id).copied();
        TokenRecord {
            last_used_at: house.signed_in.token_seen(&token.hash).max(kept),
            ..shown(token)
        }
    };
    Ok(tokens.iter().map(record).collect())
}

/// Makes one for the caller. The answer holds its secret, which is told this once.
pub async fn create(
    house: &House,
    caller: &Caller,
    new: NewToken,
) -> Result<NewTokenRecord, Error> {
    let act = Act::new(AuditAction::TokenCreate, AuditedKind::Token);
    audit::attempt(house, caller, act, try_create(house, caller, new)).await
}

async fn try_create(
    house: &House,
    caller: &Caller,
    new: NewToken,
) -> Result<NewTokenRecord, Error> {
    let own = match &caller.via {
        Via::Session => Scope::ALL.to_vec(),
        Via::Token { scopes, .. } => scopes.clone(),
    };
    let now = house.now();
    let mut findings = Findings::default();
    validate::name(&new.name, "name", &mut findings);
    let mut scopes = new.scopes.unwrap_or_else(|| own.clone());
    scopes.sort_by_key(|scope| *scope as u8);
    scopes.dedup();
    findings.check(!scopes.is_empty(), "scopes", "a token needs a scope: read, operate or invoke");
    findings.check(
        new.expires_at.is_none_or(|at| at > now),
        "expiresAt",
        "that moment has passed already",
    );
    findings.done()?;
    let reads = |scope: &Scope| *scope == Scope::Read && own.contains(&Scope::Operate);
    if let Some(wide) = scopes.iter().find(|scope| !own.contains(scope) && !reads(scope)) {
        return Err(Error::Forbidden(format!(
            "the token you came with does not have the scope '{wide}', so a token made by it can't either"
        )));
    }
    let secret = format!("hnd_{}", hex(&*house.random, SECRET_BYTES));
    let token = ApiToken {
        id: TokenId::from_bytes(house.id()),
        org_id: caller.org().clone(),
        user_id: caller.id().clone(),
        name: new.name,
        hash: hash(&secret),
        scopes,
        created_at: now,
        expires_at: new.expires_at,
    };
    let mut write = house.store.write().await?;
    write.insert_token(&token).await?;
    let record = shown(&token);
    let act = Act::on(AuditAction::TokenCreate, &token.id);
    audit::done(&mut write, house, caller, act, None, serde_json::to_value(&record).ok());
    write.commit().await?;
    house.signed_in.add_token(token);
    Ok(NewTokenRecord { record, token: secret })
}

/// It stops working at once, at the gateway too.
pub async fn revoke(
    house: &House,
    caller: &Caller,
    user: &UserId,
    id: &TokenId,
) -> Result<(), Error> {
    let act = Act::on(AuditAction::TokenRevoke, id);
    audit::attempt(house, caller, act, try_revoke(house, caller, user, id)).await
}

async fn try_revoke(
    house: &House,
    caller: &Caller,
    user: &UserId,
    id: &TokenId,
) -> Result<(), Error> {
    let mut write = house.store.write().await?;
    let token = write.token(caller.org(), id).await?.filter(|token| token.user_id == *user);
    let token = token.ok_or(Error::NotFound("token"))?;
    if token.user_id != *caller.id() {
        administrator(caller, Permission::Delete).map_err(|_| Error::NotFound("token"))?;
    }
    write.revoke_token(caller.org(), id, house.now()).await?;
    let act = Act::on(AuditAction::TokenRevoke, id);
    let before = serde_json::to_value(shown(&token)).ok();
    audit::done(&mut write, house, caller, act, before, None);
    write.commit().await?;
    house.signed_in.remove_token(id);
    Ok(())
}

/// Ends every console session of a person.
pub async fn sign_out_everywhere(
    house: &House,
    caller: &Caller,
    user: &UserId,
) -> Result<(), Error> {
    let act = Act::on(AuditAction::SignOutEverywhere, user);
    audit::attempt(house, caller, act, try_sign_out_everywhere(house, caller, user)).await
}

async fn try_sign_out_everywhere(
    house: &House,
    caller: &Caller,
    user: &UserId,
) -> Result<(), Error> {
    own_or_administrated(house, caller, user, Permission::Update).await?;
    let mut write = house.store.write().await?;
    write.delete_sessions_of(user).await?;
    let act = Act::on(AuditAction::SignOutEverywhere, user);
    audit::done(&mut write, house, caller, act, None, None);
    write.commit().await?;
    house.signed_in.remove_sessions_of(user);
    Ok(())
}

fn shown(token: &ApiToken) -> TokenRecord {
    TokenRecord {
        id: token.id.clone(),
        name: token.name.clone(),
        scopes: token.scopes.clone(),
        user_id: token.user_id.clone(),
        created_at: token.created_at,
        expires_at: token.expires_at,
        last_used_at: None,
    }
}
