//! Who the token belongs to (rules.md §16).

use axum::{Json, Router, routing::get};
use handover::house::House;
use serde_json::{Value, json};

use super::{auth::Signed, both};

pub(super) fn routes() -> Router<House> {
    both(Router::new(), "/api/v2/account/info", get(info))
}

async fn info(Signed(caller): Signed) -> Json<Value> {
    let user = &caller.user;
    let (first, last) = user.full_name.split_once(' ').unwrap_or((&user.full_name, ""));
    Json(json!({
        "uid": user.id,
        "username": user.username,
        "email": user.email,
        "firstName": first,
        "lastName": last,
        "orgId": user.org_id,
        "tenantId": user.org_id,
        // Zero means that there is no limit.
        "limits": { "maxConcurrentWorkloads": 0, "maxWorkloadReplicas": 0 },
    }))
}
