//! The console's door and its streams, over HTTP: who gets in, who may act, and how a page comes back.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that fails must stop")]

#[path = "support/process.rs"]
mod process;

use futures::StreamExt;
use process::{Handover, wait_for};
use reqwest::{Client, RequestBuilder, Response, StatusCode, header, redirect::Policy};

const PASSWORD: &str = "a password for these tests";

/// A browser without scripts, as far as HTTP is concerned.
struct Browser {
    client: Client,
    url: String,
    cookie: Option<String>,
}

impl Browser {
    fn of(server: &Handover) -> Self {
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { client, url: server.url.clone(), cookie: None }
    }

    async fn signed_in(server: &Handover) -> Self {
        let mut browser = Self::of(server);
        let answer = browser.sign_in(PASSWORD).await;
        assert_eq!(location(&answer), "/workloads");
        browser
    }

    fn with_cookie(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.cookie {
            Some(cookie) => request.header(header::COOKIE, format!("handover_session={cookie}")),
            None => request,
        }
    }

    async fn get(&self, path: &str) -> Response {
        let request = self.client.get(format!("{}{path}", self.url));
        self.with_cookie(request).send().await.unwrap()
    }

    /// A form of one of our own pages.
    fn form(&self, path: &str, fields: &'static str) -> RequestBuilder {
        let request = self
            .client
            .post(format!("{}{path}", self.url))
            .header(header::ORIGIN, &self.url)
            .header(header::REFERER, format!("{}/sign-in", self.url))
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(fields);
        self.with_cookie(request)
    }

    async fn sign_in(&mut self, password: &str) -> Response {
        let fields = format!("username=admin&password={}", password.replace(' ', "+"));
        let request = self.form("/_fn/sign-in", "").body(fields);
        let answer = request.send().await.unwrap();
        if let Some(cookie) = session_cookie(&answer) {
            self.cookie = Some(cookie);
        }
        answer
    }
}

fn location(answer: &Response) -> &str {
    answer.headers().get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
}

fn set_cookie(answer: &Response) -> Option<&str> {
    answer.headers().get(header::SET_COOKIE).map(|value| value.to_str().unwrap())
}

fn session_cookie(answer: &Response) -> Option<String> {
    let value = set_cookie(answer)?.strip_prefix("handover_session=")?;
    Some(value.split(';').next().unwrap_or_default().to_owned())
}

async fn start() -> Handover {
    Handover::start(&["--admin-password", PASSWORD]).await
}

