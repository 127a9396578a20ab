//! All metrics that are collected by themselves, by the names that OpenTelemetry clients ask for.

use handover::{
    model::{OtelMetric, OtelValue, UsageMetric},
    otel::{self, OtelRange},
};
use leptos::prelude::*;

use super::{
    Monitoring, Opened,
    asked::{Asked, View},
    workload_id,
};
use crate::{
    components::{
        chart::{Unit, decimal},
        curl::{ApiCall, call},
    },
    context,
};

#[component]
pub fn Metrics() -> impl IntoView {
    let id = workload_id();
    context::page(async move {
        let opened = Opened::of(id, View::Metrics).await?;
        let Opened { house, caller, asked, period, resolution, .. } = &opened;
        let range =
            OtelRange { start: Some(period.start), end: Some(period.end), resolution: *resolution };
        let (_, all) = otel::values(house, caller, &asked.id, range).await?;
        let rows = all.iter().map(|value| row(asked, value)).collect_view();
        let api = call(
            "GET",
            &format!(
                "/otel/workload/{}/metrics/autocollectedValues/?startTime={}&endTime={}",
                asked.id, period.start, period.end
            ),
            None,
        );
        let words = opened.time_words();
        let logs = format!("/workloads/{}/activity", asked.id);
        Ok(view! {
            <Monitoring opened>
                <section class="card">
                    <header><h2>"Collected by itself"</h2><span class="quiet small">{words}</span></header>
                    <p class="pad prose">"Of the version that serves now. Replicas are looked at, and requests counted on their way, so nothing has to be built into the workload."</p>
                    <div class="scroll"><table class="folds">
                        <thead><tr>
                            <th scope="col">"Metric"</th><th scope="col" class="n">"Now"</th><th scope="col" class="n">"In this time"</th>
                            <th scope="col">"Unit"</th><th scope="col">"Name for clients"</th>
                        </tr></thead>
                        <tbody>{rows}</tbody>
                    </table></div>
                    <div class="bar under"><ApiCall text=api/></div>
                </section>
                <section class="card">
                    <header><h2>"Sent by the workload"</h2></header>
                    <p class="pad prose">"Metrics and traces that containers send themselves are not received here; they keep going wherever they are configured to go. What they write is in the "<a href=logs>"logs"</a>"."</p>
                </section>
            </Monitoring>
        })
    })
}

fn row(asked: &Asked, value: &OtelValue) -> impl IntoView + use<> {
    let metric = value.otel_name;
    let said = |number: Option<f64>| number.map_or_else(|| "—".into(), |n| words(metric, n));
    let over = match metric.aggregation() {
        "sum" => "in all",
        "max" => "at most",
        "percentile" => "median",
        _ => "on average",
    };
    let aggregated =
        value.aggregated_value.map(|_| view! { <span class="quiet small">" "{over}</span> });
    view! {
        <tr data-key=metric.word()>
            <td data-k="Metric"><a href=chart(asked, metric)>{metric.display_name()}</a><div class="sub">{metric.description()}</div></td>
            <td class="n" data-k="Now">{said(value.current_value)}</td>
            <td class="n" data-k="In this time">{said(value.aggregated_value)}{aggregated}</td>
            <td data-k="Unit">{metric.unit()}</td>
            <td class="mono anywhere" data-k="Name">{metric.word()}</td>
        </tr>
    }
}

/// As people read it; the unit of the wire is in a column of its own.
fn words(metric: OtelMetric, number: f64) -> String {
    match metric {
        OtelMetric::CpuUsage => Unit::Cores.words(number / 1e9),
        OtelMetric::MemoryUsage => Unit::Bytes.words(number),
        OtelMetric::CpuUtilization | OtelMetric::MemoryUtilization | OtelMetric::ErrorRate => {
            Unit::Share.words(number / 100.0)
        }
        OtelMetric::ResponseTime => Unit::Millis.words(number),
        _ => decimal(number),
    }
}

/// The chart that shows it.
fn chart(asked: &Asked, metric: OtelMetric) -> String {
    let asked = match metric.counted() {
        Some(counted) => Asked { view: View::Health, counted, ..asked.clone() },
        None => {
            let used = match metric {
                OtelMetric::CpuUsage | OtelMetric::CpuUtilization => UsageMetric::Cpu,
                OtelMetric::MemoryUsage | OtelMetric::MemoryUtilization => UsageMetric::Memory,
                _ => UsageMetric::Replicas,
            };
            Asked { view: View::Resources, used, ..asked.clone() }
        }
    };
    asked.href()
}
