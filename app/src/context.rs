//! What a page or a server function knows of its request.

use std::{
    future::Future,
    net::{IpAddr, SocketAddr},
};

use handover::{
    access::{Caller, Channel, Origin},
    error::Error,
    house::House,
    model::Timestamp,
};
use http::{StatusCode, header, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use serde::{Serialize, de::DeserializeOwned};
use tower_sessions::Session;

use crate::{
    refusal::Refusal,
    zone::{ZONE_COOKIE, Zone},
};

/// Given to every render by the server.
pub fn house() -> House {
    expect_context::<House>()
}

/// The fields of a form that was sent to the page itself, which then answers with what it makes of them.
#[derive(Debug, Clone)]
pub struct Posted(pub Vec<(String, String)>);

/// What was sent to this page; none when it is only looked at.
pub fn posted() -> Option<Posted> {
    parts()?.extensions.get::<Posted>().cloned()
}

fn parts() -> Option<Parts> {
    use_context::<Parts>()
}

/// Who asks, when they are signed in.
pub fn caller() -> Option<Caller> {
    let mut caller = parts()?.extensions.get::<Caller>().cloned()?;
    caller.origin = origin();
    Some(caller)
}

/// Everything a use case needs.
pub fn door() -> Result<(House, Caller), Error> {
    Ok((house(), caller().ok_or(Error::Unauthorized)?))
}

/// Where the request came from.
pub fn origin() -> Origin {
    let nothing = || Origin { channel: Channel::Console, ..Origin::default() };
    parts().map_or_else(nothing, |parts| origin_of(&parts))
}

/// Where a request came from whose answer is no page.
pub fn origin_of(parts: &Parts) -> Origin {
    let text = |name| parts.headers.get(name)?.to_str().ok();
    let agent = text(header::USER_AGENT.as_str());
    Origin {
        address: address(parts),
        client: agent.map(|agent| agent.chars().take(200).collect()),
        channel: Channel::Console,
        // Every request that gets here has been named.
        request_id: text("x-request-id").map(str::to_owned),
    }
}

fn address(parts: &Parts) -> Option<IpAddr> {
    let peer = parts.extensions.get::<axum::extract::ConnectInfo<SocketAddr>>();
    peer.map(|axum::extract::ConnectInfo(peer)| peer.ip())
}

pub fn session() -> Result<Session, Error> {
    parts().and_then(|parts| parts.extensions.get::<Session>().cloned()).ok_or(Error::Unauthorized)
}

/// Whether the page is asked for by itself, to see what changed or what it makes of what is typed, and not by a
/// person who went there or sent something. What was kept for that person stays for the page that answers them.
pub fn is_look() -> bool {
    parts().is_some_and(|parts| parts.headers.contains_key("x-handover-look"))
}

/// What the browser keeps under this name for the page.
pub fn cookie(name: &str) -> Option<String> {
    let parts = parts()?;
    let all = parts.headers.get_all(header::COOKIE).into_iter().filter_map(|one| one.to_str().ok());
    let mut pairs = all.flat_map(|one| one.split("; ")).filter_map(|pair| pair.split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
}

/// The path that was asked for.
pub fn path() -> String {
    parts().map(|parts| parts.uri.path().to_owned()).unwrap_or_default()
}

/// Where the browser goes next.
pub fn go(path: &str) {
    leptos_axum::redirect(path);
}

/// Goes back to the page that the form was on, or to `otherwise`.
pub fn go_back(otherwise: &str) {
    go(came_from().as_deref().unwrap_or(otherwise));
}

const SAID: &str = "said";

/// Says on the next page what was done.
pub async fn say(words: impl Into<String>) {
    if let Ok(session) = session() {
        say_in(&session, words).await;
    }
}

/// The same, for a request whose answer is no page.
pub async fn say_in(session: &Session, words: impl Into<String>) {
    if let Err(why) = session.insert(SAID, words.into()).await {
        tracing::warn!(error = &why as &dyn std::error::Error, "what was done could not be said");
    }
}

/// What was done by the action that led here, once. A page that only looks again leaves it to the one that the
/// person went to.
pub async fn take_said() -> Option<String> {
    if is_look() {
        return None;
    }
    session().ok()?.remove(SAID).await.ok().flatten()
}

/// `path` when it is one of ours, so that a link can't send a person elsewhere after signing in.
pub fn own_path(path: &str) -> &str {
    // What is no graphic ASCII can't stand in a header, and browsers read a backslash as a slash.
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let ours = path.starts_with('/') && !path.starts_with("//") && plain;
    if ours { path } else { "/workloads" }
}

pub fn status(code: StatusCode) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.set_status(code);
    }
}

