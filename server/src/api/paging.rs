//! Pages of lists, and the absolute addresses of the pages beside them (rules.md §2).

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, OriginalUri},
    http::{
        header,
        request::Parts,
        uri::{Authority, Uri},
    },
};
use handover::{house::House, model::Page, store::Paging};

use super::{
    answer::Listed,
    query::Query,
    sketch::{Sketch, Takes},
};

/// The most records on one page, unless the resource says otherwise.
pub(super) const MOST: u64 = 100;

/// Records on a page when the client does not say.
pub(super) const DEFAULT: u64 = 10;

pub(super) fn paging(query: &mut Query, most: u64) -> Paging {
    // A database counts in signed numbers.
    let offset = query.number("offset", 0, i64::MAX as u64, 0);
    Paging { offset, limit: query.number("limit", 1, most, DEFAULT) }
}

/// All there is in the envelope of lists, for what is never many.
pub(super) fn whole<T>(all: Vec<T>) -> Listed<T> {
    let total_count = all.len() as u64;
    Listed { count: all.len(), total_count, data: all, next: None, previous: None }
}

/// The address the client used: clients follow `next` only on the host they asked.
pub(super) struct Asked {
    origin: String,
    uri: Uri,
}

impl FromRequestParts<House> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, house: &House) -> Result<Self, Infallible> {
        let OriginalUri(uri) = OriginalUri::from_request_parts(parts, house).await?;
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let host = host.or_else(|| uri.authority().map(Authority::as_str));
        let host = host.filter(|host| host.parse::<Authority>().is_ok());
        Ok(Self { origin: origin(host, &house.settings.public_url), uri })
    }
}

impl Takes for Asked {
    fn describe(_: &mut Sketch) {}
}

/// We speak plain HTTP ourselves; behind a proxy that adds TLS, the public URL says so.
fn origin(host: Option<&str>, public_url: &str) -> String {
    let public_host = public_url.split_once("://").map(|(_, rest)| rest);
    match host {
        Some(host) if public_host.is_none_or(|public| !public.eq_ignore_ascii_case(host)) => {
            format!("http://{host}")
        }
        _ => public_url.to_owned(),
    }
}

impl Asked {
    /// An absolute address on the same host.
    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// One page in the envelope of all lists.
    pub(super) fn envelope<T>(&self, page: Page<T>, at: Paging) -> Listed<T> {
        let Paging { offset, limit } = at;
        let after = offset.saturating_add(limit);
        let next = (after < page.total).then(|| self.page(after, limit));
        let previous = (offset > 0).then(|| self.page(offset.saturating_sub(limit), limit));
        Listed {
            count: page.items.len(),
            total_count: page.total,
            data: page.items,
            next,
            previous,
        }
    }

    /// The same question for another page: every other parameter stays as it was sent.
    fn page(&self, offset: u64, limit: u64) -> String {
        let kept = self.uri.query().unwrap_or_default().split('&').filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            !pair.is_empty() && name != "offset" && name != "limit"
        });
        let mut query: Vec<String> = kept.map(str::to_owned).collect();
        query.push(format!("offset={offset}"));
        query.push(format!("limit={limit}"));
        self.at(&format!("{}?{}", self.uri.path(), query.join("&")))
    }
}

#[cfg(test)]
mod tests {
    use handover::{model::Page, store::Paging};

    use super::{Asked, origin};

    #[test]
    fn neighbours_keep_every_other_parameter() {
        let asked = Asked {
            origin: "http://h:1".into(),
            uri: "/api/v2/workloads/?limit=2&status=running&offset=2&search=a%26b".parse().unwrap(),
        };
        let page = Page { items: vec![3, 4], total: 5 };
        let body = asked.envelope(page, Paging { offset: 2, limit: 2 });
        let at = "http://h:1/api/v2/workloads/?status=running&search=a%26b";
        assert_eq!(body.next, Some(format!("{at}&offset=4&limit=2")));
        assert_eq!(body.previous, Some(format!("{at}&offset=0&limit=2")));
        let last =
            asked.envelope(Page { items: vec![5], total: 5 }, Paging { offset: 4, limit: 2 });
        assert_eq!(last.next, None);
    }

    #[test]
    fn the_scheme_is_that_of_the_public_url_on_its_host_only() {
        let public = "https://console.example.com";
        assert_eq!(origin(Some("console.example.com"), public), public);
        assert_eq!(origin(Some("127.0.0.1:3000"), public), "http://127.0.0.1:3000");
        assert_eq!(origin(None, public), public);
    }
}
