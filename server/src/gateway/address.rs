//! Whose endpoint a request is for, read from its target without decoding it: what `%2F` means is the
//! workload's business.

use std::borrow::Cow;

use http::{HeaderMap, Uri, header};

/// Everything under these paths belongs to workloads (rules.md §14).
const WORKLOADS: &str = "/api/v2/endpoints/workloads/";
const DEPLOYMENTS: &str = "/api/v2/endpoints/deployments/";

/// By which of its addresses a workload is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Whose<'a> {
    Workload(&'a str),
    Deployment(&'a str),
}

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
    let endpoint = [WORKLOADS, DEPLOYMENTS].iter().any(|below| uri.path().starts_with(below));
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

/// Who is asked for, and the target its replica is asked for; none when this is no endpoint.
pub(super) fn split(uri: &Uri) -> Option<(Whose<'_>, Cow<'_, str>)> {
    let path = uri.path_and_query()?.as_str();
    let (target, governed) = match path.strip_prefix(WORKLOADS) {
        Some(target) => (target, false),
        None => (path.strip_prefix(DEPLOYMENTS)?, true),
    };
    let end = target.find(['/', '?']).unwrap_or(target.len());
    let (id, rest) = target.split_at(end);
    let rest = if rest.starts_with('/') { rest.into() } else { format!("/{rest}").into() };
    Some((if governed { Whose::Deployment(id) } else { Whose::Workload(id) }, rest))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Uri, header};

    use super::{Place, Whose, place, split};

    #[test]
    fn the_prefix_goes_and_the_rest_stays_raw() {
        let of = |tail: &str| {
            let uri: Uri = format!("/api/v2/endpoints/workloads/{tail}").parse().unwrap();
            split(&uri).map(|(whose, rest)| match whose {
                Whose::Workload(id) => (id.to_owned(), rest.into_owned()),
                Whose::Deployment(_) => panic!("{uri} is no deployment"),
            })
        };
        let is = |id: &str, rest: &str| Some((id.to_owned(), rest.to_owned()));
        assert_eq!(of("w1"), is("w1", "/"));
        assert_eq!(of("w1?a=b"), is("w1", "/?a=b"));
        assert_eq!(of("w1/"), is("w1", "/"));
        assert_eq!(of("w1/a%2Fb/../c//d;e?x=%20&y=?/"), is("w1", "/a%2Fb/../c//d;e?x=%20&y=?/"));
        assert_eq!(of("w1//x"), is("w1", "//x"));
        assert_eq!(of(""), is("", "/"));
        assert_eq!(split(&"/api/v2/workloads/w1".parse().unwrap()), None);
        let governed: Uri = "/api/v2/endpoints/deployments/d1/a%2Fb?x".parse().unwrap();
        assert_eq!(split(&governed), Some((Whose::Deployment("d1"), "/a%2Fb?x".into())));
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
        let governed = "/api/v2/endpoints/deployments/d/";
        assert_eq!(at(governed, "run.example.com"), Place::Endpoint);
        assert_eq!(at(governed, "example.com"), Place::WrongHost);
        assert_eq!(at(endpoint, "example.com"), Place::WrongHost);
        assert_eq!(at("/workloads", "run.example.com"), Place::WrongHost);
        assert_eq!(at("/workloads", "example.com"), Place::Elsewhere);
    }
}
