//! Builds: from uploaded code to an image that a container runs (rules.md §12, L2).
//!
//! A build is a row that says how far it has come, and a task that works on every row that is not at its
//! end ([`work`]). Nothing is handed over in memory, so a build outlives the server: the next one takes up what
//! it finds. How an image is really made is behind [`Builder`]: by the host alone, or by its container engine.
//!
//! What a build knows is written into the artifact in the transaction of every step: each container shows its
//! newest build, and its image appears together with `COMPLETED`. Clients write specs too, from what they
//! have read a while ago; [`settle`] puts right what such a write says of builds.

mod builder;
mod cancel;
mod context;
mod docker;
mod dockerfile;
pub mod environments;
mod ignored;
mod log;
mod names;
mod native;
mod output;
mod progress;
mod read;
mod recipe;
mod settle;
mod start;
mod sweep;
mod worker;

pub use builder::{BuildError, Builder, Desk, Job};
pub use cancel::cancel;
pub use docker::{EngineBuilder, Logins};
pub use environments::{BaseImage, Environments, SameName};
pub use log::BuildLog;
pub use names::Registry;
pub use native::NativeBuilder;
pub use read::{get, list, log};
pub use start::start;
pub use worker::work;

pub(crate) use settle::settle;
pub(crate) use sweep::sweep;

#[cfg(test)]
mod tests {
    use crate::model::{ArtifactId, Build, BuildId, BuildStatus, Code, OrgId, Timestamp, UserId};

    /// One that has just been handed in.
    pub(super) fn build() -> Build {
        let code = serde_json::json!({ "catalogId": "c", "catalogVersionId": "v1" });
        Build {
            id: BuildId::from_bytes([1; 12]),
            org_id: OrgId::from_uuid([2; 16]),
            artifact_id: ArtifactId::from_bytes([3; 12]),
            name: "n".into(),
            code: serde_json::from_value::<Code>(code).unwrap(),
            targets: Vec::new(),
            status: BuildStatus::Pending,
            attempts: 1,
            creator_id: UserId::from_bytes([4; 12]),
            created_at: Timestamp::from_micros(5),
            updated_at: Timestamp::from_micros(5),
        }
    }
}