pub fn now() -> Timestamp {
    house().now()
}

/// The zone of the person who reads, as their browser says; UTC until it does.
pub fn zone() -> Zone {
    let named = parts().and_then(|parts| {
        let cookies = parts.headers.get_all(header::COOKIE).iter();
        let cookies = cookies.filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            (name.trim() == ZONE_COOKIE).then(|| value.trim().to_owned())
        });
        pairs.next()
    });
    Zone::of_word(&named.unwrap_or_default())
}

/// Passes a success on. A refusal is kept in the session together with what was typed, and the browser goes
/// back to the form, which shows both.
pub async fn or_keep<F: Serialize, T>(
    name: &str,
    form: &F,
    outcome: Result<T, Refusal>,
) -> Result<T, Refusal> {
    if let (Err(refusal), Some(path)) = (&outcome, came_from()) {
        keep(name, form, refusal, &path).await?;
    }
    outcome
}

/// Keeps a refusal together with what was typed, for the page at `path`, where the browser goes.
pub async fn keep<F: Serialize>(
    name: &str,
    form: &F,
    refusal: &Refusal,
    path: &str,
) -> Result<(), Refusal> {
    if keep_in(&session()?, name, form, refusal).await {
        go(path);
    }
    Ok(())
}

/// The same, for a request whose answer is no page. Says whether it was kept.
pub async fn keep_in<F: Serialize>(
    session: &Session,
    name: &str,
    form: &F,
    refusal: &Refusal,
) -> bool {
    let kept = session.insert(&kept(name), (form, refusal)).await;
    if let Err(why) = &kept {
        tracing::warn!(error = why as &dyn std::error::Error, "a form could not be kept");
    }
    kept.is_ok()
}

/// What was typed and why it was refused, once.
pub async fn take_kept<F: DeserializeOwned>(name: &str) -> Option<(F, Refusal)> {
    if is_look() {
        return None;
    }
    session().ok()?.remove(&kept(name)).await.ok().flatten()
}

fn kept(name: &str) -> String {
    format!("kept:{name}")
}

/// The page of ours that the form is on.
fn came_from() -> Option<String> {
    let parts = parts()?;
    let referer = parts.headers.get(header::REFERER)?.to_str().ok()?;
    let (_, rest) = referer.split_once("://")?;
    let path = &rest[rest.find('/')?..];
    let clean = path.split("__path=").next().unwrap_or(path).trim_end_matches(['?', '&']);
    Some(own_path(clean).to_owned())
}

/// A page from a future: what it shows, or what went wrong and with which status.
pub fn page<V>(work: impl Future<Output = Result<V, Error>> + Send + 'static) -> impl IntoView
where
    V: IntoView + Send + 'static,
{
    let wrong = crate::pages::wrong::Wrong::here();
    Suspend::new(async move {
        match work.await {
            Ok(view) => view.into_any(),
            Err(error) => wrong.page(error).await.into_any(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn nobody_is_sent_elsewhere() {
        assert_eq!(own_path("/workloads/1?tab=a"), "/workloads/1?tab=a");
        for elsewhere in [
            "",
            "workloads",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nb",
            "/\u{fc}",
        ] {
            assert_eq!(own_path(elsewhere), "/workloads", "{elsewhere:?}");
        }
    }
}
