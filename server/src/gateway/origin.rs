//! A browser that is signed in to the console sends its session along with whatever a page makes it send,
//! and a workload's page is somebody else's page. So a session may only read, unless the request says that
//! it comes from the console's own origin; a sandboxed page of a workload says `Origin: null`.
//!
//! Calls with a token are no browser's doing and are left alone.

use handover_app::zone::ZONE_COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header, request::Parts};

use super::{address, admission::SESSION_COOKIE, refused::Refused};

const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const SERVICE_WORKER: HeaderName = HeaderName::from_static("service-worker");

/// The console's origin as browsers write it.
#[derive(Debug)]
pub(super) struct Origin(String);

impl Origin {
    pub(super) fn of(public_url: &Uri) -> Self {
        let scheme = public_url.scheme_str().unwrap_or("http");
        let authority = public_url.authority().map_or("", |authority| authority.as_str());
        let default_port = if scheme == "https" { ":443" } else { ":80" };
        let authority = authority.strip_suffix(default_port).unwrap_or(authority);
        Self(format!("{scheme}://{authority}"))
    }

    /// Refuses what a session must not do. `changes_protocol`: the request asks for an upgrade.
    pub(super) fn guard(&self, request: &Parts, changes_protocol: bool) -> Result<(), Refused> {
        let headers = &request.headers;
        if is(headers, &SEC_FETCH_DEST, "serviceworker") || is(headers, &SERVICE_WORKER, "script") {
            return Err(Refused::ServiceWorker);
        }
        let reads = matches!(request.method, Method::GET | Method::HEAD | Method::OPTIONS);
        if (reads && !changes_protocol) || self.is_own(request) {
            Ok(())
        } else {
            Err(Refused::ForeignOrigin)
        }
    }

    /// The public URL's origin, or that of the host the browser asked: it can't be made to lie about either.
    fn is_own(&self, request: &Parts) -> bool {
        let Some(given) = request.headers.get(header::ORIGIN).and_then(|o| o.to_str().ok()) else {
            return false;
        };
        let host = address::host(&request.uri, &request.headers);
        let same_host = |(scheme, authority): (&str, &str)| {
            matches!(scheme, "http" | "https")
                && host.is_some_and(|host| host.eq_ignore_ascii_case(authority))
        };
        given.eq_ignore_ascii_case(&self.0) || given.split_once("://").is_some_and(same_host)
    }
}

fn is(headers: &HeaderMap, name: &HeaderName, value: &str) -> bool {
    headers.get(name).is_some_and(|given| given.as_bytes().eq_ignore_ascii_case(value.as_bytes()))
}

/// Takes what is the console's own out of what is passed on to a workload. Several `Cookie` headers, as HTTP/2 sends
/// them, become one.
pub(super) fn hide_ours(headers: &mut HeaderMap) {
    let mut cookies = headers.get_all(header::COOKIE).iter().peekable();
    if cookies.peek().is_none() {
        return;
    }
    let mut kept: Vec<u8> = Vec::new();
    for pair in cookies.flat_map(|value| value.as_bytes().split(|byte| *byte == b';')) {
        let pair = pair.trim_ascii();
        if pair.is_empty() || is_ours(pair) {
            continue;
        }
        if !kept.is_empty() {
            kept.extend_from_slice(b"; ");
        }
        kept.extend_from_slice(pair);
    }
    headers.remove(header::COOKIE);
    if let (false, Ok(kept)) =
        (kept.is_empty(), HeaderValue::from_maybe_shared(bytes::Bytes::from(kept)))
    {
        headers.insert(header::COOKIE, kept);
    }
}

/// Is this `name=value` one of the console's own, the session's or that of the reader's zone? Read as loosely as any browser might: `=name=value` is stored as a
/// cookie without a name and sent back as `name=value`.
pub(super) fn is_ours(pair: &[u8]) -> bool {
    let blank = |byte: &u8| *byte == b'=' || byte.is_ascii_whitespace();
    let start = pair.iter().position(|byte| !blank(byte)).unwrap_or(pair.len());
    let name = pair[start..].split(|byte| *byte == b'=').next().unwrap_or_default();
    let name = name.trim_ascii();
    [SESSION_COOKIE, ZONE_COOKIE].iter().any(|ours| name.eq_ignore_ascii_case(ours.as_bytes()))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Method, Request, Uri, header, request::Parts};

    use super::{Origin, hide_ours};

    fn cookies(given: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in given {
            headers.append(header::COOKIE, HeaderValue::from_static(value));
        }
        hide_ours(&mut headers);
        assert!(headers.get_all(header::COOKIE).iter().count() <= 1);
        headers.get(header::COOKIE).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_workload_never_sees_what_is_ours() {
        assert_eq!(cookies(&["handover_session=s", "handover_zone=Europe/Berlin"]), None);
        assert_eq!(cookies(&["a=1;handover_session=s ; b=2"]).as_deref(), Some("a=1; b=2"));
        assert_eq!(cookies(&["a=1", "Handover_Session =s", "b=2"]).as_deref(), Some("a=1; b=2"));
        assert_eq!(cookies(&["xhandover_session=s"]).as_deref(), Some("xhandover_session=s"));
        assert_eq!(cookies(&["=handover_session=s; \thandover_session"]), None);
    }

    fn request(method: Method, headers: &[(&'static str, &'static str)]) -> Parts {
        let mut request = Request::builder().method(method).header("host", "console.test:3000");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_session_changes_things_only_from_the_console_itself() {
        let origin = Origin::of(&Uri::from_static("https://console.example.com:443"));
        let post = |given: &'static str| {
            origin.guard(&request(Method::POST, &[("origin", given)]), false).is_ok()
        };
        assert!(post("https://console.example.com") && post("http://console.test:3000"));
        for foreign in
            ["null", "http://evil.example", "https://console.example.com.evil", "file://"]
        {
            assert!(!post(foreign), "{foreign}");
        }
        let reads = request(Method::GET, &[]);
        assert!(origin.guard(&reads, false).is_ok());
        assert!(origin.guard(&reads, true).is_err(), "an upgrade is not a read");
        assert!(origin.guard(&request(Method::DELETE, &[]), false).is_err());
        for header in [("sec-fetch-dest", "serviceworker"), ("service-worker", "script")] {
            assert!(origin.guard(&request(Method::GET, &[header]), false).is_err());
        }
    }
}
