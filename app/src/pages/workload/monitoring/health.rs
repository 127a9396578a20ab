//! Service health: what the gateway counted.

use handover::{
    model::{Figure, Period, RequestMetrics, Series, SeriesMetric},
    stats::{self, Of, SLOW_MS, SeriesQuery, Shape, StatsQuery},
};
use leptos::{either::Either, prelude::*};

use super::{
    Monitoring, Opened, Tile,
    asked::{Asked, View},
    controls::quantile_words,
    empty::NoRequests,
    tiles, workload_id,
};
use crate::{
    components::{
        chart::{Chart, Drawing, Kind, Mark, Numbers, Point, Unit},
        curl::{ApiCall, call},
        format::count,
    },
    context,
};

#[component]
pub fn Health() -> impl IntoView {
    let id = workload_id();
    context::page(async move {
        let opened = Opened::of(id, View::Health).await?;
        let Opened { house, caller, asked, period, resolution, .. } = &opened;
        let shape = Shape { quantile: asked.quantile, slow_ms: asked.slow_ms };
        let (start, end) = (Some(period.start), Some(period.end));
        let (workload, of) = (asked.id.clone(), asked.of.clone());
        let query = StatsQuery { workload, of, start, end, shape };
        let whole = stats::read(house, caller, &query).await?.metrics;
        let StatsQuery { workload, of, .. } = query;
        let query = SeriesQuery { workload, of, start, end, resolution: *resolution, shape };
        let all = stats::series(house, caller, &query, SeriesMetric::ALL).await?;
        let counted = Counted { all, whole, period: *period };
        let marks = opened.marks().await?;
        let tiles = tiles(SeriesMetric::ALL.iter().map(|one| counted.tile(asked, *one)).collect());
        let drawing = counted.drawing(asked, marks);
        let workload = opened.live.workload.clone();
        let title = drawing.title.clone();
        let words = opened.time_words();
        let foot = foot(&opened);
        let body = if counted.whole.total_requests == 0 {
            Either::Left(view! { <NoRequests workload asked=asked.clone()/> })
        } else {
            Either::Right(view! {
                <div class="pad"><Chart drawing=drawing.clone()/><Numbers drawing/></div>
            })
        };
        Ok(view! {
            <Monitoring opened>
                {tiles}
                <section class="card" id="chart">
                    <header><h2>{title}</h2><span class="quiet small">{words}</span></header>
                    {body}
                    {foot}
                </section>
            </Monitoring>
        })
    })
}

/// What it takes to do it again by a program, and the way to begin anew.
fn foot(opened: &Opened) -> impl IntoView + use<> {
    let Asked { id, of, counted, .. } = &opened.asked;
    let period = opened.period;
    let mut path = format!(
        "/workloads/{id}/stats/{counted}/?startTime={}&endTime={}&resolution={}",
        period.start, period.end, opened.resolution
    );
    if *counted == SeriesMetric::ResponseTime {
        path.push_str(&format!("&responseTimeQuantile={}", opened.asked.quantile));
    }
    if *counted == SeriesMetric::RequestsOverN && opened.asked.slow_ms != SLOW_MS {
        path.push_str(&format!("&slowRequestsThreshold={}", opened.asked.slow_ms));
    }
    if let Of::Proton(proton) = of {
        path.push_str(&format!("&protonId={proton}"));
    }
    let api = match of {
        Of::Serving | Of::Proton(_) => {
            Either::Left(view! { <ApiCall text=call("GET", &path, None)/> })
        }
        Of::All | Of::Artifact(_) => Either::Right(view! {
            <span class="quiet small end">"The API tells of one proton at a time: choose one to see its call."</span>
        }),
    };
    let clear = format!("/workloads/{id}/clear-statistics");
    view! { <div class="bar under"><a class="btn" href=clear data-dialog="">"Clear statistics"</a>{api}</div> }
}

struct Counted {
    all: Vec<Series>,
    whole: RequestMetrics,
    period: Period,
}

impl Counted {
    fn series(&self, metric: SeriesMetric) -> Option<&Series> {
        self.all.iter().find(|series| series.metric == metric)
    }

    fn values(&self, metric: SeriesMetric) -> Vec<Option<f64>> {
        let buckets = self.series(metric).map(|series| series.buckets.as_slice());
        buckets.unwrap_or_default().iter().map(|bucket| bucket.value.map(number)).collect()
    }

    fn highest(&self, metric: SeriesMetric) -> f64 {
        self.values(metric).into_iter().flatten().fold(0.0, f64::max)
    }

