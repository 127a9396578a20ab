//! A PostgreSQL of our own: one cluster per test process, one database per test.
//!
//! A shell starts it and then reads its standard input, whose other end this process holds. However this
//! process ends, the pipe closes, and the shell stops the cluster and removes its folder.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{ChildStdin, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use sqlx::{AssertSqlSafe, Connection, PgConnection};

const SCRIPT: &str = r#"
cd "$DIR" || exit 1
# Sorting by a language's rules shows where a query leans on the order of bytes; not every build knows them.
"$BIN/initdb" -D data -U handover -A trust -E UTF8 --no-sync --locale-provider=icu --icu-locale=en-US >initdb.log 2>&1 ||
    { rm -rf data; "$BIN/initdb" -D data -U handover -A trust -E UTF8 --no-sync >initdb.log 2>&1; } ||
    { cat initdb.log; exit 1; }
"$BIN/postgres" -D data -k "$DIR" -c listen_addresses= -c fsync=off -c synchronous_commit=off \
    -c full_page_writes=off -c max_connections=300 -c shared_buffers=32MB >postgres.log 2>&1 &
server=$!
until "$BIN/pg_isready" -q -h "$DIR" -U handover; do
    kill -0 $server 2>/dev/null || { cat postgres.log; exit 1; }
    sleep 0.05
done
echo started
cat >/dev/null
kill -INT $server
wait $server
cd / && rm -rf "$DIR"
"#;

struct Cluster {
    folder: PathBuf,
    /// Closed by the end of this process, which ends the cluster.
    _lifeline: ChildStdin,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The URL of a new, empty database.
pub(crate) async fn new_database() -> String {
    let cluster = CLUSTER.get_or_init(start);
    let host = cluster.folder.display();
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut admin =
        PgConnection::connect(&format!("postgres://handover@localhost/postgres?host={host}"))
            .await
            .unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut admin)
        .await
        .unwrap();
    admin.close().await.unwrap();
    format!("postgres://handover@localhost/{name}?host={host}")
}

#[expect(clippy::zombie_processes, reason = "the shell ends after this process, not before")]
fn start() -> Cluster {
    let bin = programs().unwrap_or_else(|| {
        panic!(
            "these tests start a PostgreSQL of their own and found none: install the server \
             (Debian, Ubuntu: postgresql; Fedora: postgresql-server; macOS: postgresql), \
             or put the folder with its initdb and postgres on PATH"
        )
    });
    let folder = tempfile::Builder::new().prefix("handover-pg-").tempdir().unwrap().keep();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", SCRIPT])
        .env("BIN", &bin)
        .env("DIR", &folder)
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // Ctrl-C ends the tests; the shell then still has to clean up.
        .process_group(0);
    if fs::metadata(&folder).unwrap().uid() == 0 {
        // PostgreSQL refuses to run as root.
        const NOBODY: u32 = 65534;
        chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
        shell.uid(NOBODY).gid(NOBODY);
    }
    let mut shell = shell.spawn().unwrap();
    let lifeline = shell.stdin.take().unwrap();
    let mut said = BufReader::new(shell.stdout.take().unwrap()).lines();
    let first = said.next().transpose().unwrap().unwrap_or_default();
    if first != "started" {
        let rest: Vec<String> = said.map_while(Result::ok).collect();
        panic!("PostgreSQL did not start: {first}\n{}", rest.join("\n"));
    }
    Cluster { folder, _lifeline: lifeline }
}

/// The folder that holds both `initdb` and `postgres`.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path)
        .filter_map(|folder| folder.join("initdb").canonicalize().ok())
        .filter_map(|program| Some(program.parent()?.to_owned()));
    let mut installed: Vec<PathBuf> =
        ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"]
            .iter()
            .filter_map(|root| fs::read_dir(root).ok())
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
            .collect();
    installed.sort();
    installed.push("/usr/bin".into());
    let complete = |folder: &PathBuf| {
        ["initdb", "postgres", "pg_isready"]
            .iter()
            .all(|name| Path::new(folder).join(name).is_file())
    };
    on_path.chain(installed.into_iter().rev()).find(complete)
}
