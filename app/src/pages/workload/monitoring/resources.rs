//! What the replicas use: now, and over time.

use handover::{
    error::Error,
    model::{ConditionKind, ProtonDetails, ReplicaDetails, Timestamp, Track, Usage, UsageMetric},
    protons,
    stats::Of,
    usage::{self, UsageQuery, UsageSeries},
};
use leptos::{either::Either, prelude::*};

use super::{
    Monitoring, Opened, Tile,
    asked::{Asked, View},
    empty::NoUse,
    tiles, workload_id,
};
use crate::{
    components::{
        chart::{Chart, Drawing, Kind, Limit, Mark, Numbers, Point, Unit},
        curl::{ApiCall, call},
        time::Ago,
    },
    context,
};

#[component]
pub fn Resources() -> impl IntoView {
    let id = workload_id();
    context::page(async move {
        let opened = Opened::of(id, View::Resources).await?;
        let Opened { house, caller, asked, period, resolution, .. } = &opened;
        let query = UsageQuery {
            workload: asked.id.clone(),
            of: asked.of.clone(),
            start: Some(period.start),
            end: Some(period.end),
            resolution: *resolution,
        };
        let used = usage::series(house, caller, &query).await?;
        let present = Present::of(&opened).await?;
        let marks = opened.marks().await?;
        let tiles =
            tiles(UsageMetric::ALL.iter().map(|one| tile(asked, &used, &present, *one)).collect());
        let workload = opened.live.workload.clone();
        let words = opened.time_words();
        let drawing = drawing(asked, &used, marks);
        let title = drawing.title.clone();
        let body = if used.whole.is_none() {
            Either::Left(view! { <NoUse workload/> })
        } else {
            Either::Right(view! {
                <div class="pad"><Chart drawing=drawing.clone()/><Numbers drawing/></div>
            })
        };
        let api = call(
            "GET",
            &format!(
                "/otel/workload/{}/metrics/valueOverTime/?otelName={}&startTime={}&endTime={}&resolution={resolution}",
                asked.id,
                match asked.used {
                    UsageMetric::Replicas => "workload.replicas.ready",
                    UsageMetric::Cpu => "container.cpu.usage",
                    UsageMetric::Memory => "container.memory.usage",
                },
                period.start,
                period.end,
            ),
            None,
        );
        Ok(view! {
            <Monitoring opened>
                {tiles}
                <section class="card" id="chart">
                    <header><h2>{title}</h2><span class="quiet small">{words}</span></header>
                    {body}
                    <div class="bar under"><ApiCall text=api/></div>
                </section>
                <section class="card">
                    <header><h2>"Each replica now"</h2></header>
                    {present.table()}
                </section>
            </Monitoring>
        })
    })
}

/// The replicas of the chosen protons that run.
struct Present {
    seen: Vec<(Track, ProtonDetails)>,
}

