//! What a workload may not say to a browser, because it would speak for the whole origin that it shares with
//! the console.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{headers::strip_hop_by_hop, origin::is_ours};

/// Each of these acts beyond the page it came with: on the console's storage, scope, transport or reports.
const ORIGIN_WIDE: [HeaderName; 7] = [
    HeaderName::from_static("clear-site-data"),
    HeaderName::from_static("service-worker-allowed"),
    header::STRICT_TRANSPORT_SECURITY,
    header::ALT_SVC,
    HeaderName::from_static("nel"),
    HeaderName::from_static("report-to"),
    HeaderName::from_static("reporting-endpoints"),
];

/// Scripts of the page run, in an origin of their own: the console's pages and session are out of reach.
const SANDBOX: HeaderValue =
    HeaderValue::from_static("sandbox allow-scripts allow-forms allow-popups allow-downloads");

/// Makes the head of a workload's answer fit to be passed on.
pub(super) fn tame(headers: &mut HeaderMap, by_session: bool) {
    strip_hop_by_hop(headers);
    headers.remove(header::TE);
    tame_trailers(headers);
    if by_session {
        headers.append(header::CONTENT_SECURITY_POLICY, SANDBOX);
    }
}

/// The same for what comes after the body.
pub(super) fn tame_trailers(headers: &mut HeaderMap) {
    for name in &ORIGIN_WIDE {
        headers.remove(name);
    }
    let sets_ours = |value: &HeaderValue| {
        is_ours(value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default())
    };
    if headers.get_all(header::SET_COOKIE).iter().any(sets_ours) {
        let kept: Vec<_> = headers
            .get_all(header::SET_COOKIE)
            .iter()
            .filter(|value| !sets_ours(value))
            .cloned()
            .collect();
        headers.remove(header::SET_COOKIE);
        for value in kept {
            headers.append(header::SET_COOKIE, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::tame;

    fn with(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn a_workload_speaks_for_itself_only() {
        let hostile = [
            ("set-cookie", "handover_session=evil; Path=/"),
            ("set-cookie", "  HANDOVER_SESSION = evil"),
            ("set-cookie", "=handover_session=evil"),
            ("set-cookie", "handover_session"),
            ("set-cookie", "handover_zone=Asia/Tokyo"),
            ("clear-site-data", "\"*\""),
            ("service-worker-allowed", "/"),
            ("strict-transport-security", "max-age=1"),
            ("alt-svc", "h2=\"evil:443\""),
            ("nel", "{}"),
            ("report-to", "{}"),
            ("reporting-endpoints", "a=\"https://evil\""),
            ("connection", "close, x-hop"),
            ("x-hop", "1"),
        ];
        let harmless = [
            ("set-cookie", "theme=dark; Path=/"),
            ("set-cookie", "a=handover_session=x"),
            ("content-security-policy", "default-src 'self'"),
            ("location", "/elsewhere"),
        ];
        let mut headers = with(&hostile);
        headers.extend(with(&harmless));
        let mut by_token = headers.clone();
        tame(&mut by_token, false);
        assert_eq!(by_token, with(&harmless));

        tame(&mut headers, true);
        let policies = headers.get_all("content-security-policy").iter().collect::<Vec<_>>();
        assert_eq!(policies[0], "default-src 'self'", "the workload's own policy stays");
        assert_eq!(policies[1], "sandbox allow-scripts allow-forms allow-popups allow-downloads");
    }
}
