//! The replicas of each proton: what runs, where, since when, what it uses, and what it wrote last.

use handover::{
    access::Caller,
    error::Error,
    house::House,
    model::{
        ArtifactId, Bytes, ConditionKind, ContainerDetails, ContainerState, Network, ProtonDetails,
        ProtonStatus, ReplicaDetails, Role, Timestamp, Track, WorkloadId, WorkloadRecord,
        WorkloadRuntime,
    },
    protons,
};
use leptos::{either::Either, prelude::*};

use super::{
    chip::proton_words,
    format::plural,
    time::{Ago, When},
};

/// Lines of log that are shown; the activity has all.
const LINES: usize = 12;

/// Everything the panel of one proton shows.
#[derive(Debug, Clone)]
pub struct Panel {
    track: Track,
    artifact: ArtifactId,
    /// Since when all its replicas have been ready.
    running_since: Option<Timestamp>,
    created_at: Timestamp,
    /// None while nothing has been seen of it, or the engine can't be asked.
    details: Option<ProtonDetails>,
    /// Oldest first.
    log: Vec<String>,
}

impl Panel {
    /// The artifact that it runs, and what that is called: `v3`.
    pub fn runs(&self) -> (String, String) {
        (self.artifact.to_string(), self.track.label.clone())
    }

    /// # Errors
    /// [`Error::NotFound`] when it has gone meanwhile.
    pub async fn read(
        house: &House,
        caller: &Caller,
        workload: &WorkloadId,
        track: &Track,
    ) -> Result<Self, Error> {
        let record = protons::get(house, caller, workload, &track.proton_id).await?;
        let details = match protons::details(house, caller, workload, &track.proton_id).await {
            Ok(details) => details,
            // What can't be seen now is said to be unknown; the rest of the page is true.
            Err(Error::Engine(_)) => None,
            Err(error) => return Err(error),
        };
        Ok(Self {
            track: track.clone(),
            artifact: record.artifact_id,
            running_since: record.running_since,
            created_at: record.created_at,
            details,
            log: record.status_details.log_tail.unwrap_or_default(),
        })
    }
}

/// One panel after the other.
#[component]
pub fn Protons(panels: Vec<Panel>, workload: WorkloadRecord) -> impl IntoView {
    if panels.is_empty() {
        return Either::Left(view! { <p class="pad quiet">"No replica is running."</p> });
    }
    let panels =
        panels.into_iter().map(|panel| view! { <Proton panel workload=workload.id.clone()/> });
    Either::Right(view! { <div class="replicas">{panels.collect_view()}</div> })
}

#[component]
fn Proton(panel: Panel, workload: WorkloadId) -> impl IntoView {
    let Panel { track, artifact, running_since, created_at, details, log } = panel;
    let (role, class) = match track.role {
        Some(Role::Active) if track.status == ProtonStatus::Errored => ("active", "chip bad"),
        Some(Role::Active) => ("active", "chip go"),
        Some(Role::Candidate) => ("candidate", "chip next"),
        None => ("former", "chip"),
    };
    // Since when they were all ready says nothing once they are not.
    let since = match running_since.filter(|_| track.ready() >= track.replicas_wanted as usize) {
        Some(at) => Either::Left(view! { "all ready since "<When at/> }),
        None => Either::Right(view! { "begun "<Ago at=created_at/> }),
    };
    let replicas = details.as_ref().map(|details| details.replicas.as_slice()).unwrap_or_default();
    let engine = details.as_ref().map(|details| {
        let why = details.engine_reason.clone().unwrap_or_default();
        view! { <p class="pad small quiet anywhere">{format!("On the {} engine. {why}", details.engine)}</p> }
    });
    let seen = details.as_ref().map(|details| details.overall_status.last_updated);
    let counted = replicas.iter().any(|replica| replica.network.is_some());
    let rows = replicas.iter().map(|replica| row(replica, counted)).collect_view();
    let table = if replicas.is_empty() {
        let words = match (track.replicas_wanted, &details) {
            (0, _) => "None: it had no request for a while, and the next one starts a replica.",
            (_, None) => "The engine has not told of any replica yet.",
            (_, Some(_)) => "No replica yet.",
        };
        Either::Left(view! { <p class="pad quiet small">{words}</p> })
    } else {
        Either::Right(view! {
            <div class="scroll"><table class="folds">
                <thead><tr><th scope="col">"Replica"</th><th scope="col">"State"</th><th scope="col" class="n">"Restarts"</th>
                    <th scope="col" class="n">"CPU"</th><th scope="col" class="n">"Memory"</th>
                    {counted.then(|| view! { <th scope="col" class="n">"Network"</th> })}</tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        })
    };
    view! {
        <section class="proton" data-key=track.proton_id.to_string() aria-label=format!("Replicas of {}", track.label)>
            <h3><a href=format!("/artifacts/{artifact}")>{track.label.clone()}</a><span class=class>{role}</span>
                <span class="quiet small">{proton_words(&track)}", "{since}</span></h3>
            {track.message.clone().map(|message| view! { <p class="pad small bad-text anywhere">{message}</p> })}
            {table}
            {engine}
            {seen.map(|at| view! { <p class="seen quiet small">{format!("{} of {} ready", track.ready(), plural(track.replicas_wanted.into(), "replica"))}", seen "<Ago at/></p> })}
            <Log log workload key_=track.proton_id.to_string()/>
        </section>
    }
}

