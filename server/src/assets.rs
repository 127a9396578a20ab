//! The files a page needs: script, WebAssembly, styles, icons. They are embedded in the binary, so it
//! runs from any directory and a page can never meet the files of another version.
//!
//! Names under `/pkg/` carry a content hash and are cached for a year; the rest is asked for again with
//! its ETag. Known limitation: no byte ranges; the largest file is a few hundred kilobytes.

use axum::{
    Router,
    body::{Body, Bytes},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
            VARY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
    routing::{any, get},
};

/// One embedded file, with the compressed copies that were worth making.
#[derive(Debug)]
pub struct Asset {
    /// The path it is served at.
    pub path: &'static str,
    pub mime: &'static str,
    /// Hash of the content, without quotes.
    pub etag: &'static str,
    pub identity: &'static [u8],
    pub gzip: Option<&'static [u8]>,
    pub brotli: Option<&'static [u8]>,
}

/// All embedded files, and the name under which pages ask for the script, the wasm and the styles.
#[derive(Debug, Clone, Copy)]
pub struct Assets {
    output_name: &'static str,
    files: &'static [Asset],
}

impl Assets {
    /// What a build without assets carries: pages come out complete, but without styles and scripts.
    pub const EMPTY: Self = Self { output_name: "handover", files: &[] };

    pub const fn new(output_name: &'static str, files: &'static [Asset]) -> Self {
        Self { output_name, files }
    }

    /// For `LeptosOptions::output_name`: `/pkg/<name>.js`, `/pkg/<name>_bg.wasm`, `/pkg/<name>.css`.
    pub const fn output_name(&self) -> &'static str {
        self.output_name
    }

    pub const fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// A route per file. What is not there under `/pkg/` is a plain 404, never a rendered page.
    pub fn routes<S: Clone + Send + Sync + 'static>(self) -> Router<S> {
        let hashed = format!("/pkg/{}", self.output_name);
        let missing = any(|| async { StatusCode::NOT_FOUND });
        self.files.iter().fold(Router::new().route("/pkg/{*path}", missing), |router, asset| {
            let immutable = asset.path.starts_with(&hashed);
            let answer =
                move |headers: HeaderMap| async move { answer(asset, immutable, &headers) };
            router.route(asset.path, get(answer))
        })
    }
}

fn answer(asset: &'static Asset, immutable: bool, asked: &HeaderMap) -> Response {
    let (encoding, body) = choose(asset, asked);
    // Each encoding is another sequence of bytes, so a strong ETag must tell them apart.
    let etag = match encoding {
        Some(encoding) => format!("\"{}-{encoding}\"", asset.etag),
        None => format!("\"{}\"", asset.etag),
    };
    let known = asked.get_all(IF_NONE_MATCH).iter().any(|value| matches(value, &etag));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(Bytes::from_static(body)))
    };
    let caching =
        if immutable { "public, max-age=31536000, immutable" } else { "public, no-cache" };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(ETAG, etag);
    }
    if !known {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.mime));
        if let Some(encoding) = encoding {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
    }
    response
}

/// The copy the client likes best; on a tie the smallest.
fn choose(asset: &Asset, asked: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    let copies = [(Some("br"), asset.brotli), (Some("gzip"), asset.gzip)];
    let mut best = (None, asset.identity);
    let mut best_weight = weight(asked, "identity").unwrap_or(1);
    for (encoding, body) in copies.into_iter().rev() {
        let wanted = encoding.and_then(|name| weight(asked, name)).unwrap_or(0);
        if let Some(body) = body
            && wanted > 0
            && wanted >= best_weight
        {
            (best, best_weight) = ((encoding, body), wanted);
        }
    }
    best
}

/// The weight of an encoding in thousandths, if the client said anything about it.
fn weight(asked: &HeaderMap, encoding: &str) -> Option<u32> {
    let mut any = None;
    for value in asked.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()) {
        for choice in value.split(',') {
            let mut parts = choice.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1000, thousandths);
            if name.eq_ignore_ascii_case(encoding) {
                return Some(weight);
            }
            if name == "*" && encoding != "identity" {
                any = Some(weight);
            }
        }
    }
    any
}