#[tokio::test]
async fn only_who_signed_in_gets_further_than_the_door() {
    let server = start().await;
    let mut browser = Browser::of(&server);
    let answer = browser.get("/workloads?search=a").await;
    assert_eq!(location(&answer), "/sign-in?next=/workloads%3Fsearch%3Da");
    assert_eq!(browser.get("/live/workloads").await.status(), StatusCode::UNAUTHORIZED);

    let refused = browser.sign_in("not the password").await;
    assert!(location(&refused).contains("__err="), "{}", location(&refused));
    assert!(browser.get("/workloads").await.status().is_redirection());

    // An id that somebody planted beforehand must not become a session.
    browser.cookie = Some("AAAAAAAAAAAAAAAAAAAAAA".into());
    let answer = browser.sign_in(PASSWORD).await;
    let cookie = set_cookie(&answer).unwrap().to_owned();
    assert!(!cookie.contains("AAAAAAAAAAAAAAAAAAAAAA"), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "plain http would lose it: {cookie}");
    let page = browser.get("/workloads").await;
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'nonce-") && policy.contains("frame-ancestors 'none'"));
    assert_eq!(page.headers()[header::REFERRER_POLICY], "same-origin");
    assert_eq!(page.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    let text = page.text().await.unwrap();
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    for script in text.split("<script").skip(1) {
        assert!(script.contains(nonce), "a script without the nonce: {}", &script[..80]);
    }

    let out = browser.form("/_fn/sign-out", "").send().await.unwrap();
    assert_eq!(location(&out), "/sign-in");
    assert!(
        browser.get("/workloads").await.status().is_redirection(),
        "the old cookie is worth nothing"
    );
}

#[tokio::test]
async fn no_other_site_acts_with_a_session() {
    let server = start().await;
    let browser = Browser::signed_in(&server).await;
    let post = |name: &'static str, value: &str| {
        let url = format!("{}/_fn/create-demo", server.url);
        let request = browser.client.post(url).header(header::ACCEPT, "text/html");
        browser.with_cookie(request.header(name, value)).send()
    };
    for (name, value) in [
        ("origin", "http://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("x-nothing", "said"),
    ] {
        let answer = post(name, value).await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{name}: {value}");
    }
    assert_eq!(server.get("/workloads/").await["totalCount"], 0, "nothing was done");
    let answer = post("sec-fetch-site", "same-origin").await.unwrap();
    assert!(location(&answer).starts_with("/workloads/"), "our own page may");
}

#[tokio::test]
async fn the_api_is_explained_page_by_page() {
    let server = start().await;
    let browser = Browser::signed_in(&server).await;
    let read = async |path: &str| {
        let answer = browser.get(path).await;
        // Without the marks between texts.
        (answer.status(), answer.text().await.unwrap().replace("<!>", ""))
    };
    let document: serde_json::Value = {
        let url = format!("{}/api/v2/openapi.json", server.url);
        browser.client.get(url).send().await.unwrap().json().await.unwrap()
    };
    let (status, index) = read("/api/docs").await;
    assert_eq!(status, StatusCode::OK);
    let operations = document["paths"].as_object().unwrap().values();
    let operations = operations.flat_map(|item| item.as_object().unwrap().values());
    for operation in operations {
        let address =
            format!("/api/docs/operations/{}", operation["operationId"].as_str().unwrap());
        assert!(index.contains(&format!("href=\"{address}\"")), "{address} is not on the page");
        let (status, page) = read(&address).await;
        assert_eq!(status, StatusCode::OK, "{address}");
        for known in operation["responses"].as_object().unwrap().keys() {
            assert!(page.contains(&format!(">{known}</td>")), "{address} does not tell of {known}");
        }
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        let address = format!("/api/docs/shapes/{name}");
        assert!(index.contains(&format!("href=\"{address}\"")), "{address} is not on the page");
        assert_eq!(read(&address).await.0, StatusCode::OK, "{address}");
    }
    let (_, create) = read("/api/docs/operations/postWorkloads").await;
    assert!(create.contains("curl -X POST") && create.contains("/api/v2/workloads/"));
    assert_eq!(read("/api/docs/operations/nothing").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_link_lets_in_once_and_guessing_is_slowed_down() {
    let server = Handover::start(&[]).await;
    let mut browser = Browser::of(&server);
    let link = server.admin_link();
    let secret = link.split("link=").nth(1).unwrap();
    assert_eq!(browser.get(&format!("/welcome?link={secret}")).await.status(), StatusCode::OK);
    let press = || browser.form("/_fn/use-link", "").body(format!("link={secret}")).send();
    let answer = press().await.unwrap();
    assert_eq!(location(&answer), "/welcome/password");
    let again = press().await.unwrap();
    assert!(location(&again).contains("__err="), "used up");
    let trail = server.get("/audit/?action=session.sign_in").await;
    assert_eq!(trail["totalCount"], 1, "{trail}");
    assert_eq!(trail["data"][0]["actor"]["username"], "admin");
    assert_eq!(trail["data"][0]["source"]["channel"], "console");
    browser.cookie = session_cookie(&answer);
    let choose = |password: &'static str| browser.form("/_fn/choose-password", password).send();
    let short = choose("password=short&again=short").await.unwrap();
    assert!(location(&short).contains("__err="), "too short");
    let chosen = choose("password=a+password+for+these+tests&again=a+password+for+these+tests");
    assert_eq!(location(&chosen.await.unwrap()), "/workloads");

    for _ in 0..10 {
        browser.sign_in("wrong").await;
    }
    let answer = browser.sign_in(PASSWORD).await;
    assert!(location(&answer).contains("__err="), "even the right one has to wait now");
}

#[tokio::test]
async fn a_stream_says_when_to_look_and_ends_with_the_session() {
    let server = start().await;
    let browser = Browser::signed_in(&server).await;
    let workload = server.workload("watched", 1, &[]).await;
    let id = workload["id"].as_str().unwrap();
    let path = format!("/live/workloads/{id}");

    // Long before its minute is over, because something happened.
    let watching = browser.get(&format!("{path}?every=60")).await;
    assert_eq!(watching.headers()[header::CONTENT_TYPE], "text/event-stream");
    server.post(&format!("/workloads/{id}/stop/"), serde_json::json!({})).await;
    assert_eq!(first_event(watching).await, "look");
    // And without anything happening, in its time.
    assert_eq!(first_event(browser.get("/live/pulse?every=1").await).await, "look");

    let missing = browser.get("/live/workloads/000000000000000000000000").await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);

    let watching = browser.get(&format!("{path}?every=1")).await;
    let rest = tokio::spawn(async move { watching.bytes_stream().count().await });
    browser.form("/_fn/sign-out", "").send().await.unwrap();
    wait_for("the stream to end with its session", async || rest.is_finished().then_some(())).await;
    let stranger = Browser::of(&server).get(&path).await;
    assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
}

/// The name of a stream's first event.
async fn first_event(mut answer: Response) -> String {
    let mut text = String::new();
    while !text.contains("\n\n") || !text.contains("event:") {
        text.push_str(std::str::from_utf8(&answer.chunk().await.unwrap().unwrap()).unwrap());
    }
    let name = text.lines().find_map(|line| line.strip_prefix("event:"));
    name.unwrap_or_default().trim().to_owned()
}
