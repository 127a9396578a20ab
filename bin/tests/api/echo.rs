//! What a client sent it reads again (rules.md §5.3): for specs of every shape, nothing is invented, changed
//! or put in another order.

use proptest::{
    collection::vec,
    option::of,
    prelude::{Just, Strategy, any, prop_oneof},
    sample::select,
    strategy::ValueTree,
    test_runner::TestRunner,
};
use serde_json::{Map, Value, json};

use crate::server::{Server, id};

/// Specs that are tried.
const ROUNDS: usize = 60;

/// An object of the fields that are there.
fn object(fields: Vec<(&str, Option<Value>)>) -> Value {
    let there = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(there.collect::<Map<_, _>>())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("a b\t\"c\" $(D) %2F é 🎈".to_owned()),
        "[a-zA-Z0-9 ,:;=/_-]{1,24}",
    ]
}

fn variable() -> impl Strategy<Value = Value> {
    let kind = select(&["plain", "string", "credential", "key", "named key"][..]);
    (kind, text()).prop_map(|(kind, value)| match kind {
        "plain" => json!({ "value": value }),
        "string" => json!({ "source": "string", "value": value }),
        "credential" => {
            json!({ "source": "dr-credential", "drCredentialId": "c1", "key": "apiToken" })
        }
        "key" => json!({ "source": "api-key" }),
        _ => json!({ "source": "api-key", "name": "" }),
    })
}

/// Every variable has a name of its own, apart from one key without.
fn environment() -> impl Strategy<Value = Value> {
    vec(variable(), 0..5).prop_map(|mut all| {
        let mut unnamed = false;
        for (n, variable) in all.iter_mut().enumerate() {
            let bare = variable["source"] == "api-key" && variable.get("name").is_none();
            if !bare || unnamed {
                variable["name"] = json!(format!("{}_{n}", if n % 2 == 0 { "Z" } else { "a" }));
            }
            unnamed |= bare;
        }
        Value::Array(all)
    })
}

fn probe() -> impl Strategy<Value = Value> {
    let seconds = || of(1..90_u32);
    (of(1..u16::MAX), of(select(&["HTTP", "HTTPS"][..])), seconds(), seconds(), of(any::<bool>()))
        .prop_map(|(port, scheme, period, threshold, more)| {
            object(vec![
                ("path", Some(json!("/Healthz?full=1"))),
                ("port", port.map(Value::from)),
                ("scheme", scheme.map(Value::from)),
                ("periodSeconds", period.map(Value::from)),
                ("failureThreshold", threshold.map(Value::from)),
                ("successThreshold", more.map(|_| json!(2))),
                ("host", more.map(|_| json!("Host.Example"))),
                (
                    "httpHeaders",
                    more.map(|full| if full { json!({ "X-b": "1", "A": "" }) } else { json!({}) }),
                ),
            ])
        })
}

fn context() -> impl Strategy<Value = Value> {
    (of(any::<bool>()), of(any::<bool>()), 0..4_u8).prop_map(|(read_only, escalates, profile)| {
        object(vec![
            ("readOnlyRootFilesystem", read_only.map(Value::from)),
            ("allowPrivilegeEscalation", escalates.map(Value::from)),
            (
                "capabilities",
                (profile > 2).then(|| json!({ "add": [], "drop": ["NET_RAW", "ALL"] })),
            ),
            (
                "seccompProfile",
                match profile {
                    0 => Some(json!({ "type": "RuntimeDefault" })),
                    1 => {
                        Some(json!({ "type": "Localhost", "localhostProfile": "profiles/a.json" }))
                    }
                    _ => None,
                },
            ),
        ])
    })
}

fn container() -> impl Strategy<Value = Value> {
    let image = select(
        &["a", "Registry.Example:5000/Team/App:1.0", "x@sha256:00ff", "placeholder:latest"][..],
    );
    let probes = (of(probe()), of(probe()), of(probe()));
    (image, of(text()), of(vec(text(), 0..3)), of(environment()), probes, of(context())).prop_map(
        |(image, description, words, environment, (startup, readiness, liveness), context)| {
            // The first word names a program; the rest may be anything.
            let entrypoint = words.map(|words| {
                let program = words.first().map(|_| "run".to_owned());
                json!(program.into_iter().chain(words).collect::<Vec<_>>())
            });
            object(vec![
                ("imageUri", Some(json!(image))),
                ("description", description.map(Value::from)),
                ("entrypoint", entrypoint),
                ("environmentVars", environment),
                ("startupProbe", startup),
                ("readinessProbe", readiness),
                ("livenessProbe", liveness),
                ("securityContext", context),
            ])
        },
    )
}

