//! May this request use this endpoint? Asked of whoever knows the tokens and sessions, answered from
//! memory, so that a revoked token stops working at once and a slow store never delays a request.

use handover::traffic::Endpoint;
use http::{HeaderMap, header};

/// The console's session cookie. Workloads share the console's origin, so they must neither see it nor
/// set it.
pub const SESSION_COOKIE: &str = "handover_session";

/// Knows who may invoke what. Called on the gateway's threads: it must not block.
pub trait Admit: Send + Sync + 'static {
    /// May whoever holds this token invoke `endpoint`? Without an endpoint there is no such workload, and
    /// the question is only whether the token is known.
    fn bearer(&self, token: &str, endpoint: Option<&Endpoint>) -> Admission;

    /// The same for the value of the session cookie.
    fn session(&self, cookie: &str, endpoint: Option<&Endpoint>) -> Admission;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    Yes,
    /// The key is not known: 401.
    Unknown,
    /// The caller is known and may not see the workload: 404, as if there were none.
    Forbidden,
}

/// What a caller shows. A token decides even when a session comes with it, because a program that names
/// its key means that one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Key<'a> {
    Bearer(&'a str),
    Session(&'a str),
    None,
}

impl<'a> Key<'a> {
    pub(super) fn of(headers: &'a HeaderMap) -> Self {
        if let Some(token) = bearer(headers) {
            return Self::Bearer(token);
        }
        session(headers).map_or(Self::None, Self::Session)
    }

    pub(super) fn ask(&self, admit: &dyn Admit, endpoint: Option<&Endpoint>) -> Admission {
        match self {
            Self::Bearer(token) => admit.bearer(token, endpoint),
            Self::Session(cookie) => admit.session(cookie, endpoint),
            Self::None => Admission::Unknown,
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn session(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == SESSION_COOKIE).then_some(value))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue, header};

    use super::Key;

    fn with(headers: &[(HeaderName, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn a_token_decides_over_a_session_and_other_schemes_are_no_key() {
        let cookie = (header::COOKIE, "a=1; handover_session=s; b=2");
        let bearer = (header::AUTHORIZATION, "bearer  t");
        let basic = (header::AUTHORIZATION, "Basic dTpw");
        assert_eq!(Key::of(&with(&[cookie.clone(), bearer.clone()])), Key::Bearer("t"));
        assert_eq!(Key::of(&with(&[cookie.clone(), basic.clone()])), Key::Session("s"));
        assert_eq!(Key::of(&with(&[(header::COOKIE, "a=1"), cookie])), Key::Session("s"));
        assert_eq!(Key::of(&with(&[basic])), Key::None);
        assert_eq!(Key::of(&with(&[(header::COOKIE, "xhandover_session=s")])), Key::None);
    }
}
