//! Calling the endpoint of a workload as the person who looks at its page.
//!
//! The page knows only what is asked and what comes back. How the call is made is the server's business: it
//! goes through the gateway like any other, so the gateway decides whether this person may.

use std::{pin::Pin, sync::Arc};

use handover::model::{Timestamp, WorkloadId};
use serde::{Deserialize, Serialize};

/// A call, ready to be sent.
#[derive(Debug, Clone)]
pub struct Call {
    pub workload: WorkloadId,
    /// The session of the person, by whose right it is made.
    pub cookie: http::HeaderValue,
    pub method: http::Method,
    /// Below the endpoint, without a slash before it; with the query.
    pub path: String,
    pub headers: http::HeaderMap,
    pub body: String,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    pub at: Timestamp,
    pub status: u16,
    /// Until the head was there, and until the page stopped reading.
    pub head_ms: u64,
    pub whole_ms: u64,
    pub headers: Vec<(String, String)>,
    pub body: Body,
    /// Bytes that were read.
    pub bytes: u64,
    pub end: End,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    Text(String),
    /// Not text: only its size is told.
    Binary,
}

/// Why reading ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    Complete,
    /// There was more than is shown.
    TooMuch,
    /// It had not ended after the time a page waits, as with a stream of events.
    TooLong,
    /// The connection broke off.
    Broken,
}

/// Makes calls. Bounded in time and size, and only to the endpoint of the workload.
pub trait Invoke: Send + Sync + 'static {
    /// The answer, or a sentence that says why there is none.
    fn invoke(
        &self,
        call: Call,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, String>> + Send + '_>>;
}

/// Given to every render by the server.
pub type Invoker = Arc<dyn Invoke>;
