//! Calls the endpoint from its page, by the person's own right to invoke, and shows what came back as text.
//!
//! The call goes to this workload's endpoint and nowhere else: of what is typed only the path below it, the
//! query, headers and body are used, and no header that says who asks, where to, or how the connection is used.
//! The last call stays with the session until the next one, so that a reload shows it again.

use handover::{
    access::Via,
    model::{Millis, WorkloadId},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};
use leptos::{prelude::*, server_fn::ServerFn};
use serde::{Deserialize, Serialize};

use crate::{
    actions::{TryEndpoint, TryForm},
    components::{
        field::{Area, Choice, Field},
        format::count,
        notice::Refused,
        time::When,
    },
    context,
    invoke::{Answer, Body, Call, End, Invoker},
    refusal::Refusal,
};

/// The name under which a refused request is kept.
pub const KEPT: &str = "try";

/// More of a request is a job for curl.
const LARGEST_BODY: usize = 64 * 1024;

const METHODS: [(&str, &str); 7] = [
    ("GET", "GET"),
    ("POST", "POST"),
    ("PUT", "PUT"),
    ("PATCH", "PATCH"),
    ("DELETE", "DELETE"),
    ("HEAD", "HEAD"),
    ("OPTIONS", "OPTIONS"),
];

/// Whoever sets these says who asks, where to, or how the connection is used.
const OURS: [&str; 16] = [
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "origin",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-real-ip",
];

/// A call that was made, and how it went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    form: TryForm,
    answer: Result<Answer, String>,
}

/// What the form shows: as it was sent last, or refused just now.
#[derive(Debug, Clone, Default)]
pub struct Attempt {
    form: TryForm,
    refusal: Option<Refusal>,
    answer: Option<Result<Answer, String>>,
}

fn key(id: &WorkloadId) -> String {
    format!("tried:{id}")
}

pub async fn load(id: &WorkloadId) -> Attempt {
    if let Some((form, refusal)) = context::take_kept(KEPT).await {
        return Attempt { form, refusal: Some(refusal), answer: None };
    }
    let Ok(session) = context::session() else { return Attempt::default() };
    match session.get::<Tried>(&key(id)).await.ok().flatten() {
        Some(tried) => Attempt { form: tried.form, refusal: None, answer: Some(tried.answer) },
        None => Attempt::default(),
    }
}

/// Keeps it for the page, instead of the one before.
pub async fn remember(id: &WorkloadId, tried: Tried) -> Result<(), Refusal> {
    let session = context::session()?;
    session.insert(&key(id), tried).await.map_err(|why| {
        tracing::warn!(error = &why as &dyn std::error::Error, "an answer could not be kept");
        Refusal::new(
            "The request was sent, but its answer could not be kept for the page. Try again.",
        )
    })
}

/// # Errors
/// What is wrong with the form, at its fields. That no answer came is no error: it is shown like one.
pub async fn send(id: &WorkloadId, form: &TryForm) -> Result<Tried, Refusal> {
    let (_, caller) = context::door()?;
    // The page is only for people; a token has the endpoint itself.
    let cookie = use_context::<Parts>()
        .and_then(|parts| parts.headers.get(header::COOKIE).cloned())
        .filter(|_| caller.via == Via::Session)
        .ok_or_else(|| Refusal::new("Sign in to try the endpoint from its page."))?;
    let method = METHODS.iter().find(|(word, _)| *word == form.method);
    let method = method.and_then(|(word, _)| word.parse::<Method>().ok());
    let method = method.ok_or_else(|| Refusal::at("method", "choose one of the list"))?;
    if form.body.len() > LARGEST_BODY {
        return Err(Refusal::at("body", "at most 64 KiB from this page; use curl for more"));
    }
    let call = Call {
        workload: id.clone(),
        cookie,
        method,
        path: path(&form.path)?,
        headers: headers(&form.headers, &form.body)?,
        body: form.body.clone(),
    };
    let answer = expect_context::<Invoker>().invoke(call).await;
    Ok(Tried { form: form.clone(), answer })
}

