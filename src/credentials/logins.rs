//! Builds ask registries in the name of whoever handed them in.

use super::StoredValues;
use crate::{
    builds::Logins,
    engine::{Login, NoValue},
    model::{OrgId, UserId},
};

#[async_trait::async_trait]
impl Logins for StoredValues {
    async fn login(
        &self,
        org: &OrgId,
        person: &UserId,
        image: &str,
    ) -> Result<Option<Login>, NoValue> {
        self.registry_login(org, person, image).await
    }
}
