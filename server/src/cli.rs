//! The command line. Every flag is also a `HANDOVER_*` variable of the same name.

use std::{
    fmt,
    net::SocketAddr,
    num::NonZeroUsize,
    ops::RangeInclusive,
    path::{Path, PathBuf},
    str::FromStr,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use handover::{
    model::{Bytes, Millis},
    secrets::KeySource,
    store::{Store, StoreError},
};
use http::Uri;

use crate::{
    audit_command::AuditCommand, gateway::TrustedProxies, telemetry::TelemetryOptions,
    workshop::BuildOptions,
};

/// Updates live workloads without dropping a request.
#[derive(Debug, Parser)]
#[command(name = "handover", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub serve: ServeOptions,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one, once")]
pub enum Command {
    /// Run the console, the API and the gateway (the default).
    Serve(ServeOptions),
    /// Help an administrator who is locked out.
    #[command(subcommand)]
    Admin(AdminCommand),
    /// Check the audit trail.
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Print a new sign-in link; the server may be running.
    Link(PlaceOptions),
}

/// Where things are kept, and what the outside calls us.
#[derive(Debug, Clone, Args)]
pub struct PlaceOptions {
    /// Where to listen.
    #[arg(long, env = "HANDOVER_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// What people and clients call this server; `http://<listen>` when not given.
    #[arg(long, env = "HANDOVER_PUBLIC_URL")]
    pub public_url: Option<Uri>,
    /// Database, logs and records of replicas.
    #[arg(long, env = "HANDOVER_DATA_DIR", default_value = "./data")]
    pub data_dir: PathBuf,
    /// `postgres://…` or `sqlite:…`; a SQLite file in the data folder when not given.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
}

impl PlaceOptions {
    /// Opens the database that was chosen, and brings its tables up to date.
    pub async fn open_store(&self) -> Result<Store, StoreError> {
        match &self.database_url {
            Some(url) => Store::open(url).await,
            None => Store::open_file(&self.data_dir.join("handover.db")).await,
        }
    }
}

#[derive(Debug, Clone, Args)]
pub struct ServeOptions {
    #[command(flatten)]
    pub place: PlaceOptions,
    /// What runs the containers. The image handover/demo and what is built for this host always run as
    /// processes.
    #[arg(long, env = "HANDOVER_ENGINE", value_enum, default_value_t = EngineChoice::Auto)]
    pub engine: EngineChoice,
    /// The socket of Docker or Podman, as `unix:///path`; the usual places when not given.
    #[arg(long, env = "DOCKER_HOST")]
    pub docker_host: Option<String>,
    /// Let images of the Docker engine run as root when they say so.
    #[arg(long, env = "HANDOVER_ALLOW_ROOT_IMAGES")]
    pub allow_root_images: bool,
    /// How long an image that was pulled or built here is kept when nothing needs it: no replica, none of the
    /// last versions of a workload, and, for one that was built, no artifact.
    #[arg(long, env = "HANDOVER_IMAGE_UNUSED", default_value = "336h")]
    pub image_unused: Length,
    /// How much space pulled images may take before the longest unused go sooner.
    #[arg(long, env = "HANDOVER_IMAGE_SPACE", default_value = "20GB")]
    pub image_space: Bytes,
    #[command(flatten)]
    pub builds: BuildOptions,
    /// Ports that replicas listen on, on 127.0.0.1.
    #[arg(long, env = "HANDOVER_REPLICA_PORTS", default_value = "20000-29999")]
    pub replica_ports: Ports,
    /// What becomes of replicas when the server ends: kept for adoption by the next start, or stopped.
    #[arg(long, env = "HANDOVER_ON_EXIT", value_enum, default_value_t = OnExit::Keep)]
    pub on_exit: OnExit,
    /// How long a draft workload lives.
    #[arg(long, env = "HANDOVER_DRAFT_TTL", default_value = "8h")]
    pub draft_ttl: Length,
    /// How long a proton that lost the traffic may finish what it has.
    #[arg(long, env = "HANDOVER_DRAIN_CAP", default_value = "60s")]
    pub drain_cap: Length,
    /// Between SIGTERM and SIGKILL.
    #[arg(long, env = "HANDOVER_STOP_GRACE", default_value = "10s")]
    pub stop_grace: Length,
    /// How long a candidate may take to become ready.
    #[arg(long, env = "HANDOVER_START_DEADLINE", default_value = "10min")]
    pub start_deadline: Length,
    /// Workloads of an organisation that may run at once; 0 is no limit.
    #[arg(long, env = "HANDOVER_MAX_CONCURRENT_WORKLOADS", default_value_t = 0)]
    pub max_concurrent_workloads: u64,
    /// Replicas that a workload may have, autoscaling included; 0 is no limit.
    #[arg(long, env = "HANDOVER_MAX_WORKLOAD_REPLICAS", default_value_t = 0)]
    pub max_workload_replicas: u32,
    /// Networks whose X-Forwarded-* headers are believed, separated by commas: 10.0.0.0/8,127.0.0.1
    #[arg(long, env = "HANDOVER_TRUSTED_PROXIES", default_value = "")]
    pub trusted_proxies: TrustedProxies,
    /// A host of their own for workload endpoints.
    #[arg(long, env = "HANDOVER_ENDPOINT_HOST")]
    pub endpoint_host: Option<String>,
    /// Threads of the gateway; one per core when not given.
    #[arg(long, env = "HANDOVER_GATEWAY_THREADS")]
    pub gateway_threads: Option<NonZeroUsize>,
    /// The password of user `admin`, applied at every start; at least 12 characters.
    #[arg(long, env = "HANDOVER_ADMIN_PASSWORD", hide_env_values = true)]
    pub admin_password: Option<String>,
    /// An API token of user `admin`, applied at every start; at least 20 characters.
    #[arg(long, env = "HANDOVER_ADMIN_TOKEN", hide_env_values = true)]
    pub admin_token: Option<String>,
    #[command(flatten)]
    pub keys: KeyOptions,
    /// Let everybody read /metrics; otherwise it takes the token of an administrator.
    #[arg(long, env = "HANDOVER_METRICS_PUBLIC")]
    pub metrics_public: bool,
    #[command(flatten)]
    pub telemetry: TelemetryOptions,
    /// How log lines are written.
    #[arg(long, env = "HANDOVER_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// A key that was given as text.
#[derive(Clone)]
pub struct SecretKey(pub String);

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// The key that seals credentials and marks the audit trail.
#[derive(Debug, Clone, Default, Args)]
pub struct KeyOptions {
    /// A file with the key that seals credentials; `HANDOVER_SECRET_KEY` may hold the key itself. When neither
    /// is given, a key is made at the first start and kept in the data folder as secret.key.
    #[arg(long, env = "HANDOVER_SECRET_KEY_FILE")]
    pub secret_key_file: Option<PathBuf>,
    /// What `HANDOVER_SECRET_KEY` holds. There is no flag for it: every user of a host can read the arguments
    /// of its processes.
    #[arg(skip)]
    pub secret_key: Option<SecretKey>,
}

impl KeyOptions {
    /// Takes the secrets that come in the environment alone.
    #[must_use]
    pub fn with_environment(mut self) -> Self {
        let given = std::env::var("HANDOVER_SECRET_KEY").ok();
        self.secret_key = given.filter(|text| !text.is_empty()).map(SecretKey);
        self
    }

    /// Where to look for the key.
    pub(crate) fn source(&self, data_dir: &Path) -> KeySource {
        match (&self.secret_key, &self.secret_key_file) {
            (Some(SecretKey(text)), _) => KeySource::Given(text.clone()),
            (None, Some(path)) => KeySource::File(path.clone()),
            (None, None) => KeySource::Folder(data_dir.to_owned()),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EngineChoice {
    /// Docker or Podman when one answers here, else processes.
    Auto,
    /// Processes on this host.
    Process,
    /// Containers of Docker or Podman.
    Docker,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnExit {
    Keep,
    Stop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// A length of time as people write it: `90s`, `8h`, `1h 30min`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length(pub Millis);

impl FromStr for Length {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is not a length of time; write it like 90s, 10min or 8h");
        let length: jiff::SignedDuration = text.parse().map_err(|_| wrong())?;
        u64::try_from(length.as_millis()).map(|ms| Self(Millis(ms))).map_err(|_| wrong())
    }
}

/// A range of ports, `20000-29999`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports(pub RangeInclusive<u16>);

impl FromStr for Ports {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let range = text.split_once('-').and_then(|(first, last)| {
            let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
            (1024..=last).contains(&first).then_some(Self(first..=last))
        });
        range.ok_or_else(|| format!("'{text}' is not a range of ports like 20000-29999"))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use handover::model::Millis;

    use super::{Cli, Length, Ports};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn lengths_and_ranges() {
        assert_eq!("8h".parse(), Ok(Length(Millis::hours(8))));
        assert_eq!("1h 30min".parse(), Ok(Length(Millis::minutes(90))));
        assert!("-5s".parse::<Length>().is_err());
        assert!("soon".parse::<Length>().is_err());
        assert_eq!("20000-29999".parse(), Ok(Ports(20000..=29999)));
        assert!("29999-20000".parse::<Ports>().is_err());
        assert!("80-90".parse::<Ports>().is_err());
    }
}
