//! What the gateway answers in its own name. The body carries both keys that clients look for
//! (rules.md §3).

use handover::traffic::Refusal;
use http::{HeaderValue, Response, StatusCode, header};

use super::body::Outgoing;

/// Why a request did not reach a workload, or its answer did not come back.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("No valid API key or session was given. Send 'Authorization: Bearer <token>'.")]
    NoKey,
    #[error("There is no such workload, or you may not use it.")]
    NotFound,
    #[error("Endpoints and console live on different hosts here; this path is on the other one.")]
    WrongHost,
    #[error("A signed-in browser may send this only from the console's own pages.")]
    ForeignOrigin,
    #[error("A workload can't install a service worker on the console's origin.")]
    ServiceWorker,
    #[error("{0}")]
    NotServing(Refusal),
    #[error("The workload's replica could not be reached: {0}")]
    Unreachable(std::io::Error),
    #[error("The workload's replica did not accept a connection in time.")]
    ConnectTimeout,
    #[error(
        "The workload's replica closed the connection or broke the protocol before it answered."
    )]
    NoAnswer,
    #[error("The server failed to answer; its log says why.")]
    Internal,
}

impl Refused {
    fn status(&self) -> StatusCode {
        match self {
            Self::NoKey => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongHost => StatusCode::MISDIRECTED_REQUEST,
            Self::ForeignOrigin | Self::ServiceWorker => StatusCode::FORBIDDEN,
            Self::NotServing(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Unreachable(_) | Self::NoAnswer => StatusCode::BAD_GATEWAY,
            Self::ConnectTimeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(super) fn into_response(self) -> Response<Outgoing> {
        let said = self.to_string();
        let body = serde_json::json!({ "message": said, "detail": said }).to_string();
        let mut response = Response::new(Outgoing::whole(body));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Self::NoKey => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::NotServing(_) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            }
            _ => {}
        }
        response
    }
}
