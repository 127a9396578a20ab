//! Calls the endpoint of a workload for a person who tries it from its page.
//!
//! The call goes over the server's own port into the gateway, with the person's session, like any call of their
//! browser. So the gateway decides whether they may, wakes what sleeps, and counts it, and nothing of that is
//! done twice. The address is this server's own and fixed when it starts: nothing that a person types can lead
//! anywhere else.
//!
//! Known limitation: the workload sees the call as coming from this machine.

use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
};

use bytes::Bytes;
use handover::{house::House, model::Millis};
use handover_app::invoke::{Answer, Body, Call, End, Invoke};
use http::{HeaderMap, HeaderValue, Request, Response, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// How long a page waits for the beginning of an answer.
const HEAD_WITHIN: Millis = Millis::seconds(30);
/// How long it listens to the rest.
const REST_WITHIN: Millis = Millis::seconds(5);
/// How much of a body it reads, and of headers it shows.
const MOST_BODY: usize = 32 * 1024;
const MOST_HEADERS: usize = 60;
const LONGEST_HEADER: usize = 1000;

/// The way from the console to the endpoints.
pub(crate) struct Loopback {
    house: House,
    address: SocketAddr,
    /// The host that endpoints live on.
    host: String,
    origin: String,
}

impl Loopback {
    /// `address`: where this server listens. `endpoint_host`: where endpoints live when not with the console.
    pub(crate) fn new(house: House, address: SocketAddr, endpoint_host: Option<&str>) -> Self {
        let public: Uri = house.settings.public_url.parse().unwrap_or_default();
        let authority = public.authority().map_or_else(|| address.to_string(), ToString::to_string);
        let scheme = public.scheme_str().unwrap_or("http");
        Self {
            address: reachable(address),
            host: endpoint_host.map_or_else(|| authority.clone(), ToOwned::to_owned),
            origin: format!("{scheme}://{authority}"),
            house,
        }
    }

    async fn call(&self, call: Call) -> Result<Answer, String> {
        let clock = &self.house.clock;
        let started = clock.monotonic();
        let since = || clock.monotonic().saturating_sub(started).0;
        let at = self.house.now();
        let response = tokio::select! {
            response = self.head(call) => response?,
            () = clock.sleep(HEAD_WITHIN) => return Err(format!(
                "No answer came within {HEAD_WITHIN}, so this page stopped waiting. The workload may still be busy with the request."
            )),
        };
        let head_ms = since();
        let (parts, mut body) = response.into_parts();
        let mut read = Vec::new();
        let end = tokio::select! {
            end = drain(&mut body, &mut read) => end,
            () = clock.sleep(REST_WITHIN) => End::TooLong,
        };
        Ok(Answer {
            at,
            status: parts.status.as_u16(),
            head_ms,
            whole_ms: since(),
            headers: shown(&parts.headers),
            bytes: read.len() as u64,
            body: text(read, end),
            end,
        })
    }

    async fn head(&self, call: Call) -> Result<Response<Incoming>, String> {
        let failed = |what: &str, why: &dyn std::fmt::Display| {
            tracing::warn!(error = %why, "an endpoint could not be tried: {what}");
            format!("The server could not reach its own gateway: {what}. Its log says more.")
        };
        let request = self.request(call).map_err(|why| format!("That is no request: {why}."))?;
        let stream =
            TcpStream::connect(self.address).await.map_err(|why| failed("no connection", &why))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|why| failed("no handshake", &why))?;
        // Ends with the answer's body; how, shows there.
        tokio::spawn(connection);
        sender.send_request(request).await.map_err(|why| failed("no answer", &why))
    }

    fn request(&self, call: Call) -> Result<Request<Full<Bytes>>, http::Error> {
        let path = format!("/api/v2/endpoints/workloads/{}/{}", call.workload, call.path);
        let mut request = Request::builder()
            .method(call.method)
            .uri(Uri::builder().path_and_query(path).build()?)
            .body(Full::from(call.body))?;
        let headers = request.headers_mut();
        *headers = call.headers;
        let ours = [
            (header::HOST, HeaderValue::try_from(&self.host)?),
            (header::ORIGIN, HeaderValue::try_from(&self.origin)?),
            (header::COOKIE, call.cookie),
        ];
        headers.extend(ours);
        headers.entry(header::USER_AGENT).or_insert(HeaderValue::from_static("handover-console"));
        Ok(request)
    }
}

impl Invoke for Loopback {
    fn invoke(
        &self,
        call: Call,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, String>> + Send + '_>> {
        Box::pin(self.call(call))
    }
}

/// Who listens on every address is reached on the machine's own.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

async fn drain(body: &mut Incoming, read: &mut Vec<u8>) -> End {
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return End::Broken };
        let Some(piece) = frame.data_ref() else { continue };
        let room = MOST_BODY - read.len();
        read.extend_from_slice(&piece[..piece.len().min(room)]);
        if piece.len() > room {
            return End::TooMuch;
        }
    }
    End::Complete
}

/// As text, when it is; a character that was cut through at the end is left out.
fn text(read: Vec<u8>, end: End) -> Body {
    match String::from_utf8(read) {
        Ok(text) => Body::Text(text),
        Err(why) => {
            let cut = end != End::Complete && why.utf8_error().error_len().is_none();
            let whole = why.utf8_error().valid_up_to();
            match String::from_utf8(why.into_bytes().into_iter().take(whole).collect()) {
                Ok(text) if cut => Body::Text(text),
                _ => Body::Binary,
            }
        }
    }
}

fn shown(headers: &HeaderMap) -> Vec<(String, String)> {
    let value = |value: &HeaderValue| {
        String::from_utf8_lossy(value.as_bytes()).chars().take(LONGEST_HEADER).collect()
    };
    headers.iter().take(MOST_HEADERS).map(|(name, of)| (name.to_string(), value(of))).collect()
}

#[cfg(test)]
mod tests {
    use super::{Body, End, reachable, text};

    #[test]
    fn text_is_shown_and_nothing_else() {
        assert_eq!(text("grün".into(), End::Complete), Body::Text("grün".into()));
        let cut = "grü".as_bytes()[..3].to_vec();
        assert_eq!(text(cut.clone(), End::TooMuch), Body::Text("gr".into()));
        assert_eq!(text(cut, End::Complete), Body::Binary);
        assert_eq!(text(vec![0x89, 0x50, 0xff], End::Complete), Body::Binary);
    }

    #[test]
    fn who_listens_everywhere_is_reached_here() {
        let of = |text: &str| reachable(text.parse().expect("an address")).to_string();
        assert_eq!(of("0.0.0.0:3000"), "127.0.0.1:3000");
        assert_eq!(of("[::]:3000"), "[::1]:3000");
        assert_eq!(of("192.0.2.7:80"), "192.0.2.7:80");
    }
}