impl Present {
    async fn of(opened: &Opened) -> Result<Self, Error> {
        let Opened { house, caller, asked, live, runs, .. } = opened;
        let chosen = |track: &&Track| match &asked.of {
            Of::All => true,
            Of::Serving => Some(&track.proton_id) == live.workload.proton_id.as_ref(),
            Of::Proton(id) => *id == track.proton_id,
            Of::Artifact(id) => {
                runs.iter().any(|run| run.id == track.proton_id && run.artifact_id == *id)
            }
        };
        let mut seen = Vec::new();
        for track in live.tracks.iter().filter(chosen) {
            match protons::details(house, caller, &asked.id, &track.proton_id).await {
                Ok(Some(details)) => seen.push((track.clone(), details)),
                // What can't be seen now is left out; the page says when it was seen.
                Ok(None) | Err(Error::Engine(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { seen })
    }

    fn replicas(&self) -> impl Iterator<Item = &ReplicaDetails> {
        self.seen.iter().flat_map(|(_, details)| &details.replicas)
    }

    /// Now, in words, and when that was seen.
    fn words(&self, metric: UsageMetric) -> Option<(String, Timestamp)> {
        let at = self.seen.first().map(|(_, details)| details.overall_status.last_updated)?;
        // A sum that leaves out what is not known would be too small.
        let sum =
            |of: fn(&ReplicaDetails) -> Option<u64>| self.replicas().map(of).sum::<Option<u64>>();
        let words = match metric {
            UsageMetric::Replicas => {
                let ready = self.replicas().filter(|replica| is_ready(replica)).count();
                let wanted: u32 = self.seen.iter().map(|(track, _)| track.replicas_wanted).sum();
                format!("{ready} of {wanted} ready")
            }
            UsageMetric::Cpu => {
                sum(|replica| replica.cpu_millis).map(|millis| Unit::Cores.words(cores(millis)))?
            }
            UsageMetric::Memory => {
                sum(|replica| replica.memory_bytes).map(|bytes| Unit::Bytes.words(float(bytes)))?
            }
        };
        Some((words, at))
    }

    fn table(&self) -> impl IntoView + use<> {
        if self.replicas().next().is_none() {
            return Either::Left(view! { <p class="pad quiet">"No replica is running."</p> });
        }
        let rows = self.seen.iter().flat_map(|(track, details)| {
            let label = track.label.clone();
            details.replicas.iter().map(move |replica| row(&label, replica))
        });
        let rows = rows.collect_view();
        let seen = self.seen.first().map(|(_, details)| {
            let at = details.overall_status.last_updated;
            view! { <p class="pad quiet small">"Seen "<Ago at/>"."</p> }
        });
        Either::Right(view! {
            <div class="scroll"><table class="folds">
                <thead><tr>
                    <th scope="col">"Replica"</th><th scope="col">"Version"</th><th scope="col">"State"</th>
                    <th scope="col" class="n">"CPU"</th><th scope="col" class="n">"Memory"</th><th scope="col" class="n">"Restarts"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
            {seen}
        })
    }
}

fn row(label: &str, replica: &ReplicaDetails) -> impl IntoView + use<> {
    let ready = is_ready(replica);
    let restarts: u32 = replica.containers.iter().map(|container| container.restart_count).sum();
    let (class, state) =
        if ready { ("go-text", "ready") } else { ("quiet", replica.status.word()) };
    let or_dash = |value: Option<String>| value.unwrap_or_else(|| "—".into());
    view! {
        <tr data-key=replica.name.clone()>
            <td class="mono" data-k="Replica">{replica.name.clone()}</td>
            <td data-k="Version">{label.to_owned()}</td>
            <td data-k="State"><span class=class>{state}</span></td>
            <td class="n" data-k="CPU">{or_dash(replica.cpu_millis.map(|millis| Unit::Cores.words(cores(millis))))}</td>
            <td class="n" data-k="Memory">{or_dash(replica.memory_bytes.map(|bytes| Unit::Bytes.words(float(bytes))))}</td>
            <td class="n" data-k="Restarts">{restarts}</td>
        </tr>
    }
}

fn is_ready(replica: &ReplicaDetails) -> bool {
    replica.conditions.iter().any(|one| one.kind == ConditionKind::Ready && one.met)
}

fn tile(asked: &Asked, used: &UsageSeries, present: &Present, metric: UsageMetric) -> Tile {
    let whole = used.whole.as_ref();
    let unit = unit(metric);
    let mean = whole.and_then(|whole| value(metric, whole));
    let share = whole.and_then(|whole| match metric {
        UsageMetric::Replicas => None,
        UsageMetric::Cpu => whole.cpu_share(),
        UsageMetric::Memory => whole.memory_share(),
    });
    let about = match (mean, share, metric) {
        (None, ..) => "not seen in this time".to_owned(),
        (Some(_), Some(share), _) => {
            format!("on average, {} of what was asked for", Unit::Share.words(share / 100.0))
        }
        (Some(_), None, UsageMetric::Replicas) => match whole.map_or(0, |whole| whole.restarts) {
            0 => "ready on average; no restart".to_owned(),
            1 => "ready on average; 1 restart".to_owned(),
            n => format!("ready on average; {n} restarts"),
        },
        (Some(_), None, _) => "on average; nothing was asked for".to_owned(),
    };
    Tile {
        name: name(metric).to_owned(),
        value: mean.map_or_else(|| "—".into(), |mean| unit.words(mean)),
        about,
        now: present.words(metric),
        trend: used
            .buckets
            .iter()
            .map(|b| b.used.as_ref().and_then(|u| value(metric, u)))
            .collect(),
        href: Asked { used: metric, ..asked.clone() }.href(),
        chosen: asked.used == metric,
    }
}

fn drawing(asked: &Asked, used: &UsageSeries, marks: Vec<Mark>) -> Drawing {
    let metric = asked.used;
    let points = used.buckets.iter().map(|bucket| Point {
        period: bucket.period,
        value: bucket.used.as_ref().and_then(|used| value(metric, used)),
        failed: None,
        href: asked.closer(bucket.period),
    });
    let whole = used.whole.unwrap_or_default();
    let limit = match metric {
        UsageMetric::Replicas => None,
        UsageMetric::Cpu => mean(whole.cpu_asked, whole.cpu_looks).map(|millis| millis / 1000.0),
        UsageMetric::Memory => mean(whole.memory_asked, whole.memory_looks),
    };
    let unit = unit(metric);
    Drawing {
        title: match metric {
            UsageMetric::Replicas => "Replicas that were ready".into(),
            UsageMetric::Cpu => "CPU that all replicas used".into(),
            UsageMetric::Memory => "Memory that all replicas held".into(),
        },
        unit,
        kind: if metric == UsageMetric::Replicas { Kind::Steps } else { Kind::Line },
        period: used.period,
        zone: context::zone(),
        points: points.collect(),
        marks,
        limit: limit
            .map(|value| Limit { value, name: format!("asked for: {}", unit.words(value)) }),
        gap: "no replica seen",
    }
}

fn name(metric: UsageMetric) -> &'static str {
    match metric {
        UsageMetric::Replicas => "Replicas",
        UsageMetric::Cpu => "CPU",
        UsageMetric::Memory => "Memory",
    }
}

fn unit(metric: UsageMetric) -> Unit {
    match metric {
        UsageMetric::Replicas => Unit::Replicas,
        UsageMetric::Cpu => Unit::Cores,
        UsageMetric::Memory => Unit::Bytes,
    }
}

fn value(metric: UsageMetric, used: &Usage) -> Option<f64> {
    match metric {
        UsageMetric::Replicas => used.mean_ready(),
        UsageMetric::Cpu => used.cores(),
        UsageMetric::Memory => used.memory(),
    }
}

/// None when nothing was asked for.
fn mean(sum: u64, looks: u64) -> Option<f64> {
    (sum > 0 && looks > 0).then(|| float(sum) / float(looks))
}

fn cores(millis: u64) -> f64 {
    float(millis) / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "bytes stay far below 2^52")]
fn float(number: u64) -> f64 {
    number as f64
}
