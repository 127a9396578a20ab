//! Whose endpoint a request is for, read from its target without decoding it: what `%2F` means is the
//! workload's business.

use std::borrow::Cow;

use http::{HeaderMap, Uri, header};

/// Everything under this path belongs to workloads (rules.md §14).
pub const ENDPOINTS: &str = "/api/v2/endpoints/workloads/";

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    Endpoint,
    /// Pages and API.
    Elsewhere,
    /// An endpoint asked for on the console's host, or the reverse, while they are kept apart.
    WrongHost,
}

pub(super) fn place(uri: &Uri, headers: &HeaderMap, endpoint_host: Option<&str>) -> Place {
    let endpoint = uri.path().starts_with(ENDPOINTS);
    let Some(wanted) = endpoint_host else {
        return if endpoint { Place::Endpoint } else { Place::Elsewhere };
    };
    match (endpoint, host(uri, headers).is_some_and(|given| is_host(wanted, given))) {
        (true, true) => Place::Endpoint,
        (false, false) => Place::Elsewhere,
        _ => Place::WrongHost,
    }
}

/// The host the client asked for, with its port if it named one. The target outranks the header.
pub(super) fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    match uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => headers.get(header::HOST)?.to_str().ok(),
    }
}

fn is_host(wanted: &str, given: &str) -> bool {
    let bare = |text: &str| match text.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host.len(),
        _ => text.len(),
    };
    let same_name = wanted.eq_ignore_ascii_case(&given[..bare(given)]);
    same_name || wanted.eq_ignore_ascii_case(given)
}

/// The workload's id, and the target its replica is asked for; none when this is no endpoint.
pub(super) fn split(uri: &Uri) -> Option<(&str, Cow<'_, str>)> {
    let target = uri.path_and_query()?.as_str().strip_prefix(ENDPOINTS)?;
    let end = target.find(['/', '?']).unwrap_or(target.len());
    let (id, rest) = target.split_at(end);
    let rest = if rest.starts_with('/') { rest.into() } else { format!("/{rest}").into() };
    Some((id, rest))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Uri, header};

    use super::{Place, place, split};

    #[test]
    fn the_prefix_goes_and_the_rest_stays_raw() {
        let of = |tail: &str| {
            let uri: Uri = format!("/api/v2/endpoints/workloads/{tail}").parse().unwrap();
            split(&uri).map(|(id, rest)| (id.to_owned(), rest.into_owned()))
        };
        let is = |id: &str, rest: &str| Some((id.to_owned(), rest.to_owned()));
        assert_eq!(of("w1"), is("w1", "/"));
        assert_eq!(of("w1?a=b"), is("w1", "/?a=b"));
        assert_eq!(of("w1/"), is("w1", "/"));
        assert_eq!(of("w1/a%2Fb/../c//d;e?x=%20&y=?/"), is("w1", "/a%2Fb/../c//d;e?x=%20&y=?/"));
        assert_eq!(of("w1//x"), is("w1", "//x"));
        assert_eq!(of(""), is("", "/"));
        assert_eq!(split(&"/api/v2/workloads/w1".parse().unwrap()), None);
    }

    #[test]
    fn a_host_of_their_own_keeps_endpoints_and_console_apart() {
        let at = |path: &str, host: &str| {
            let headers = HeaderMap::from_iter([(
                header::HOST,
                HeaderValue::from_str(host).expect("a header"),
            )]);
            place(&path.parse().unwrap(), &headers, Some("run.example.com"))
        };
        let endpoint = "/api/v2/endpoints/workloads/w/";
        assert_eq!(at(endpoint, "run.example.com:3000"), Place::Endpoint);
        assert_eq!(at(endpoint, "RUN.example.com"), Place::Endpoint);
        assert_eq!(at(endpoint, "example.com"), Place::WrongHost);
        assert_eq!(at("/workloads", "run.example.com"), Place::WrongHost);
        assert_eq!(at("/workloads", "example.com"), Place::Elsewhere);
    }
}