/// Names, the primary and its port are sometimes given and sometimes left to the server.
fn spec() -> impl Strategy<Value = Value> {
    (vec((container(), any::<bool>()), 1..4), of(1024..u16::MAX), of(any::<bool>())).prop_map(
        |(containers, port, extra)| {
            let alone = containers.len() == 1;
            let last = containers.len() - 1;
            let all: Vec<Value> = containers
                .into_iter()
                .enumerate()
                .map(|(n, (mut container, named))| {
                    if named {
                        container["name"] = json!(format!("own-{}", 9 - n));
                    }
                    if n == last {
                        if !alone || extra.is_some() {
                            container["primary"] = json!(true);
                        }
                        if let Some(port) = port {
                            container["port"] = json!(port);
                        }
                    }
                    container
                })
                .collect();
            let mut spec = json!({ "containerGroups": [{ "containers": all }] });
            if let Some(flag) = extra {
                spec["a2aEnabled"] = json!(flag);
                spec["templateId"] = json!("t-1");
                spec["containerGroups"][0]["name"] = json!("default");
            }
            spec
        },
    )
}

/// What must be read after `sent`: the same, with the few things that the server fills in.
fn filled(sent: &Value, read: &Value) -> Value {
    let mut wanted = sent.clone();
    wanted["containerGroups"][0]["name"] = json!("default");
    let containers = wanted["containerGroups"][0]["containers"].as_array_mut().unwrap();
    let alone = containers.len() == 1;
    for (n, container) in containers.iter_mut().enumerate() {
        let told = &read["containerGroups"][0]["containers"][n];
        let fields = container.as_object_mut().unwrap();
        let name = told["name"].as_str().unwrap().to_owned();
        assert!(!name.is_empty());
        fields.entry("name").or_insert_with(|| json!(name));
        let primary = fields.entry("primary").or_insert(json!(alone)) == &json!(true);
        if primary {
            fields.entry("port").or_insert(json!(8080));
        }
        for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
            let Some(Value::Object(probe)) = fields.get_mut(probe) else { continue };
            for (field, value) in [
                ("port", json!(8080)),
                ("scheme", json!("HTTP")),
                ("initialDelaySeconds", json!(30)),
                ("periodSeconds", json!(30)),
                ("timeoutSeconds", json!(30)),
                ("failureThreshold", json!(3)),
            ] {
                probe.entry(field).or_insert(value);
            }
        }
    }
    wanted
}

#[tokio::test(flavor = "multi_thread")]
async fn every_spec_is_read_as_it_was_sent() {
    let server = Server::start().await;
    let body = json!({ "name": "c", "credentialType": "api_token", "apiToken": "t" });
    let credential = server.post("/credentials/", body).await.is(201);
    let credential = credential["credentialId"].to_string();
    let mut runner = TestRunner::deterministic();
    for round in 0..ROUNDS {
        let sent = spec().new_tree(&mut runner).unwrap().current();
        // What it names has to be there.
        let sent: Value =
            serde_json::from_str(&sent.to_string().replace("\"c1\"", &credential)).unwrap();
        let body = json!({ "name": format!("echo {round}"), "spec": sent });
        // Elevated rights need an administrator, which this token's owner is.
        let created = server.post("/artifacts", body).await.is(201);
        let wanted = filled(&sent, &created["spec"]);
        assert_eq!(created["spec"], wanted, "round {round}, sent {sent:#}");
        assert_eq!(created["description"], "");

        let path = format!("/artifacts/{}/", id(&created));
        assert_eq!(server.get(&path).await.is(200), created);
        let mut again = created["spec"].clone();
        // Some clients send back what they may not, and it is dropped.
        again["type"] = json!("service");
        again["containerGroups"][0]["containers"][0]["build"] = json!({ "status": "COMPLETED" });
        again["containerGroups"][0]["containers"][0]["resourceRequest"] = json!({ "cpu": 1 });
        let patched = server.patch(&path, json!({ "spec": again })).await.is(200);
        assert_eq!(patched, created, "nothing has changed");
    }
}
