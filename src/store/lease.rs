//! Who runs the controller. Whoever takes the lease gets a higher fencing number than anybody before; a
//! holder that slept past its time finds out by [`Write::fenced`], inside the transaction it is about to
//! commit, so that two controllers never both act.

use super::{StoreError, Write, sql::sql};
use crate::model::{Millis, Timestamp};

impl Write<'_> {
    /// Takes a lease that is free, expired or one's own. Returns its fencing number; none when somebody else
    /// holds it.
    pub async fn take_lease(
        &mut self,
        name: &str,
        holder: &str,
        now: Timestamp,
        ttl: Millis,
    ) -> Result<Option<i64>, StoreError> {
        let row: Option<(i64,)> =
            sql("INSERT INTO leases (name, holder, fencing, expires_at) VALUES ($1, $2, $5, $4) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, \
             fencing = leases.fencing + 1, expires_at = excluded.expires_at \
             WHERE leases.holder IS NULL OR leases.holder = $2 OR leases.expires_at <= $3 \
             RETURNING fencing")
            .bind(name)
            .bind(holder)
            .bind(now)
            .bind(now + ttl)
            .bind(1_i64)
            .one(self.link())
            .await?;
        Ok(row.map(|(fencing,)| fencing))
    }

    /// Holds it longer; false when somebody else has taken it.
    pub async fn renew_lease(
        &mut self,
        name: &str,
        fencing: i64,
        now: Timestamp,
        ttl: Millis,
    ) -> Result<bool, StoreError> {
        let touched = sql("UPDATE leases SET expires_at = $3 \
             WHERE name = $1 AND fencing = $2 AND holder IS NOT NULL")
        .bind(name)
        .bind(fencing)
        .bind(now + ttl)
        .run(self.link())
        .await?;
        Ok(touched == 1)
    }

    /// Gives it back, so that the next one need not wait for it to expire.
    pub async fn release_lease(&mut self, name: &str, fencing: i64) -> Result<(), StoreError> {
        sql("UPDATE leases SET holder = NULL WHERE name = $1 AND fencing = $2")
            .bind(name)
            .bind(fencing)
            .run(self.link())
            .await?;
        Ok(())
    }

    /// Fails as a conflict unless this fencing number is still the newest.
    pub async fn fenced(&mut self, name: &str, fencing: i64) -> Result<(), StoreError> {
        let row: Option<(i64,)> =
            sql("SELECT fencing FROM leases WHERE name = $1 AND holder IS NOT NULL")
                .bind(name)
                .one(self.link())
                .await?;
        if row == Some((fencing,)) { Ok(()) } else { Err(StoreError::Conflict { what: "lease" }) }
    }
}
