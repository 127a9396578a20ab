//! Events as they happen (rules.md §17.3).

use futures::StreamExt;
use handover::model::{Millis, Scope};
use reqwest::Response;
use serde_json::{Value, json};

use crate::server::{Server, TOKEN, id};

/// One client that follows.
struct Follower {
    answer: futures::stream::BoxStream<'static, reqwest::Result<Vec<u8>>>,
    unread: String,
}

/// One message: its number, its name and what it holds.
#[derive(Debug)]
struct Message {
    number: i64,
    name: String,
    data: Value,
}

async fn open(server: &Server, path: &str, last: Option<i64>) -> Response {
    open_as(server, TOKEN, path, last).await
}

async fn open_as(server: &Server, token: &str, path: &str, last: Option<i64>) -> Response {
    let mut request = server.client.get(server.api(path)).bearer_auth(token);
    if let Some(last) = last {
        request = request.header("last-event-id", last.to_string());
    }
    request.send().await.unwrap()
}

async fn follow(server: &Server, path: &str, last: Option<i64>) -> Follower {
    following(open(server, path, last).await)
}

fn following(answer: Response) -> Follower {
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let answer = answer.bytes_stream().map(|piece| piece.map(|bytes| bytes.to_vec())).boxed();
    Follower { answer, unread: String::new() }
}

impl Follower {
    /// None when the stream has ended.
    async fn next(&mut self) -> Option<Message> {
        let reading = async {
            loop {
                if let Some((message, rest)) = self.unread.split_once("\n\n") {
                    let (message, rest) = (message.to_owned(), rest.to_owned());
                    self.unread = rest;
                    let field = |name: &str| {
                        let mut lines = message.lines();
                        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
                    };
                    // A heartbeat has no data.
                    let Some(data) = field("data") else { continue };
                    return Some(Message {
                        number: field("id").unwrap().parse().unwrap(),
                        name: field("event").unwrap_or_default().to_owned(),
                        data: serde_json::from_str(data).unwrap(),
                    });
                }
                let piece = self.answer.next().await?.ok()?;
                self.unread.push_str(std::str::from_utf8(&piece).unwrap());
            }
        };
        let limit = std::time::Duration::from_mins(1);
        tokio::time::timeout(limit, reading).await.expect("no event came in time")
    }

    async fn until(&mut self, kind: &str) -> Vec<Message> {
        let mut seen = Vec::new();
        loop {
            seen.push(self.next().await.expect("the stream ended"));
            if seen.last().unwrap().data["eventType"] == kind {
                return seen;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_come_as_they_happen_and_none_is_missed_or_repeated() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("followed", &draft).await;
    let mut all = follow(&server, "/events/stream", None).await;
    let start = all.next().await.unwrap();
    assert_eq!((start.name.as_str(), &start.data["sequence"]), ("start", &json!(start.number)));
    let path = format!("/workloads/{workload}/events/stream/");
    let mut one = follow(&server, &path, Some(start.number)).await;

    server.patch(&format!("/workloads/{workload}/"), json!({ "name": "renamed" })).await.is(200);
    let other = server.draft("2", &[]).await;
    server.post(&format!("/workloads/{workload}/stop"), json!({})).await.is(202);
    let seen = all.until("WorkloadStopped").await;
    let kinds: Vec<_> = seen.iter().map(|message| message.data["eventType"].clone()).collect();
    assert!(kinds.contains(&json!("MetadataChanged")) && kinds.contains(&json!("ArtifactCreated")));
    assert!(seen.iter().any(|message| message.data["artifactId"] == json!(other)));
    let numbers: Vec<_> = seen.iter().map(|message| message.number).collect();
    let expected: Vec<_> = (start.number + 1..).take(numbers.len()).collect();
    assert_eq!(numbers, expected, "an administrator sees every number once");

    let own = one.until("WorkloadStopped").await;
    assert!(own.iter().all(|message| message.data["workloadId"] == json!(workload)), "{own:?}");
    assert!(own.iter().all(|message| message.data["sequence"] == json!(message.number)));

    // Coming back after the first, the rest comes again, and nothing before it.
    for path in [format!("/events/stream?after={}", numbers[0]), "/events/stream".to_owned()] {
        let last = (!path.contains('?')).then_some(numbers[0]);
        let again = follow(&server, &path, last).await.until("WorkloadStopped").await;
        let again: Vec<_> = again.iter().map(|message| message.number).collect();
        assert_eq!(again, numbers[1..]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_missed_too_much_is_told_and_who_may_not_look_is_refused() {
    let server = Server::start().await;
    let mut lost = follow(&server, "/events/stream?after=999999", None).await;
    let told = lost.next().await.unwrap();
    assert_eq!(told.name, "resync");
    assert!(told.number < 999_999, "{told:?}");
    assert!(lost.next().await.is_none(), "it has to begin anew");

    assert_eq!(open(&server, "/events/stream?after=x", None).await.status(), 422);
    let unknown = "/workloads/0123456789abcdef01234567/events/stream";
    assert_eq!(open(&server, unknown, None).await.status(), 404);
    let stranger = server.client.get(server.api("/events/stream")).bearer_auth("wrong");
    server.send(stranger).await.is(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_what_it_follows() {
    let server = Server::start().await;
    let draft = server.draft("1", &[]).await;
    let workload = server.workload("short", &draft).await;
    let path = format!("/workloads/{workload}/events/stream");
    let mut one = follow(&server, &path, None).await;
    assert_eq!(one.next().await.unwrap().name, "start");
    server.delete(&format!("/workloads/{workload}/")).await.is(204);
    server.advance(Millis::seconds(6));
    while one.next().await.is_some() {}
    assert_eq!(id(&server.get(&format!("/artifacts/{draft}/")).await.is(200)), draft);
}

/// Everybody is told of what they may view, and a key that is revoked is told nothing more.
#[tokio::test(flavor = "multi_thread")]
async fn each_follows_what_is_theirs_to_see() {
    let server = Server::start().await;
    let other = server.person("other", "member", Scope::ALL).await;
    let mut theirs = following(open_as(&server, &other.token, "/events/stream", None).await);
    assert_eq!(theirs.next().await.unwrap().name, "start");
    let hidden = server.draft("1", &[]).await;
    let shared = server.draft("2", &[]).await;
    let path = format!("/workloads/{}/events/stream", server.workload("mine", &hidden).await);
    assert_eq!(open_as(&server, &other.token, &path, None).await.status(), 404);
    server.share(&format!("/artifacts/{shared}"), "user", &other.id, "READ_ONLY").await;
    server.patch(&format!("/artifacts/{shared}/"), json!({ "name": "seen" })).await.is(200);
    let seen = theirs.until("ArtifactEdited").await;
    assert!(seen.iter().all(|message| message.data["artifactId"] == json!(shared)), "{seen:?}");

    let out = json!({ "active": false });
    server.patch(&format!("/users/{}/", other.id), out).await.is(200);
    server.patch(&format!("/artifacts/{shared}/"), json!({ "name": "unseen" })).await.is(200);
    assert!(theirs.next().await.is_none(), "who was put out goes on following");
}
