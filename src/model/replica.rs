//! What an engine sees of a proton's replicas, and what the rollout concludes from it.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::{Images, Timestamp, words};

words! {
    ReplicaPhase {
        Pending = "pending", Running = "running", Succeeded = "succeeded", Failed = "failed",
        Unknown = "unknown",
    }
}

/// Everything an engine knows of one proton at one moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Observed {
    pub replicas: Vec<Replica>,
    /// Set when this proton can never run here, whatever is tried: a sentence for people.
    pub fatal: Option<String>,
    /// Set while the engine can't be asked, and what is told is what was last known: a sentence for people.
    pub trouble: Option<String>,
    /// What the names of its images have been found to mean so far.
    pub images: Images,
}

/// One copy inside a proton.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Replica {
    pub name: String,
    /// Counted from zero. Those that a proton wants have the lowest numbers.
    pub number: u32,
    /// Where it listens; none before it has started.
    pub address: Option<SocketAddr>,
    pub phase: ReplicaPhase,
    /// Its readiness probe passes now (without probes: it runs and its port accepts connections).
    pub ready: bool,
    pub started_at: Option<Timestamp>,
    /// Since when `ready` has had its present value.
    pub ready_changed_at: Option<Timestamp>,
    pub restarts: u32,
    /// A short CamelCase reason such as `CrashLoopBackOff`; none while all is well.
    pub reason: Option<String>,
    /// The same in a sentence.
    pub message: Option<String>,
    pub last_exit: Option<Exit>,
    pub container: String,
    pub image: String,
    /// Share of one core used since the last look, in thousandths.
    pub cpu_millis: Option<u64>,
    /// Resident memory in bytes.
    pub memory_bytes: Option<u64>,
    /// What went over its network since the last look; none where nobody counts it.
    pub network: Option<Network>,
}

/// Bytes in each second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Network {
    pub received_per_second: u64,
    pub sent_per_second: u64,
}

/// The reason of a replica that has exited again and again without a long enough spell of readiness.
pub const CRASH_LOOP: &str = "CrashLoopBackOff";

/// The reason of a replica whose image could not be had just now.
pub const IMAGE_ERROR: &str = "ErrImagePull";

/// The reason of one whose image could not be had, again and again.
pub const IMAGE_BACK_OFF: &str = "ImagePullBackOff";

/// The reason of one that may not be started as its artifact says.
pub const CONFIG_ERROR: &str = "CreateContainerConfigError";

/// The reason of one whose image is for another kind of machine.
pub const EXEC_FORMAT: &str = "ExecFormatError";

/// It is tried again all the same, but nobody should wait for it.
const HOPELESS: [&str; 4] = [CRASH_LOOP, IMAGE_BACK_OFF, CONFIG_ERROR, EXEC_FORMAT];

/// How a replica's process ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Exit {
    pub replica: String,
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub at: Timestamp,
}

words! {
    ProbeKind { Startup = "startup", Readiness = "readiness", Liveness = "liveness", Port = "port" }
}

/// One attempt of a probe, kept for the flight record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct ProbeAttempt {
    pub at: Timestamp,
    pub replica: String,
    pub kind: ProbeKind,
    /// The HTTP status; none when no answer came.
    pub status: Option<u16>,
    pub millis: u64,
    /// The head of the body, or what went wrong instead of an answer.
    pub head: Option<String>,
    pub passed: bool,
}

/// What the rollout concludes from an observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Health {
    /// Nothing of it exists.
    Gone,
    /// Coming up, or some replicas are not ready right now.
    Unready { ready: u32, wanted: u32 },
    /// All wanted replicas are ready at the same time, now; also when none is wanted.
    Ready,
    /// Has definitively failed; the text is for people.
    Failed(String),
}

impl Replica {
    fn is_hopeless(&self) -> bool {
        self.reason.as_deref().is_some_and(|reason| HOPELESS.contains(&reason))
    }
}

impl Observed {
    /// Ready means all `wanted` replicas are ready at once, now; never a flag set earlier. Replicas beyond
    /// those that are wanted are on their way out and say nothing about it.
    #[must_use]
    pub fn health(&self, wanted: u32) -> Health {
        if let Some(why) = &self.fatal {
            return Health::Failed(why.clone());
        }
        if self.replicas.is_empty() && wanted > 0 {
            return Health::Gone;
        }
        let count = self.wanted(wanted).filter(|r| r.ready).count();
        let ready = u32::try_from(count).unwrap_or(u32::MAX);
        if ready >= wanted {
            return Health::Ready;
        }
        match self.wanted(wanted).find(|replica| replica.is_hopeless()) {
            Some(replica) => Health::Failed(
                replica
                    .message
                    .clone()
                    .unwrap_or_else(|| format!("{} keeps exiting", replica.name)),
            ),
            None => Health::Unready { ready, wanted },
        }
    }

    /// The replicas that are to stay when so many are wanted.
    pub fn wanted(&self, wanted: u32) -> impl Iterator<Item = &Replica> {
        self.replicas.iter().filter(move |replica| replica.number < wanted)
    }
}

/// Severity of a log line; a filter names the lowest that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    Debug,
    Info,
    Warning,
    Error,
    Critical,
}

impl LogLevel {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

/// One line a replica wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    pub at: Timestamp,
    pub replica: String,
    pub level: LogLevel,
    pub message: String,
    /// What a line that is JSON says of itself; empty otherwise.
    pub stacktrace: String,
    pub span_id: String,
    pub trace_id: String,
}