#[component]
fn Log(log: Vec<String>, workload: WorkloadId, key_: String) -> impl IntoView {
    let all = format!("/workloads/{workload}/activity");
    let text = log[log.len().saturating_sub(LINES)..].join("\n");
    let empty = text.is_empty();
    view! {
        <details class="tail" data-key=format!("log-{key_}")>
            <summary>"Last lines of log"</summary>
            {if empty {
                Either::Left(view! { <p class="quiet small">"It has not written anything yet."</p> })
            } else {
                Either::Right(view! { <pre class="logs" tabindex="0" aria-label="Last lines of log">{text}</pre> })
            }}
            <p class="small"><a href=all>"All logs"</a></p>
        </details>
    }
}

fn row(replica: &ReplicaDetails, counted: bool) -> impl IntoView + use<> {
    let container = replica.containers.first();
    let reason = container.and_then(|container| container.reason.clone());
    let is_ready = replica.conditions.iter().any(|one| one.kind == ConditionKind::Ready && one.met);
    let (class, state) = match (is_ready, &reason) {
        (true, _) => ("go-text", "ready".to_owned()),
        (false, Some(reason)) => ("bad-text", reason.clone()),
        (false, None) => ("quiet", replica.status.word().to_owned()),
    };
    let since = replica.conditions.iter().find(|one| one.kind == ConditionKind::Ready);
    let since = since.and_then(|ready| ready.since).or(replica.started_at);
    let message = container.and_then(|container| container.message.clone()).filter(|_| !is_ready);
    let exit = container.and_then(|container| container.exit_code);
    let ended = container.is_some_and(|container| container.status == ContainerState::Terminated);
    let exit = exit.map(|code| format!("last exit: code {code}"));
    let detail = message
        .or(exit.filter(|_| ended || !is_ready || container.is_some_and(|c| c.restart_count > 0)));
    let restarts = container.map_or(0, |container| container.restart_count);
    let conditions = replica.conditions.iter().map(|one| {
        let (class, word) = if one.met { ("met", "yes") } else { ("unmet", "not yet") };
        view! { <li class=class>{condition(one.kind)}<span class="aside">{format!(": {word}")}</span></li> }
    });
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "—".into());
    view! {
        <tr data-key=replica.name.clone()>
            <td data-k="Replica"><div><span class="mono id">{replica.name.clone()}</span>
                {container.and_then(image).map(|image| view! { <div class="sub mono anywhere">{image}</div> })}
                {(!replica.address.is_empty()).then(|| view! { <div class="sub mono">{replica.address.clone()}</div> })}</div></td>
            <td data-k="State"><div><span class=class>{state}</span>" "{since.map(|at| view! { <span class="quiet small"><Ago at/></span> })}
                <ul class="conditions" aria-label="Conditions">{conditions.collect_view()}</ul>
                {detail.map(|detail| view! { <div class="sub anywhere">{detail}</div> })}</div></td>
            <td class="n" data-k="Restarts">{restarts}</td>
            <td class="n" data-k="CPU">{or_dash(replica.cpu_millis.map(cpu))}</td>
            <td class="n" data-k="Memory">{or_dash(replica.memory_bytes.map(|bytes| Bytes(bytes).to_string()))}</td>
            {counted.then(|| view! { <td class="n" data-k="Network">{or_dash(replica.network.map(network))}</td> })}
        </tr>
    }
}

/// The image that runs, with the beginning of its id: what its name means may change.
fn image(container: &ContainerDetails) -> Option<String> {
    let id = container.image_id.as_ref()?;
    let id: String = id.trim_start_matches("sha256:").chars().take(12).collect();
    Some(format!("{} ({id})", container.image))
}

fn condition(kind: ConditionKind) -> &'static str {
    match kind {
        ConditionKind::PodScheduled => "placed",
        ConditionKind::Initialized => "started",
        ConditionKind::ContainersReady => "containers ready",
        ConditionKind::Ready => "ready",
    }
}

/// `12 KB/s in, 3 KB/s out`
fn network(network: Network) -> String {
    let Network { received_per_second, sent_per_second } = network;
    format!("{}/s in, {}/s out", Bytes(received_per_second), Bytes(sent_per_second))
}

/// Thousandths of a core as a share of one.
fn cpu(millis: u64) -> String {
    format!("{}.{} %", millis / 10, millis % 10)
}

/// `3 replicas · 1 CPU · 512 MB each`, or `0 to 3 replicas` when they are scaled
pub fn runtime_words(runtime: &WorkloadRuntime) -> String {
    let mut parts = vec![match runtime.bounds() {
        (min, max) if min == max => plural(max.into(), "replica"),
        (min, max) => format!("{min} to {}", plural(max.into(), "replica")),
    }];
    let containers = runtime.container_groups.iter().flat_map(|group| &group.containers);
    for allocation in containers.map(|container| &container.resource_allocation) {
        if let Some(cpu) = allocation.cpu {
            parts.push(format!("{cpu} CPU"));
        }
        if let Some(memory) = allocation.memory {
            parts.push(format!("{memory} each"));
        }
    }
    parts.join(" · ")
}
