//! Console sessions: a cookie, and rows in the store that are mirrored in memory, so that the gateway can
//! tell whose session a request carries without asking the database.
//!
//! The cookie holds a random id. The store holds its SHA-256: whoever reads the database gets no session.

use std::fmt;

use crate::gateway::SESSION_COOKIE;
use handover::{
    house::House,
    model::{Timestamp, UserId},
    people,
    store::{Session as Row, StoreError},
};
use tower_sessions::{
    Expiry, SessionManagerLayer, SessionStore,
    cookie::{
        SameSite,
        time::{Duration, OffsetDateTime},
    },
    session::{Id, Record},
    session_store::{Error, Result},
};

/// How long a sign-in lasts.
const LIFE: Duration = Duration::days(7);

/// Gives every request its session. `Secure` only under https, because a console on plain http would
/// otherwise lose its cookie; `Lax`, because a link from a message must find the person signed in.
pub fn layer(house: &House) -> SessionManagerLayer<Sessions> {
    SessionManagerLayer::new(Sessions { house: house.clone() })
        .with_name(SESSION_COOKIE)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_secure(house.settings.public_url.starts_with("https://"))
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(LIFE))
}

/// Sessions in the house's store.
#[derive(Clone)]
pub struct Sessions {
    house: House,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

impl Sessions {
    async fn put(&self, record: &Record, kind: Put) -> Result<bool> {
        let data =
            serde_json::to_string(&record.data).map_err(|why| Error::Encode(why.to_string()))?;
        let user_id = signed_in_as(record);
        let (expires_at, now) = (moment(record.expiry_date), self.house.now());
        let text = |name: &str| record.data.get(name).and_then(|value| value.as_str());
        let row = Row {
            id: key(&record.id),
            user_id,
            created_at: now,
            seen_at: now,
            expires_at,
            address: text(handover_app::session::ADDRESS).map(str::to_owned),
            client: text(handover_app::session::CLIENT).map(str::to_owned),
            data,
        };
        let mut write = self.house.store.write().await.map_err(backend)?;
        let written = match kind {
            Put::New => write.insert_session(&row).await.map_err(backend)?,
            Put::Over => write.save_session(&row).await.map_err(backend)?,
        };
        write.purge_sessions(now).await.map_err(backend)?;
        // While nobody else writes: whoever ends it after this one takes it out after this has put it in.
        if let (true, Some(user)) = (written, &row.user_id) {
            self.house.signed_in.add_session(&row.id, user, expires_at);
        }
        write.commit().await.map_err(backend)?;
        Ok(written)
    }
}

#[derive(Clone, Copy)]
enum Put {
    New,
    Over,
}

#[async_trait::async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        while !self.put(record, Put::New).await? {
            record.id = Id::default();
        }
        Ok(())
    }

    /// One that has ended meanwhile stays ended.
    async fn save(&self, record: &Record) -> Result<()> {
        self.put(record, Put::Over).await.map(|_| ())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let row = self.house.store.session(&key(id), self.house.now()).await.map_err(backend)?;
        row.map(|row| {
            let data =
                serde_json::from_str(&row.data).map_err(|why| Error::Decode(why.to_string()))?;
            Ok(Record { id: *id, data, expiry_date: date(row.expires_at)? })
        })
        .transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let key = key(id);
        self.house.signed_in.remove_session(&key);
        let mut write = self.house.store.write().await.map_err(backend)?;
        write.delete_session(&key).await.map_err(backend)?;
        write.commit().await.map_err(backend)?;
        self.house.signed_in.remove_session(&key);
        Ok(())
    }
}

fn key(id: &Id) -> String {
    people::session_key(&id.to_string())
}

fn signed_in_as(record: &Record) -> Option<UserId> {
    record.data.get(handover_app::session::USER)?.as_str()?.parse().ok()
}

fn moment(date: OffsetDateTime) -> Timestamp {
    let micros = date.unix_timestamp_nanos() / 1000;
    Timestamp::from_micros(i64::try_from(micros).unwrap_or(i64::MAX))
}

fn date(moment: Timestamp) -> Result<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(moment.micros()) * 1000)
        .map_err(|why| Error::Decode(why.to_string()))
}

fn backend(why: StoreError) -> Error {
    Error::Backend(why.to_string())
}
