//! What can go wrong between us and the database, told apart by what the caller can do about it.

/// After any of these inside a [`Write`](super::Write), give the transaction up: PostgreSQL accepts
/// nothing more in it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else wrote it since it was read, or it is gone. Read again and decide again.
    #[error("the {what} was changed by someone else at the same moment")]
    Conflict { what: &'static str },
    /// A unique rule refused it: a name, a second candidate, a second running replacement.
    #[error("there is already such a {what}")]
    Duplicate { what: &'static str },
    /// Something that still exists refers to it, or what it refers to does not exist.
    #[error("something else refers to it, or what it refers to is gone")]
    Referenced,
    /// A stored value can't be understood: the file was edited, or written by a newer version.
    #[error("stored data is damaged: {table} {id}, column {column}")]
    Corrupt { table: &'static str, column: &'static str, id: String },
    /// Others are writing and it took too long to get a turn. Trying again is safe: nothing was written.
    #[error("the database is busy; try again")]
    Busy(#[source] sqlx::Error),
    /// The database can't be reached, or can't write: no connection, no space, a disk error.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    #[error("the database refused a statement")]
    Driver(#[source] sqlx::Error),
    #[error("the database could not be brought up to date")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// Something was to be written to the audit trail, and nobody vouches for it.
    #[error("the audit trail has no key")]
    Unwitnessed,
    #[error("not a database URL; use sqlite:<path> or postgres://user@host/name")]
    Url,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error;
        match &error {
            Error::PoolTimedOut => Self::Busy(error),
            Error::Io(_) | Error::Tls(_) | Error::PoolClosed | Error::WorkerCrashed => {
                Self::Unavailable(error)
            }
            Error::Database(refusal) if refusal.is_unique_violation() => {
                Self::Duplicate { what: "record" }
            }
            Error::Database(refusal) if refusal.is_foreign_key_violation() => Self::Referenced,
            Error::Database(refusal) => match refusal.code().as_deref().map(Trouble::of) {
                Some(Trouble::Busy) => Self::Busy(error),
                Some(Trouble::Unavailable) => Self::Unavailable(error),
                _ => Self::Driver(error),
            },
            _ => Self::Driver(error),
        }
    }
}

impl StoreError {
    /// Whether the same may work a moment later.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Unavailable(_))
    }

    /// Says what was refused, when a unique rule refused it.
    pub(super) fn naming(what: &'static str) -> impl Fn(sqlx::Error) -> Self {
        move |error| match Self::from(error) {
            Self::Duplicate { .. } => Self::Duplicate { what },
            other => other,
        }
    }
}

enum Trouble {
    Busy,
    Unavailable,
    Other,
}

impl Trouble {
    /// SQLite gives its extended result code in decimal, PostgreSQL a five-letter SQLSTATE.
    fn of(code: &str) -> Self {
        const SQLITE_BUSY: i32 = 5;
        const SQLITE_LOCKED: i32 = 6;
        const SQLITE_READONLY: i32 = 8;
        const SQLITE_IOERR: i32 = 10;
        const SQLITE_FULL: i32 = 13;
        const SQLITE_CANTOPEN: i32 = 14;
        if code.len() < 5
            && let Ok(number) = code.parse::<i32>()
        {
            return match number & 0xff {
                SQLITE_BUSY | SQLITE_LOCKED => Self::Busy,
                SQLITE_READONLY | SQLITE_IOERR | SQLITE_FULL | SQLITE_CANTOPEN => Self::Unavailable,
                _ => Self::Other,
            };
        }
        match code {
            // serialisation failure, deadlock, lock timeout, too many connections
            "40001" | "40P01" | "55P03" | "53300" => Self::Busy,
            _ if ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) => {
                Self::Unavailable
            }
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{StoreError, Trouble};

    #[test]
    fn what_passes_by_itself_is_told_from_what_does_not() {
        let passing = StoreError::from(sqlx::Error::PoolTimedOut);
        assert!(passing.is_passing(), "{passing}");
        let column = StoreError::Corrupt { table: "workloads", column: "runtime", id: "1".into() };
        assert!(!column.is_passing() && !StoreError::Referenced.is_passing());
    }

    #[test]
    fn codes_of_both_databases() {
        assert!(matches!(Trouble::of("5"), Trouble::Busy));
        assert!(matches!(Trouble::of("517"), Trouble::Busy), "SQLITE_BUSY_SNAPSHOT");
        assert!(matches!(Trouble::of("13"), Trouble::Unavailable));
        assert!(matches!(Trouble::of("55P03"), Trouble::Busy));
        assert!(
            matches!(Trouble::of("57P01"), Trouble::Unavailable),
            "the administrator stopped it"
        );
        assert!(matches!(Trouble::of("53100"), Trouble::Unavailable), "disk full");
        assert!(matches!(Trouble::of("23514"), Trouble::Other));
    }
}
