//! "Start a demo workload": the first five minutes need no registry and no container engine.

use super::create::try_create;
use crate::{
    access::Caller,
    audit::{self, Act},
    error::Error,
    house::House,
    model::{
        ArtifactKind, ArtifactStatus, AuditAction, AuditedKind, Container, ContainerGroup,
        CreateWorkload, NewArtifact, Probe, ProbeScheme, Spec, WorkloadRecord, default_group,
    },
};

/// The image that the binary itself serves; the tag is the version it shows.
const IMAGE: &str = "handover/demo";

/// A draft on the demo image, under the first name that is free.
pub async fn create_demo(house: &House, caller: &Caller) -> Result<WorkloadRecord, Error> {
    let act = Act::new(AuditAction::WorkloadCreate, AuditedKind::Workload);
    audit::attempt(house, caller, act, under_a_free_name(house, caller)).await
}

async fn under_a_free_name(house: &House, caller: &Caller) -> Result<WorkloadRecord, Error> {
    let mut taken = None;
    for n in 1..=20 {
        let name = if n == 1 { "demo".to_owned() } else { format!("demo-{n}") };
        match try_create(house, caller, request(&name)).await {
            Err(Error::Conflict(why)) => taken = Some(why),
            other => return other,
        }
    }
    Err(Error::Conflict(taken.unwrap_or_else(|| "there are enough demos; delete one first".into())))
}

/// What creates the first one, for who would rather ask for it in another way.
#[must_use]
pub fn demo_request() -> CreateWorkload {
    request("demo")
}

fn request(name: &str) -> CreateWorkload {
    let probe = Probe {
        path: "/healthz".into(),
        port: 8080,
        scheme: ProbeScheme::Http,
        host: None,
        http_headers: None,
        initial_delay_seconds: 0,
        period_seconds: 1,
        timeout_seconds: 2,
        failure_threshold: 3,
        success_threshold: None,
    };
    let container = Container {
        name: Some("main".into()),
        primary: Some(true),
        image_uri: Some(format!("{IMAGE}:1.0")),
        port: Some(8080),
        readiness_probe: Some(probe),
        ..Container::default()
    };
    let group = ContainerGroup { name: default_group(), containers: vec![container] };
    CreateWorkload {
        name: name.to_owned(),
        artifact: Some(NewArtifact {
            name: name.to_owned(),
            spec: Spec { container_groups: vec![group], ..Spec::default() },
            description: "A small page from Handover itself, to try things on.".into(),
            kind: ArtifactKind::Service,
            status: ArtifactStatus::Draft,
            artifact_repository_id: None,
        }),
        ..CreateWorkload::default()
    }
}