/// Below the endpoint. Whatever it says, it is taken as that: a `//host` or `../` names nothing else.
fn path(typed: &str) -> Result<String, Refusal> {
    let path = typed.trim().trim_start_matches('/');
    let plain =
        path.bytes().all(|byte| byte.is_ascii_graphic() && !br#"#"<>\^`{|}"#.contains(&byte));
    if plain {
        Ok(path.to_owned())
    } else {
        Err(Refusal::at(
            "path",
            "write what is no plain letter or sign as in an address, a space as %20; a # never gets to a server",
        ))
    }
}

fn headers(typed: &str, body: &str) -> Result<HeaderMap, Refusal> {
    let mut headers = HeaderMap::new();
    for line in typed.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let wrong = |why: &str| Refusal::at("headers", format!("'{line}': {why}"));
        let (name, value) =
            line.split_once(':').ok_or_else(|| wrong("write Name: value, one per line"))?;
        let name: HeaderName =
            name.trim().parse().map_err(|_| wrong("not the name of a header"))?;
        let value: HeaderValue =
            value.trim().parse().map_err(|_| wrong("not the value of a header"))?;
        if OURS.contains(&name.as_str()) || name.as_str().starts_with("x-forwarded-") {
            return Err(wrong("this one is set by the connection and by who you are"));
        }
        headers.append(name, value);
    }
    if !body.is_empty() && !headers.contains_key(header::CONTENT_TYPE) {
        let json = serde_json::from_str::<serde_json::Value>(body).is_ok();
        let kind = if json { "application/json" } else { "text/plain; charset=utf-8" };
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    Ok(headers)
}

#[component]
pub fn TryIt(id: WorkloadId, attempt: Attempt, running: bool) -> impl IntoView {
    let Attempt { form, refusal, answer } = attempt;
    let method = if form.method.is_empty() { "GET".to_owned() } else { form.method };
    let wrong = || refusal.clone().unwrap_or_default();
    let unfolded = !form.headers.is_empty() || !form.body.is_empty() || refusal.is_some();
    view! {
        <section class="card" id="try">
            <header><h2>"Try it"</h2></header>
            <form method="post" action=TryEndpoint::url() data-inline class="form-card">
                <Refused refusal=refusal.clone()/>
                {(!running).then(|| view! { <p class="banner warn">"It does not run now, so it answers with 503."</p> })}
                <input type="hidden" name="id" value=id.to_string()/>
                <div class="try-line">
                    <Choice label="Method" name="form[method]" value=method options=METHODS.to_vec()/>
                    <Field label="Path below the endpoint" name="form[path]" field="path" value=form.path placeholder="echo?name=value" refusal=wrong()/>
                </div>
                <details class="more" open=unfolded>
                    <summary>"Headers and body"</summary>
                    <Area label="Headers" name="form[headers]" field="headers" value=form.headers rows=3 placeholder="Accept: application/json" refusal=wrong() hint="Name: value, one per line."/>
                    <Area label="Body" name="form[body]" field="body" value=form.body rows=6 refusal=wrong() hint="Sent as JSON when it is JSON, else as text, unless a header says otherwise. A body is sent with any method that has one."/>
                </details>
                <div class="foot"><button type="submit" class="solid">"Send"</button>
                    <span class="hint">"Goes through the gateway with your own right to invoke, and counts like any request."</span></div>
            </form>
            {answer.map(|answer| view! { <div id="answer" class="answer" role="region" aria-label="Answer" tabindex="-1">{shown(answer)}</div> })}
        </section>
    }
}

fn shown(answer: Result<Answer, String>) -> impl IntoView {
    match answer {
        Err(why) => view! { <p class="banner bad">{why}</p> }.into_any(),
        Ok(answer) => view! { <Answered answer/> }.into_any(),
    }
}

#[component]
fn Answered(answer: Answer) -> impl IntoView {
    let tone = match answer.status {
        200..400 => "chip go",
        400..500 => "chip warn",
        _ => "chip bad",
    };
    let reason = http::StatusCode::from_u16(answer.status).ok();
    let reason = reason.and_then(|code| code.canonical_reason()).unwrap_or_default();
    let end = match answer.end {
        End::Complete => None,
        End::TooMuch => {
            Some("There is more; this page stopped reading here. Use curl for all of it.")
        }
        End::TooLong => Some("It was still going on; this page stopped listening here."),
        End::Broken => Some("The answer broke off here."),
    };
    let names =
        answer.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect::<String>();
    let empty = answer.bytes == 0;
    view! {
        <p class="answer-head">
            <span class=tone>{format!("{} {reason}", answer.status)}</span>
            <span>{format!("{} to the head, {} in all", Millis(answer.head_ms), Millis(answer.whole_ms))}</span>
            <span>{format!("{} bytes", count(answer.bytes))}</span>
            <span class="quiet"><When at=answer.at/></span>
        </p>
        <details><summary>{format!("{} headers", answer.headers.len())}</summary><pre class="code">{names}</pre></details>
        {match answer.body {
            _ if empty => view! { <p class="quiet">"No body."</p> }.into_any(),
            Body::Text(text) => view! { <pre class="code" tabindex="0" role="region" aria-label="Body of the answer">{text}</pre> }.into_any(),
            Body::Binary => view! { <p class="quiet">"The body is not text, so it is not shown."</p> }.into_any(),
        }}
        {end.map(|end| view! { <p class="warn-text">{end}</p> })}
    }
}

#[cfg(test)]
mod tests {
    use super::{headers, path};

    #[test]
    fn a_path_stays_below_the_endpoint() {
        assert_eq!(path(" /echo?a=%20b ").expect("fine"), "echo?a=%20b");
        assert_eq!(path("//evil.example/x").expect("fine"), "evil.example/x");
        assert_eq!(
            path("../../../workloads").expect("a path of the workload's own"),
            "../../../workloads"
        );
        for wrong in ["a b", "a\r\nHost: x", "a#b", "a\\b", "ü"] {
            assert_eq!(path(wrong).expect_err(wrong).fields[0].field, "path");
        }
    }

    #[test]
    fn headers_that_say_who_asks_are_refused() {
        let fine = headers("Accept: a\nX-Id: 1\nx-id: 2", "{}").expect("fine");
        assert_eq!(fine.get_all("x-id").iter().count(), 2);
        assert_eq!(fine["content-type"], "application/json");
        assert_eq!(headers("content-type: x/y", "{}").expect("fine")["content-type"], "x/y");
        for wrong in [
            "Cookie: a",
            "HOST: evil.example",
            "X-Forwarded-For: 1.2.3.4",
            "Authorization: Bearer x",
            "no colon",
            "bad name: x",
            "Transfer-Encoding: chunked",
            "Content-Length: 5",
        ] {
            assert_eq!(headers(wrong, "").expect_err(wrong).fields[0].field, "headers");
        }
    }
}
