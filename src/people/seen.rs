//! When tokens and sessions were last used. Every request of the gateway is a use, so it is noted in memory,
//! to the minute, and written to the store once a minute.
//!
//! Known limitation: a server that is killed forgets the last minute.

use std::sync::atomic::{AtomicI64, Ordering};

use tokio_util::sync::CancellationToken;

use crate::{
    error::Error,
    house::House,
    model::{Millis, Timestamp},
};

/// Uses that are closer together count as one, so that not every request writes to memory that all share.
const GRAIN: Millis = Millis::minutes(1);
/// Between two writes to the store.
const INTERVAL: Millis = Millis::minutes(1);

const NEVER: i64 = i64::MIN;

/// The newest use of one token or session.
#[derive(Debug)]
pub(super) struct Seen {
    at: AtomicI64,
    /// The one that the store knows.
    kept: AtomicI64,
}

impl Seen {
    /// `at` is what the store knows.
    pub(super) fn at(at: Option<Timestamp>) -> Self {
        let micros = at.map_or(NEVER, Timestamp::micros);
        Self { at: AtomicI64::new(micros), kept: AtomicI64::new(micros) }
    }

    pub(super) fn note(&self, now: Timestamp) {
        let before = self.at.load(Ordering::Relaxed);
        if before == NEVER || now.since(Timestamp::from_micros(before)) >= GRAIN {
            self.at.store(now.micros(), Ordering::Relaxed);
        }
    }

    pub(super) fn newest(&self) -> Option<Timestamp> {
        let micros = self.at.load(Ordering::Relaxed);
        (micros != NEVER).then(|| Timestamp::from_micros(micros))
    }

    /// The newest use, when the store does not know it.
    pub(super) fn unkept(&self) -> Option<Timestamp> {
        self.newest().filter(|at| at.micros() != self.kept.load(Ordering::Relaxed))
    }

    pub(super) fn kept(&self, at: Timestamp) {
        self.kept.store(at.micros(), Ordering::Relaxed);
    }
}

/// Runs until `stop`, and writes once more then.
pub async fn keep_seen(house: House, stop: CancellationToken) {
    loop {
        let stopped = tokio::select! {
            () = house.clock.sleep(INTERVAL) => false,
            () = stop.cancelled() => true,
        };
        if let Err(error) = write(&house).await {
            tracing::warn!(%error, "when tokens and sessions were last used could not be written");
        }
        if stopped {
            return;
        }
    }
}

async fn write(house: &House) -> Result<(), Error> {
    let (tokens, sessions) = house.signed_in.unkept();
    if tokens.is_empty() && sessions.is_empty() {
        return Ok(());
    }
    let mut write = house.store.write().await?;
    for (id, at) in &tokens {
        write.token_used(id, *at).await?;
    }
    for (key, at) in &sessions {
        write.session_seen(key, *at).await?;
    }
    write.commit().await?;
    house.signed_in.kept(&tokens, &sessions);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Seen;
    use crate::model::Timestamp;

    #[test]
    fn a_use_is_kept_once_and_noted_to_the_minute() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let seen = Seen::at(None);
        assert_eq!((seen.newest(), seen.unkept()), (None, None));
        seen.note(at(0));
        seen.note(at(59));
        assert_eq!(seen.unkept(), Some(at(0)));
        seen.note(at(60));
        assert_eq!(seen.unkept(), Some(at(60)));
        seen.kept(at(0));
        assert_eq!(seen.unkept(), Some(at(60)), "used again while it was written");
        seen.kept(at(60));
        assert_eq!((seen.newest(), seen.unkept()), (Some(at(60)), None));
    }
}
