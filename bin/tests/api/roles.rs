//! Every endpoint under an entity, walked by every role (rules.md §4, L12): who may see nothing of it is told
//! that there is none, who may do something else is told so, everybody else gets in.

use handover::model::{Permission, Permissions, Scope, ShareRole};
use reqwest::Method;
use serde_json::{Value, json};

use crate::server::{Person, Server, artifact, id};

/// One call and the permission it takes.
struct Door {
    method: Method,
    path: &'static str,
    body: Option<Value>,
    needs: Permission,
}

fn door(method: Method, path: &'static str, needs: Permission) -> Door {
    Door { method, path, body: None, needs }
}

fn with(method: Method, path: &'static str, needs: Permission, body: Value) -> Door {
    Door { method, path, body: Some(body), needs }
}

/// `{w}`, `{a}`, `{r}` and `{p}` stand for a workload, the artifact it runs, its repository and its proton.
/// What changes things comes with a body that changes nothing.
fn doors() -> Vec<Door> {
    use Permission::{Invoke, Share, Update, View};
    let get = |path| door(Method::GET, path, View);
    let tag = json!({ "name": "a tag", "value": "that one may add" });
    let nobody = json!({ "operation": "updateRoles", "roles": [
        { "shareRecipientType": "role", "id": "reader", "role": "NO_ROLE" },
    ] });
    vec![
        get("/workloads/{w}/settings/"),
        get("/workloads/{w}/protons/"),
        get("/workloads/{w}/protons/{p}/"),
        get("/workloads/{w}/protons/{p}/statusDetails/"),
        get("/workloads/{w}/events/"),
        get("/workloads/{w}/history/"),
        get("/workloads/{w}/replacements/"),
        get("/workloads/{w}/stats/"),
        get("/workloads/{w}/stats/totalRequests/"),
        get("/workloads/{w}/sharedRoles/"),
        get("/workloads/{w}/sharedRoles/effective/"),
        get("/workloads/{w}/related/"),
        get("/workloads/{w}/replacement/"),
        get("/workloads/{w}/audit/"),
        get("/workloads/{w}/audit/export/"),
        get("/otel/workload/{w}/logs/"),
        get("/otel/workload/{w}/metrics/autocollectedValues/"),
        get("/otel/workload/{w}/metrics/values/"),
        get("/otel/workload/{w}/metrics/valuesOverTime/"),
        get("/otel/workload/{w}/metrics/valueOverTime/?otelName=http.server.requests"),
        get("/otel/workload/{w}/metrics/summary/"),
        get("/otel/workload/{w}/metrics/configs/"),
        get("/otel/workload/{w}/traces/"),
        get("/otel/workload/{w}/traces/0123456789abcdef0123456789abcdef/"),
        door(Method::GET, "/workloads/{w}/", Invoke),
        door(Method::GET, "/endpoints/workloads/{w}/", Invoke),
        with(Method::PATCH, "/workloads/{w}/", Update, json!({})),
        door(Method::POST, "/workloads/{w}/start", Update),
        with(Method::POST, "/workloads/{w}/replacement/extend", Update, json!({ "minutes": 1 })),
        door(Method::POST, "/workloads/{w}/replacement/hold", Update),
        door(Method::POST, "/workloads/{w}/replacement/release", Update),
        door(Method::POST, "/workloads/{w}/replacement/switch", Update),
        door(Method::POST, "/workloads/{w}/replacement/finish", Update),
        door(Method::POST, "/workloads/{w}/replacement/rollback", Update),
        with(Method::PATCH, "/workloads/{w}/sharedRoles/", Share, nobody.clone()),
        get("/artifacts/{a}/"),
        get("/artifacts/{a}/sharedRoles/"),
        get("/artifacts/{a}/sharedRoles/effective/"),
        get("/artifacts/{a}/builds/"),
        get("/artifacts/{a}/builds/0123456789abcdef01234567/"),
        get("/artifacts/{a}/builds/0123456789abcdef01234567/logs/"),
        with(Method::PUT, "/artifacts/{a}/", Update, artifact("1.0", &[])),
        door(Method::POST, "/artifacts/{a}/builds/", Update),
        door(Method::POST, "/artifacts/{a}/builds/0123456789abcdef01234567/cancel/", Update),
        with(Method::PATCH, "/artifacts/{a}/", Update, json!({})),
        with(Method::POST, "/workloads/{w}/tags/", Update, tag.clone()),
        door(Method::DELETE, "/workloads/{w}/tags/0123456789abcdef01234567/", Update),
        with(Method::POST, "/artifacts/{a}/tags/", Update, tag.clone()),
        door(Method::DELETE, "/artifacts/{a}/tags/0123456789abcdef01234567/", Update),
        with(Method::POST, "/artifactRepositories/{r}/tags/", Update, tag.clone()),
        door(Method::DELETE, "/artifactRepositories/{r}/tags/0123456789abcdef01234567/", Update),
        with(Method::PATCH, "/artifacts/{a}/sharedRoles/", Share, nobody.clone()),
        get("/artifactRepositories/{r}/"),
        get("/artifactRepositories/{r}/sharedRoles/"),
        get("/artifactRepositories/{r}/sharedRoles/effective/"),
        with(Method::PATCH, "/artifactRepositories/{r}/sharedRoles/", Share, nobody),
    ]
}