fn thousandths(weight: &str) -> u32 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    if whole != "0" {
        return 1000;
    }
    format!("{part:0<3.3}").parse().unwrap_or(0)
}

/// Whether an `If-None-Match` value names this ETag. The comparison is weak, as RFC 9110 §13.1.2 asks.
fn matches(value: &HeaderValue, etag: &str) -> bool {
    value.to_str().is_ok_and(|value| {
        value
            .split(',')
            .map(str::trim)
            .any(|known| known == "*" || known.trim_start_matches("W/") == etag)
    })
}

#[cfg(test)]
mod tests {
    use axum::{body::to_bytes, http::Request};
    use tower::ServiceExt;

    use super::*;

    const ASSETS: Assets = Assets::new(
        "handover.abc",
        &[
            Asset {
                path: "/pkg/handover.abc.js",
                mime: "text/javascript",
                etag: "e1",
                identity: b"identity",
                gzip: Some(b"gzip"),
                brotli: Some(b"brotli"),
            },
            Asset {
                path: "/favicon.svg",
                mime: "image/svg+xml",
                etag: "e2",
                identity: b"icon",
                gzip: None,
                brotli: None,
            },
        ],
    );

    async fn ask(path: &str, headers: &[(&str, &str)]) -> (Response, String) {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        let (parts, body) = ASSETS.routes::<()>().oneshot(request).await.unwrap().into_parts();
        let body = String::from_utf8(to_bytes(body, 1000).await.unwrap().to_vec()).unwrap();
        (Response::from_parts(parts, Body::empty()), body)
    }

    #[tokio::test]
    async fn sends_the_encoding_the_client_likes_best() {
        for (accepted, body, encoding) in [
            ("gzip, deflate, br, zstd", "brotli", Some("br")),
            ("gzip", "gzip", Some("gzip")),
            ("br;q=0.5, gzip;q=0.9, identity;q=0.1", "gzip", Some("gzip")),
            ("br;q=0, gzip;q=0", "identity", None),
            ("*", "brotli", Some("br")),
            ("*;q=0.5, br;q=0", "gzip", Some("gzip")),
            ("", "identity", None),
        ] {
            let (response, sent) =
                ask("/pkg/handover.abc.js", &[("accept-encoding", accepted)]).await;
            assert_eq!(sent, body, "for {accepted}");
            let named =
                response.headers().get(CONTENT_ENCODING).map(|value| value.to_str().unwrap());
            assert_eq!(named, encoding, "for {accepted}");
            assert_eq!(response.headers()[VARY], "accept-encoding");
        }
    }

    #[tokio::test]
    async fn a_known_representation_is_not_sent_again() {
        let (response, _) = ask("/pkg/handover.abc.js", &[("accept-encoding", "br")]).await;
        let etag = response.headers()[ETAG].to_str().unwrap().to_owned();
        let known = [("accept-encoding", "br"), ("if-none-match", etag.as_str())];
        let (again, body) = ask("/pkg/handover.abc.js", &known).await;
        assert_eq!((again.status(), body.as_str()), (StatusCode::NOT_MODIFIED, ""));
        // The same ETag says nothing about the other encoding.
        let (other, body) = ask("/pkg/handover.abc.js", &[("if-none-match", &etag)]).await;
        assert_eq!((other.status(), body.as_str()), (StatusCode::OK, "identity"));
    }

    #[tokio::test]
    async fn only_hashed_names_are_cached_for_good() {
        let (script, _) = ask("/pkg/handover.abc.js", &[]).await;
        assert_eq!(script.headers()[CACHE_CONTROL], "public, max-age=31536000, immutable");
        let (icon, _) = ask("/favicon.svg", &[]).await;
        assert_eq!(icon.headers()[CACHE_CONTROL], "public, no-cache");
        assert_eq!(icon.headers()[CONTENT_TYPE], "image/svg+xml");
        let (old, _) = ask("/pkg/handover.old.js", &[]).await;
        assert_eq!(old.status(), StatusCode::NOT_FOUND);
    }
}
