//! Who asks: a bearer token, or a console session whose unsafe requests come from our own pages.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, Method, header, request::Parts},
};
use handover::{
    access::{Caller, Channel, Origin},
    error::Error,
    house::House,
};

use super::{
    error::ApiError,
    sketch::{Sketch, Takes},
    tagged,
};
use crate::{csrf, gateway::SESSION_COOKIE, request_id::RequestId};

/// A caller who is signed in.
pub(super) struct Signed(pub(super) Caller);

impl FromRequestParts<House> for Signed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, house: &House) -> Result<Self, ApiError> {
        let caller = caller_of(&parts.headers, &parts.method, house);
        let mut caller = caller.ok_or(ApiError::UseCase(Error::Unauthorized))?;
        caller.origin = origin(parts);
        caller.expects = tagged::expected(&parts.method, &parts.uri, &parts.headers);
        Ok(Self(caller))
    }
}

/// Whose token or session these headers show, as of now.
pub(super) fn caller_of(headers: &HeaderMap, method: &Method, house: &House) -> Option<Caller> {
    if let Some(given) = headers.get(header::AUTHORIZATION) {
        // A token that is wrong is refused, whoever's session comes along with it.
        let token = given.to_str().ok().and_then(bearer);
        return token.and_then(|token| house.signed_in.caller_of_token(token));
    }
    let trusted = method.is_safe() || csrf::is_own(headers);
    let cookie = session_cookie(headers).filter(|_| trusted);
    cookie.and_then(|cookie| house.signed_in.caller_of_session(cookie))
}

fn origin(parts: &Parts) -> Origin {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    Origin {
        address: peer.map(|ConnectInfo(peer)| peer.ip()),
        client: agent.map(|agent| agent.chars().take(200).collect()),
        channel: Channel::Api,
        request_id: parts.extensions.get::<RequestId>().map(|id| id.as_str().to_owned()),
    }
}

impl Takes for Signed {
    fn describe(sketch: &mut Sketch) {
        sketch.signed_in();
    }
}

fn bearer(given: &str) -> Option<&str> {
    let (scheme, token) = given.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn session_cookie(headers: &HeaderMap) -> Option<&str> {
    let given = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = given.flat_map(|text| text.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| name.trim() == SESSION_COOKIE).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::{bearer, session_cookie};

    #[test]
    fn the_scheme_is_read_in_any_case() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        assert_eq!(bearer("Basic abc"), None);
        assert_eq!(bearer("abc"), None);
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; b=2"));
        headers.append(header::COOKIE, HeaderValue::from_static("handover_session=s3; c=4"));
        assert_eq!(session_cookie(&headers), Some("s3"));
    }
}
