//! The replicas of each proton: what runs, where, since when, and what it uses.

use handover::model::{Bytes, Replica, Role, Timestamp, Track};
use leptos::prelude::*;

use super::{
    chip::proton_words,
    format::{ago, plural},
};

pub fn replica_panels(tracks: &[Track], now: Timestamp) -> impl IntoView + use<> {
    if tracks.is_empty() {
        return leptos::either::Either::Left(view! {
            <div class="pad quiet">"No replica is running."</div>
        });
    }
    leptos::either::Either::Right(tracks.iter().map(|track| panel(track, now)).collect_view())
}

fn panel(track: &Track, now: Timestamp) -> impl IntoView + use<> {
    let role = match track.role {
        Some(Role::Active) => "active",
        Some(Role::Candidate) => "candidate",
        None => "former",
    };
    let class = match track.role {
        Some(Role::Active) => "chip go",
        Some(Role::Candidate) => "chip next",
        None => "chip",
    };
    let rows = track.replicas.iter().map(|replica| row(replica, now)).collect_view();
    let (none, asleep) = (track.replicas.is_empty(), track.replicas_wanted == 0);
    view! {
        <div class="proton">
            <h3>{track.label.clone()}<span class=class>{role}</span>
                <span class="quiet small">{proton_words(track)}</span></h3>
            {track.message.clone().map(|message| view! { <div class="pad small bad-text anywhere">{message}</div> })}
            {if none {
                leptos::either::Either::Left(view! { <div class="pad quiet small">{if asleep { "None: it had no request for a while, and the next one starts a replica." } else { "No replica yet." }}</div> })
            } else {
                leptos::either::Either::Right(view! {
                    <div class="scroll"><table class="folds">
                        <thead><tr><th scope="col">"Replica"</th><th scope="col">"State"</th><th scope="col" class="n">"Restarts"</th>
                            <th scope="col" class="n">"CPU"</th><th scope="col" class="n">"Memory"</th><th scope="col">"Address"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table></div>
                })
            }}
        </div>
    }
}

fn row(replica: &Replica, now: Timestamp) -> impl IntoView + use<> {
    let state = match (replica.ready, replica.reason.as_deref()) {
        (true, _) => "ready".to_owned(),
        (false, Some(reason)) => reason.to_owned(),
        (false, None) => replica.phase.word().to_owned(),
    };
    let class = match (replica.ready, replica.reason.is_some()) {
        (true, _) => "go-text",
        (false, true) => "bad-text",
        (false, false) => "quiet",
    };
    let since = replica.ready_changed_at.or(replica.started_at).map(|at| ago(at, now));
    let last = replica.last_exit.as_ref().map(|exit| match (exit.code, exit.signal) {
        (Some(code), _) => format!("last exit: code {code}"),
        (None, Some(signal)) => format!("last exit: signal {signal}"),
        (None, None) => "last exit: unknown".into(),
    });
    let detail = replica.message.clone().filter(|_| !replica.ready).or(last);
    view! {
        <tr>
            <td class="mono" data-k="Replica">{replica.name.clone()}</td>
            <td data-k="State"><div><span class=class>{state}</span>" "<span class="quiet small">{since}</span>
                {detail.map(|detail| view! { <div class="sub anywhere">{detail}</div> })}</div></td>
            <td class="n" data-k="Restarts">{replica.restarts}</td>
            <td class="n" data-k="CPU">{replica.cpu_millis.map_or("—".into(), cpu)}</td>
            <td class="n" data-k="Memory">{replica.memory_bytes.map_or("—".into(), |bytes| Bytes(bytes).to_string())}</td>
            <td class="mono nowrap" data-k="Address">{replica.address.map(|address| address.to_string())}</td>
        </tr>
    }
}

/// Thousandths of a core as a share of one.
fn cpu(millis: u64) -> String {
    format!("{}.{} %", millis / 10, millis % 10)
}

/// `3 replicas · 1 CPU · 512 MB each`, or `0 to 3 replicas` when they are scaled
pub fn runtime_words(runtime: &handover::model::WorkloadRuntime) -> String {
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
