//! Who the token belongs to (rules.md §16).

use axum::{Json, extract::State};
use handover::{
    house::House,
    model::{OrgId, UserId},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    auth::Signed,
    route::{Routes, get},
};

pub(super) fn routes() -> Routes {
    Routes::of("Account").with(get("/api/v2/account/info", "Read who the token belongs to", info))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AccountInfo {
    uid: UserId,
    username: String,
    email: String,
    first_name: String,
    last_name: String,
    org_id: OrgId,
    tenant_id: OrgId,
    limits: AccountLimits,
}

/// Zero means that there is no limit.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AccountLimits {
    max_concurrent_workloads: u64,
    max_workload_replicas: u32,
}

async fn info(State(house): State<House>, Signed(caller): Signed) -> Json<AccountInfo> {
    let limits = house.settings.limits;
    let user = caller.user;
    let (first, last) = user.full_name.split_once(' ').unwrap_or((&user.full_name, ""));
    Json(AccountInfo {
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        uid: user.id,
        username: user.username,
        email: user.email,
        tenant_id: user.org_id.clone(),
        org_id: user.org_id,
        limits: AccountLimits {
            max_concurrent_workloads: limits.concurrent_workloads,
            max_workload_replicas: limits.workload_replicas,
        },
    })
}