/// What is left for a role after whose hands nothing remains as it was.
fn last_doors() -> Vec<Door> {
    use Permission::{Delete, Update};
    vec![
        with(Method::PATCH, "/workloads/{w}/settings/", Update, json!({ "runtime": {} })),
        with(Method::POST, "/workloads/{w}/replacement/", Update, json!({ "artifactId": "{a}" })),
        door(Method::DELETE, "/workloads/{w}/replacement/", Update),
        door(Method::POST, "/workloads/{w}/promote", Update),
        door(Method::DELETE, "/workloads/{w}/stats/", Update),
        door(Method::POST, "/workloads/{w}/stop", Update),
        door(Method::DELETE, "/workloads/{w}/", Delete),
        door(Method::DELETE, "/artifacts/{a}/", Delete),
        door(Method::DELETE, "/artifactRepositories/{r}/", Delete),
    ]
}

/// A workload of the administrator's, and all that belongs to it.
struct Place {
    workload: String,
    artifact: String,
    repository: String,
    proton: String,
}

impl Place {
    async fn make(server: &Server, name: &str) -> Self {
        let artifact = server.draft("1.0", &[]).await;
        let workload = server.workload(name, &artifact).await;
        let record = server.get(&format!("/workloads/{workload}/")).await.is(200);
        let repository = record["artifact"]["artifactRepositoryId"].as_str().unwrap().to_owned();
        let proton = record["protonId"].as_str().unwrap().to_owned();
        Self { workload, artifact, repository, proton }
    }

    fn filled(&self, text: &str) -> String {
        text.replace("{w}", &self.workload)
            .replace("{a}", &self.artifact)
            .replace("{r}", &self.repository)
            .replace("{p}", &self.proton)
    }

    async fn share(&self, server: &Server, person: &Person, role: ShareRole) {
        for path in ["/workloads/{w}", "/artifacts/{a}", "/artifactRepositories/{r}"] {
            server.share(&self.filled(path), "user", &person.id, role.word()).await;
        }
    }

