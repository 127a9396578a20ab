//! The nouns: plain data that knows nobody. It compiles to wasm too, so that the browser and the server
//! read the same words.

mod action;
mod artifact;
mod details;
mod event;
mod id;
mod log;
mod nulls;
mod proton;
mod record;
mod replacement;
mod replica;
mod repository;
mod request;
mod role;
mod runtime;
mod schema;
mod sharing;
mod stats;
mod time;
mod user;
mod words;
mod workload;

pub use action::*;
pub use artifact::*;
pub use details::*;
pub use event::*;
pub use id::*;
pub use log::*;
pub use proton::*;
pub use record::*;
pub use replacement::*;
pub use replica::*;
pub use repository::*;
pub use request::*;
pub use role::*;
pub use runtime::*;
pub(crate) use schema::text_schema;
pub use sharing::*;
pub use stats::*;
pub use time::*;
pub use user::*;
pub use words::UnknownWord;
pub(crate) use words::words;
pub use workload::*;
