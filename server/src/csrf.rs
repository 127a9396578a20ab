//! No other site may act with a person's session.
//!
//! A browser sends the cookie with whatever a page makes it send, so an unsafe request that is authorised by
//! the cookie must show that one of our own pages made it. Browsers say so themselves: `Sec-Fetch-Site` where
//! they have it, `Origin` otherwise. Workloads share our origin, but their pages are sandboxed by the gateway,
//! which makes their origin opaque: what they send reads `cross-site` and `Origin: null`, and is refused here.
//!
//! A request that says neither is refused too. Programs use a bearer token, which no browser adds by itself.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Refuses an unsafe request that none of our pages made.
pub async fn layer(request: Request, next: Next) -> Response {
    if is_safe(request.method()) || is_own(request.headers()) {
        return next.run(request).await;
    }
    let why = "This request did not come from a page of this console, so nothing was done.";
    (StatusCode::FORBIDDEN, why).into_response()
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether one of our own pages made the request.
pub fn is_own(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => match (text(header::ORIGIN.as_str()), text(header::HOST.as_str())) {
            (Some(origin), Some(host)) => authority(origin) == Some(host),
            _ => false,
        },
    }
}

fn authority(origin: &str) -> Option<&str> {
    origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    use super::is_own;

    fn says(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers: HeaderMap = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        is_own(&headers)
    }

    #[test]
    fn only_our_own_pages_act() {
        assert!(says(&[("sec-fetch-site", "same-origin"), ("host", "a")]));
        assert!(says(&[("origin", "http://127.0.0.1:3000"), ("host", "127.0.0.1:3000")]));
        assert!(!says(&[("sec-fetch-site", "cross-site"), ("origin", "http://a"), ("host", "a")]));
        assert!(!says(&[("sec-fetch-site", "same-site")]), "another port or subdomain");
        assert!(!says(&[("sec-fetch-site", "none")]), "nobody types a POST");
        assert!(!says(&[("origin", "null"), ("host", "127.0.0.1:3000")]), "a sandboxed workload");
        assert!(!says(&[("origin", "http://evil.example"), ("host", "127.0.0.1:3000")]));
        assert!(!says(&[("host", "127.0.0.1:3000")]), "a program must use its token");
    }
}