    fn tile(&self, asked: &Asked, metric: SeriesMetric) -> Tile {
        let whole = &self.whole;
        let failed = whole.user_errors + whole.server_errors;
        let some = whole.total_requests > 0;
        let or_none = |text: String| if some { text } else { "—".into() };
        let (value, about) = match metric {
            SeriesMetric::TotalRequests => (
                count(whole.total_requests),
                format!(
                    "{} succeeded, {} failed",
                    count(whole.total_requests - failed.min(whole.total_requests)),
                    count(failed)
                ),
            ),
            SeriesMetric::RequestsOverN => {
                let share = Unit::Share.words(ratio(whole.slow_requests, whole.total_requests));
                (count(whole.slow_requests), or_none(format!("{share} of all")))
            }
            SeriesMetric::ResponseTime => (
                or_none(Unit::Millis.words(float(whole.response_time))),
                quantile_words(asked.quantile),
            ),
            SeriesMetric::ConcurrentRequests => (
                count(whole.concurrent_requests),
                format!(
                    "open now; at most {} at once in this time",
                    Unit::Requests.short(self.highest(metric))
                ),
            ),
            SeriesMetric::RequestsPerMinute => {
                let most = Unit::PerMinute.short(self.highest(metric));
                (
                    Unit::PerMinute.short(whole.requests_per_minute),
                    format!("on average, {most} at most"),
                )
            }
            SeriesMetric::TotalErrorRate => (
                or_none(Unit::Share.words(whole.total_error_rate)),
                format!(
                    "{} with 4xx, {} with 5xx or no answer",
                    count(whole.user_errors),
                    count(whole.server_errors)
                ),
            ),
        };
        Tile {
            name: name(asked, metric),
            value,
            about,
            now: None,
            trend: self.values(metric),
            href: Asked { counted: metric, ..asked.clone() }.href(),
            chosen: asked.counted == metric,
        }
    }

    fn drawing(&self, asked: &Asked, marks: Vec<Mark>) -> Drawing {
        let metric = asked.counted;
        let (unit, kind) = match metric {
            SeriesMetric::TotalRequests
            | SeriesMetric::RequestsOverN
            | SeriesMetric::ConcurrentRequests => (Unit::Requests, Kind::Columns),
            SeriesMetric::RequestsPerMinute => (Unit::PerMinute, Kind::Columns),
            SeriesMetric::ResponseTime => (Unit::Millis, Kind::Line),
            SeriesMetric::TotalErrorRate => (Unit::Share, Kind::Line),
        };
        let failed = |index: usize, total: f64| {
            let rate = self.values_at(SeriesMetric::TotalErrorRate, index)?;
            (metric == SeriesMetric::TotalRequests).then(|| (total * rate).round())
        };
        let buckets =
            self.series(metric).map(|series| series.buckets.as_slice()).unwrap_or_default();
        let points = buckets.iter().enumerate().map(|(index, bucket)| {
            let value = bucket.value.map(number);
            Point {
                period: bucket.period,
                value,
                failed: value.and_then(|value| failed(index, value)),
                href: asked.closer(bucket.period),
            }
        });
        let points: Vec<Point> = points.collect();
        Drawing {
            title: match metric {
                SeriesMetric::ResponseTime => {
                    format!("Response time, {}", quantile_words(asked.quantile))
                }
                SeriesMetric::ConcurrentRequests => "Most requests open at once".into(),
                other => name(asked, other),
            },
            unit,
            kind,
            period: self.period,
            zone: context::zone(),
            points,
            marks,
            limit: None,
            gap: "no requests",
        }
    }

    fn values_at(&self, metric: SeriesMetric, index: usize) -> Option<f64> {
        self.series(metric)?.buckets.get(index)?.value.map(number)
    }
}

fn name(asked: &Asked, metric: SeriesMetric) -> String {
    match metric {
        SeriesMetric::TotalRequests => "Total requests".into(),
        SeriesMetric::RequestsOverN => format!("Requests over {} ms", count(asked.slow_ms)),
        SeriesMetric::ResponseTime => "Response time".into(),
        SeriesMetric::ConcurrentRequests => "Concurrent requests".into(),
        SeriesMetric::RequestsPerMinute => "Requests per minute".into(),
        SeriesMetric::TotalErrorRate => "Error rate".into(),
    }
}

fn number(figure: Figure) -> f64 {
    match figure {
        Figure::Count(count) => float(count),
        Figure::Rate(rate) => rate,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn float(count: u64) -> f64 {
    count as f64
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { float(part) / float(whole) }
}
