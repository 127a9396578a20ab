//! Between columns and values: what is stored was written by us, but a disk or a hand may have changed it,
//! so nothing is taken on trust and the error says which row to look at.

use std::str::FromStr;

use serde::{Serialize, de::DeserializeOwned};

use super::StoreError;
use crate::model::Timestamp;

/// The row a value came from.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    pub(super) table: &'static str,
    pub(super) id: &'a str,
}

impl Origin<'_> {
    pub(super) fn corrupt(self, column: &'static str) -> StoreError {
        StoreError::Corrupt { table: self.table, column, id: self.id.to_owned() }
    }

    /// An id or a word.
    pub(super) fn text<T: FromStr>(
        self,
        column: &'static str,
        text: &str,
    ) -> Result<T, StoreError> {
        text.parse().map_err(|_| self.corrupt(column))
    }

    pub(super) fn maybe<T: FromStr>(
        self,
        column: &'static str,
        text: Option<&str>,
    ) -> Result<Option<T>, StoreError> {
        text.map(|text| self.text(column, text)).transpose()
    }

    pub(super) fn json<T: DeserializeOwned>(
        self,
        column: &'static str,
        text: &str,
    ) -> Result<T, StoreError> {
        serde_json::from_str(text).map_err(|_| self.corrupt(column))
    }

    pub(super) fn count(self, column: &'static str, number: i64) -> Result<u64, StoreError> {
        u64::try_from(number).map_err(|_| self.corrupt(column))
    }
}

/// The JSON of a value for a column.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Driver(sqlx::Error::Encode(error.into())))
}

pub(super) fn moment(micros: Option<i64>) -> Option<Timestamp> {
    micros.map(Timestamp::from_micros)
}

/// A name as it is compared and sorted: without regard to case, byte by byte.
pub(super) fn key(name: &str) -> Vec<u8> {
    fold(name).into_bytes()
}

/// Text without regard to case.
pub(super) fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// What a search looks in: each part on a line of its own.
pub(super) fn search_text(parts: &[&str]) -> String {
    fold(&parts.join("\n"))
}
