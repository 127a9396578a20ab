//! Headers that belong to one connection and end here, in both directions.

use http::{HeaderMap, HeaderName, HeaderValue, header};

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");
const HTTP2_SETTINGS: HeaderName = HeaderName::from_static("http2-settings");

const HOP_BY_HOP: [HeaderName; 9] = [
    header::CONNECTION,
    KEEP_ALIVE,
    PROXY_CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    HTTP2_SETTINGS,
];

/// A sender may name any header in `Connection`; these mean something to us whatever it says.
const NEVER_BY_NAME: [HeaderName; 3] =
    [header::HOST, header::CONTENT_LENGTH, header::AUTHORIZATION];

/// Takes out what is only for this connection. Only the wish for trailers stays.
pub(super) fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let trailers = lists(headers, &header::TE, "trailers");
    if headers.contains_key(header::CONNECTION) {
        for name in named(headers) {
            headers.remove(name);
        }
    }
    if headers.contains_key(header::TRANSFER_ENCODING) {
        // Both lengths at once is how requests are smuggled; the chunks are what was read.
        headers.remove(header::CONTENT_LENGTH);
    }
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
    if trailers {
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
    }
}

fn named(headers: &HeaderMap) -> Vec<HeaderName> {
    elements(headers, &header::CONNECTION)
        .filter_map(|name| HeaderName::try_from(name).ok())
        .filter(|name| !NEVER_BY_NAME.contains(name))
        .collect()
}

/// The protocol a client wants to change to, if it is one that may pass.
///
/// A change to another version of HTTP or to TLS is between neighbours: passed on, it would open a tunnel
/// in which further requests are no longer looked at.
pub(super) fn upgrade(headers: &HeaderMap) -> Option<HeaderValue> {
    if !lists(headers, &header::CONNECTION, "upgrade") {
        return None;
    }
    let passes = |protocol: &str| {
        let name = protocol.split('/').next().unwrap_or_default();
        !["h2c", "h2", "http", "tls"].iter().any(|own| name.eq_ignore_ascii_case(own))
    };
    let mut wanted = elements(headers, &header::UPGRADE).peekable();
    wanted.peek()?;
    wanted.all(passes).then(|| headers.get(header::UPGRADE).cloned())?
}

/// Says on a request or an answer that the connection changes to `protocol`.
pub(super) fn set_upgrade(headers: &mut HeaderMap, protocol: HeaderValue) {
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, protocol);
}

fn lists(headers: &HeaderMap, name: &HeaderName, element: &str) -> bool {
    elements(headers, name).any(|given| given.eq_ignore_ascii_case(element))
}

/// The comma-separated elements of a header, wherever it stands.
fn elements<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|element| !element.is_empty())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::{strip_hop_by_hop, upgrade};

    fn with(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        headers.iter().map(pair).collect()
    }

    #[test]
    fn what_is_for_this_connection_ends_here() {
        let mut headers = with(&[
            ("connection", "close, X-Private , host,content-length"),
            ("x-private", "1"),
            ("keep-alive", "timeout=5"),
            ("proxy-authorization", "Basic x"),
            ("te", "gzip, trailers"),
            ("host", "example.com"),
            ("content-length", "3"),
            ("x-kept", "1"),
        ]);
        strip_hop_by_hop(&mut headers);
        let kept =
            [("host", "example.com"), ("content-length", "3"), ("x-kept", "1"), ("te", "trailers")];
        assert_eq!(headers, with(&kept));
    }

    #[test]
    fn two_lengths_become_one() {
        let mut headers = with(&[("transfer-encoding", "chunked"), ("content-length", "3")]);
        strip_hop_by_hop(&mut headers);
        assert!(headers.is_empty());
    }

    #[test]
    fn upgrades_pass_unless_they_would_open_a_tunnel_of_http() {
        let wanted = |connection, protocol| {
            upgrade(&with(&[("connection", connection), ("upgrade", protocol)])).is_some()
        };
        assert!(wanted("keep-alive, Upgrade", "websocket"));
        assert!(wanted("upgrade", "tcp"));
        assert!(!wanted("keep-alive", "websocket"));
        assert!(!wanted("upgrade, http2-settings", "h2c"));
        assert!(!wanted("upgrade", "websocket, H2C"));
        assert!(!wanted("upgrade", "TLS/1.0, HTTP/1.1"));
        assert!(!wanted("upgrade", ""));
    }
}