    /// Knocks and compares the answer with what these permissions promise.
    async fn knock(&self, server: &Server, who: &str, token: &str, held: Permissions, door: &Door) {
        let body = door.body.as_ref().map(|body| self.filled(&body.to_string()));
        let path = self.filled(door.path);
        let answer = server.call_as(token, door.method.clone(), &path, body.as_deref()).await;
        let gateway = door.path.starts_with("/endpoints");
        let sees = held.holds(Permission::View) || held.holds(Permission::Invoke);
        let reads = door.path == "/workloads/{w}/" && door.needs == Permission::Invoke;
        let enters = held.holds(door.needs) || (reads && sees);
        let told = format!("{who}: {} {path}: {} {}", door.method, answer.status, answer.body);
        // The entity is there, and what is asked of it is not.
        let lacks = |what: &str| answer.body["detail"].to_string().contains(what);
        let parts = ["replacement", "tag", "build", "trace"];
        let nothing_there = answer.status == 404 && parts.into_iter().any(lacks);
        if enters {
            assert!(nothing_there || ![401, 403, 404].contains(&answer.status), "{told}");
        } else if sees && !gateway {
            assert_eq!(answer.status, 403, "{told}");
        } else {
            assert_eq!(answer.status, 404, "{told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_gets_in_where_it_may_and_nowhere_else() {
    let server = Server::start().await;
    let place = Place::make(&server, "shared").await;
    let mut all = Vec::new();
    for role in ShareRole::ALL {
        let person =
            server.person(&format!("as {role}").replace(' ', "-"), "member", Scope::ALL).await;
        place.share(&server, &person, *role).await;
        all.push((role.word().to_owned(), person.token, role.permissions()));
    }
    let stranger = server.person("stranger", "member", Scope::ALL).await;
    all.push(("stranger".into(), stranger.token, Permissions::NONE));
    let reader = server.person("reader", "reader", Scope::ALL).await;
    place.share(&server, &reader, ShareRole::Owner).await;
    let looks = Permissions::of(&[Permission::View, Permission::Invoke]);
    all.push(("a reader who owns it".into(), reader.token, looks));
    for scope in Scope::ALL {
        let owner = server.person(&format!("owner-{scope}"), "member", &[*scope]).await;
        place.share(&server, &owner, ShareRole::Owner).await;
        all.push((format!("owner with scope {scope}"), owner.token, scope.permissions()));
    }
    // An administrator was given nothing here.
    let admin = server.person("second-admin", "admin", Scope::ALL).await;
    all.push(("an administrator".into(), admin.token, Permissions::ALL));
    for scope in Scope::ALL {
        let token = server.token(&admin.id, &[*scope]).await;
        all.push((format!("administrator with scope {scope}"), token, scope.permissions()));
    }
    for (who, token, held) in &all {
        for door in doors() {
            place.knock(&server, who, token, *held, &door).await;
        }
    }
    // The same for what ends something: first all who may not, then one who may.
    let changing = |held: &Permissions, door: &Door| held.holds(door.needs);
    for door in last_doors() {
        for (who, token, held) in all.iter().filter(|(_, _, held)| !changing(held, &door)) {
            place.knock(&server, who, token, *held, &door).await;
        }
    }
    let (who, token, held) = &all[0];
    for door in last_doors() {
        place.knock(&server, who, token, *held, &door).await;
    }
}

/// Under an entity, what the table can't walk, and which test does.
const ELSEWHERE: [(&str, &str); 3] = [
    // A stream has no end to wait for: event_stream.
    ("get", "/workloads/{id}/events/stream/"),
    // Takes a replacement that is there: steering.
    ("get", "/workloads/{id}/replacements/{replacement}/"),
    // Takes an account that may create besides a look: people and artifacts.
    ("post", "/artifacts/{id}/clone/"),
];

/// A new route under an entity must come with a line in the table.
#[tokio::test(flavor = "multi_thread")]
async fn no_endpoint_is_left_out() {
    let server = Server::start().await;
    let document = server.get("/openapi.json").await.is(200);
    let entities = [
        "/workloads/{id}/",
        "/artifacts/{id}/",
        "/artifactRepositories/{id}/",
        "/otel/workload/{id}/",
    ];
    let walked: Vec<_> = doors().into_iter().chain(last_doors()).collect();
    let fits = |door: &Door, method: &str, path: &str| {
        let asked = door.path.split('?').next().unwrap().trim_end_matches('/');
        let (asked, path): (Vec<_>, Vec<_>) =
            (asked.split('/').collect(), path.trim_end_matches('/').split('/').collect());
        door.method.as_str().eq_ignore_ascii_case(method)
            && asked.len() == path.len()
            && path.iter().zip(asked).all(|(part, asked)| part.starts_with('{') || *part == asked)
    };
    let mut count = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(path) = path.strip_prefix("/api/v2") else { continue };
        if !entities.iter().any(|entity| path.starts_with(entity)) {
            continue;
        }
        for method in item.as_object().unwrap().keys() {
            count += 1;
            let elsewhere = ELSEWHERE.contains(&(method.as_str(), path));
            let known = elsewhere || walked.iter().any(|door| fits(door, method, path));
            assert!(known, "{method} {path} is in no table of roles");
        }
    }
    assert!(count > 60, "{count}");
}

/// What lists hold is what one may see, and a caller who may only call sees no more than what calling takes.
#[tokio::test(flavor = "multi_thread")]
async fn lists_hold_what_one_may_see() {
    let server = Server::start().await;
    let one = Place::make(&server, "one").await;
    Place::make(&server, "two").await;
    let ada = server.person("ada", "member", Scope::ALL).await;
    let get = async |path: &str| server.call_as(&ada.token, Method::GET, path, None).await.is(200);
    assert_eq!(get("/workloads/").await["totalCount"], 0);
    server.share(&one.filled("/workloads/{w}"), "user", &ada.id, "CONSUMER").await;
    let listed = get("/workloads/").await;
    assert_eq!(listed["totalCount"], 1);
    let reduced = &listed["data"][0];
    assert_eq!(reduced["permissions"], json!(["CAN_MAKE_PREDICTIONS"]));
    assert!(reduced["endpoint"].is_string() && reduced.get("runtime").is_none(), "{reduced}");
    assert_eq!(&get(&one.filled("/workloads/{w}/")).await, reduced);
    assert_eq!(get("/artifacts/").await["totalCount"], 0);

    // Nor does a list hold what this token may not open.
    for (scope, listed) in [(Scope::Read, 0), (Scope::Operate, 0), (Scope::Invoke, 1)] {
        let token = server.token(&ada.id, &[scope]).await;
        let get = async |path: &str| server.call_as(&token, Method::GET, path, None).await;
        assert_eq!(get("/workloads/").await.is(200)["totalCount"], listed, "{scope}");
        let opened = if listed == 0 { 404 } else { 200 };
        assert_eq!(get(&one.filled("/workloads/{w}/")).await.status, opened, "{scope}");
    }
    let house = server.house();
    let admin = house.store.user_by_name("admin").await.unwrap().unwrap();
    let token = server.token(admin.id.as_str(), &[Scope::Invoke]).await;
    for (path, listed) in [("/workloads/", 2), ("/artifacts/", 0), ("/artifactRepositories/", 0)] {
        let found = server.call_as(&token, Method::GET, path, None).await.is(200);
        assert_eq!(found["totalCount"], listed, "{path}");
    }

    // Who may look at a workload may look at what it runs.
    server.share(&one.filled("/workloads/{w}"), "user", &ada.id, "OBSERVER").await;
    assert_eq!(id(&get("/artifacts/").await["data"][0]), one.artifact);
    assert_eq!(get(&one.filled("/artifacts/{a}/")).await["permissions"], json!(["CAN_VIEW"]));
    assert_eq!(get("/artifactRepositories/").await["totalCount"], 0);
    // A look is all that is lent, whatever one may do with the workload.
    server.share(&one.filled("/workloads/{w}"), "user", &ada.id, "OWNER").await;
    assert_eq!(get(&one.filled("/artifacts/{a}/")).await["permissions"], json!(["CAN_VIEW"]));
    let artifact = one.filled("/artifacts/{a}/");
    server.call_as(&ada.token, Method::PATCH, &artifact, Some("{}")).await.is(403);
    server.share(&one.filled("/workloads/{w}"), "user", &ada.id, "OBSERVER").await;
    let full = get(&one.filled("/workloads/{w}/")).await;
    assert_eq!(full["owners"][0]["username"], "admin");
    let allowed = full["allowed"].as_array().unwrap();
    assert!(allowed.iter().all(|one| one["allowed"] == false && one["reason"].is_string()));
}
