//! One chart: what is drawn, and the drawing.

use handover::model::{Period, Timestamp};
use leptos::{either::Either, prelude::*};

use super::{
    scale::Scale,
    shape::{Spot, area, line, short, steps},
    time::{brief, moment, span, ticks},
    unit::Unit,
};
use crate::zone::Zone;

/// Above the plane, for the words of the point that is looked at, in pixels.
const TOP: f64 = 42.0;
const HEIGHT: f64 = 164.0;
const GROUND: f64 = TOP + HEIGHT;
/// With the words of the time axis.
const WHOLE: f64 = GROUND + 24.0;
/// Across, a line is stretched from this width to that of its place.
const ACROSS: f64 = 1000.0;
/// A column that stands for something is seen.
const LEAST: f64 = 2.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// For what is added up: each column is a sum.
    Columns,
    /// For what is measured.
    Line,
    /// For what stays as it is until it changes.
    Steps,
}

/// One bucket of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    pub period: Period,
    /// None when there is nothing to tell: a gap.
    pub value: Option<f64>,
    /// How much of the value went wrong.
    pub failed: Option<f64>,
    /// Where a closer look leads.
    pub href: Option<String>,
}

/// Something that happened, as a line across.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub at: Timestamp,
    pub name: String,
    pub href: String,
}

/// A value that the others are measured by.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    pub value: f64,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    pub title: String,
    pub unit: Unit,
    pub kind: Kind,
    pub period: Period,
    /// Where it is read.
    pub zone: Zone,
    /// Oldest first, next to each other.
    pub points: Vec<Point>,
    pub marks: Vec<Mark>,
    pub limit: Option<Limit>,
    /// What a gap means: `no requests`.
    pub gap: &'static str,
}

impl Drawing {
    /// How far across a moment is, in percent.
    fn across(&self, at: Timestamp) -> f64 {
        share(at.micros() - self.period.start.micros(), self.length()) * 100.0
    }

    fn length(&self) -> i64 {
        (self.period.end.micros() - self.period.start.micros()).max(1)
    }

    fn scale(&self) -> Scale {
        let highest = self.points.iter().filter_map(|point| point.value).fold(0.0, f64::max);
        let scale = Scale::new(highest, self.unit.is_whole());
        // A limit that is far away would press everything else flat.
        match &self.limit {
            Some(limit) if limit.value > scale.top && limit.value <= highest * 4.0 => {
                Scale::new(limit.value, self.unit.is_whole())
            }
            _ => scale,
        }
    }

    /// One point in words: `12 requests, 1 failed`.
    pub fn words(&self, point: &Point) -> String {
        match (point.value, point.failed) {
            (None, _) => self.gap.to_owned(),
            (Some(value), Some(failed)) if failed > 0.0 => {
                format!("{}, {} failed", self.unit.words(value), self.unit.short(failed))
            }
            (Some(value), _) => self.unit.words(value),
        }
    }

    /// The whole in words, for who can't see it.
    fn summary(&self) -> String {
        let told = || self.points.iter().filter_map(|point| Some((point, point.value?)));
        let highest = told().max_by(|(_, a), (_, b)| a.total_cmp(b));
        let lowest = told().min_by(|(_, a), (_, b)| a.total_cmp(b));
        let say = |(point, _): (&Point, f64)| {
            format!("{} at {}", self.words(point), brief(point.period, &self.zone))
        };
        let range = match (highest, lowest) {
            (Some(highest), Some(lowest)) => {
                format!("Highest: {}. Lowest: {}.", say(highest), say(lowest))
            }
            _ => format!("Nothing to show: {}.", self.gap),
        };
        let gaps = self.points.iter().filter(|point| point.value.is_none()).count();
        format!(
            "{}, {}{}. {range} {gaps} of {} have {}. All numbers are in the table below.",
            self.title,
            span(self.period, &self.zone),
            self.zone.suffix(),
            self.points.len(),
            self.gap
        )
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of some years")]
fn share(part: i64, whole: i64) -> f64 {
    part as f64 / whole as f64
}

fn percent(number: f64) -> String {
    format!("{}%", short(number))
}

/// Towards which side words lean that stand near an edge.
fn anchor(across: f64) -> &'static str {
    match across {
        x if x < 18.0 => "start",
        x if x > 82.0 => "end",
        _ => "middle",
    }
}

/// The drawing, and the moments that are marked on it as a list of links.
#[component]
pub fn Chart(drawing: Drawing) -> impl IntoView {
    let scale = drawing.scale();
    let has_failed = drawing.points.iter().any(|point| point.failed.is_some_and(|n| n > 0.0));
    let down = |value: f64| GROUND - scale.share(value) * HEIGHT;
    let labels = scale.ticks.iter().map(|tick| {
        view! { <text x="58" y=short(down(*tick) + 4.0) text-anchor="end">{drawing.unit.short(*tick)}</text> }
    });
    let grid = scale.ticks.iter().map(|tick| {
        let y = short(down(*tick));
        view! { <line class="grid" x1="0" x2="100%" y1=y.clone() y2=y></line> }
    });
    let limit = drawing.limit.as_ref().filter(|limit| limit.value <= scale.top).map(|limit| {
        let y = down(limit.value);
        view! {
            <line class="limit" x1="0" x2="100%" y1=short(y) y2=short(y)></line>
            <text class="limit-word" x="100%" y=short(y - 5.0) text-anchor="end">{limit.name.clone()}</text>
        }
    });
    let shapes = match drawing.kind {
        Kind::Columns => Either::Left(columns(&drawing, &scale)),
        Kind::Line | Kind::Steps => Either::Right(curve(&drawing, &scale)),
    };
    let points = drawing.points.iter().map(|one| point(&drawing, &scale, one)).collect_view();
    let marks = drawing.marks.iter().map(|one| mark(&drawing, one)).collect_view();
    let listed = listed(&drawing);
    view! {
        <a class="skip-points" href="#after-chart">"Skip the points of the chart"</a>
        <div class="chart">
            <svg class="values" width="62" height=WHOLE aria-hidden="true">{labels.collect_view()}</svg>
            <svg class="plane" width="100%" height=WHOLE role="group" aria-label=drawing.summary()>
                {grid.collect_view()}
                {times(&drawing)}
                {shapes}
                {limit}
                {points}
                {marks}
            </svg>
        </div>
        {has_failed.then(|| view! { <p class="key"><span class="good"></span>"succeeded"<span class="bad"></span>"failed"</p> })}
        <div id="after-chart" tabindex="-1">{listed}</div>
    }
}

fn times(drawing: &Drawing) -> impl IntoView + use<> {
    let ticks = ticks(drawing.period, &drawing.zone);
    let labels = ticks.into_iter().enumerate().map(|(index, tick)| {
        let across = drawing.across(tick.at);
        let x = percent(across);
        let anchor = match across {
            x if x < 3.0 => "start",
            x if x > 97.0 => "end",
            _ => "middle",
        };
        // On a phone there is room for half of them.
        let class = if index % 2 == 0 { "time" } else { "time rest" };
        view! {
            <line class="tick" x1=x.clone() x2=x.clone() y1=GROUND y2=GROUND + 5.0></line>
            <text class=class x=x y=GROUND + 19.0 text-anchor=anchor>{tick.label}</text>
        }
    });
    labels.collect_view()
}

fn columns(drawing: &Drawing, scale: &Scale) -> impl IntoView + use<> {
    let all = drawing.points.iter().filter_map(|point| {
        let value = point.value.filter(|value| *value > 0.0)?;
        let left = drawing.across(point.period.start);
        let width = drawing.across(point.period.end) - left;
        let (x, width) = (percent(left + width * 0.1), percent(width * 0.8));
        let high = (scale.share(value) * HEIGHT).max(LEAST);
        let bad = point.failed.filter(|failed| *failed > 0.0);
        let bad = bad.map_or(0.0, |failed| (scale.share(failed) * HEIGHT).max(LEAST).min(high));
        let good = (high - bad > 0.0).then(|| {
            let (x, width) = (x.clone(), width.clone());
            view! { <rect class="column" x=x width=width y=short(GROUND - high + bad) height=short(high - bad)></rect> }
        });
        let bad = (bad > 0.0).then(|| {
            view! { <rect class="column failed" x=x width=width y=short(GROUND - high) height=short(bad)></rect> }
        });
        Some(view! { {good} {bad} })
    });
    all.collect_view()
}

fn curve(drawing: &Drawing, scale: &Scale) -> impl IntoView + use<> {
    let stretch = ACROSS / 100.0;
    let down = |value: f64| GROUND - scale.share(value) * HEIGHT;
    let spots: Vec<Spot> = if drawing.kind == Kind::Steps {
        let edges = drawing.points.iter().map(|point| {
            let (from, to) = (drawing.across(point.period.start), drawing.across(point.period.end));
            (from * stretch, to * stretch, point.value.map(down))
        });
        steps(&edges.collect::<Vec<_>>())
    } else {
        let middles = drawing.points.iter();
        middles.map(|point| (middle(drawing, point) * stretch, point.value.map(down))).collect()
    };
    view! {
        <svg viewBox=format!("0 0 {ACROSS} {WHOLE}") preserveAspectRatio="none" width="100%" height=WHOLE>
            <path class="area" d=area(&spots, GROUND)></path>
            <path class="line" d=line(&spots)></path>
        </svg>
    }
}

fn middle(drawing: &Drawing, point: &Point) -> f64 {
    f64::midpoint(drawing.across(point.period.start), drawing.across(point.period.end))
}

/// A bucket, as high as the plane, so that it is easily pointed at; one without a value is no stop of the
/// keyboard.
fn point(drawing: &Drawing, scale: &Scale, point: &Point) -> impl IntoView + use<> {
    let left = drawing.across(point.period.start);
    let width = percent(drawing.across(point.period.end) - left);
    let across = middle(drawing, point);
    let x = percent(across);
    let (when, words) = (brief(point.period, &drawing.zone), drawing.words(point));
    let label = format!("{when}: {words}");
    let spot = point.value.map(|value| {
        let y = short(GROUND - scale.share(value) * HEIGHT);
        view! { <circle class="spot" cx=x.clone() cy=y r="4"></circle> }
    });
    let inside = view! {
        <rect class="hit" x=percent(left) y="0" width=width height=GROUND></rect>
        <line class="guide" x1=x.clone() x2=x.clone() y1=TOP - 6.0 y2=GROUND></line>
        {spot}
        <text class="tip" y="14" text-anchor=anchor(across) aria-hidden="true">
            <tspan class="strong" x=x.clone()>{words}</tspan><tspan x=x dy="16">{when}</tspan>
        </text>
    };
    let key = point.period.start.micros();
    match (&point.href, point.value) {
        (Some(href), Some(_)) => view! {
            <a class="point" data-key=key href=href.clone() aria-label=label>{inside}</a>
        }
        .into_any(),
        (None, Some(_)) => view! {
            <g class="point" data-key=key tabindex="0" role="img" aria-label=label>{inside}</g>
        }
        .into_any(),
        (_, None) => {
            view! { <g class="point" data-key=key aria-hidden="true">{inside}</g> }.into_any()
        }
    }
}

fn mark(drawing: &Drawing, mark: &Mark) -> impl IntoView + use<> {
    let across = drawing.across(mark.at);
    let x = percent(across);
    let at = moment(mark.at, &drawing.zone);
    let label = format!("{at}: {}", mark.name);
    view! {
        <a class="mark" href=mark.href.clone() aria-label=label>
            <line x1=x.clone() x2=x.clone() y1=TOP - 6.0 y2=GROUND></line>
            <circle cx=x.clone() cy=TOP - 6.0 r="5"></circle>
            <text class="tip" y="14" text-anchor=anchor(across) aria-hidden="true">
                <tspan class="strong" x=x.clone()>{mark.name.clone()}</tspan><tspan x=x dy="16">{at}</tspan>
            </text>
        </a>
    }
}

fn listed(drawing: &Drawing) -> impl IntoView + use<> {
    let marks = &drawing.marks;
    (!marks.is_empty()).then(|| {
        let rows = marks.iter().map(|mark| {
            view! { <li><a href=mark.href.clone()>{mark.name.clone()}</a>" "<span class="quiet">{moment(mark.at, &drawing.zone)}</span></li> }
        });
        view! { <div class="marks"><span class="mark-key" aria-hidden="true"></span>"Traffic moved:"<ul>{rows.collect_view()}</ul></div> }
    })
}

#[cfg(test)]
mod tests {
    use super::{Drawing, Kind, Limit, Period, Point, Unit, Zone};
    use handover::model::{Millis, Timestamp};

    fn drawing(values: &[Option<f64>]) -> Drawing {
        let start: Timestamp = "2026-06-24T14:00:00Z".parse().expect("a time");
        let mut points = Vec::new();
        let mut at = start;
        for value in values {
            let period = Period { start: at, end: at + Millis::minutes(1) };
            points.push(Point { period, value: *value, failed: value.map(|_| 1.0), href: None });
            at = period.end;
        }
        Drawing {
            title: "Requests".into(),
            unit: Unit::Requests,
            kind: Kind::Columns,
            period: Period { start, end: at },
            zone: Zone::UTC,
            points,
            marks: Vec::new(),
            limit: None,
            gap: "no requests",
        }
    }

    #[test]
    fn the_whole_is_said_in_words() {
        assert_eq!(
            drawing(&[Some(4.0), None, Some(12.0), Some(2.0)]).summary(),
            "Requests, 24 Jun 2026, 14:00 to 14:04 UTC. Highest: 12 requests, 1 failed at 24 Jun 14:02. \
             Lowest: 2 requests, 1 failed at 24 Jun 14:03. 1 of 4 have no requests. \
             All numbers are in the table below."
        );
        assert!(drawing(&[None]).summary().contains("Nothing to show: no requests."));
    }

    #[test]
    fn moments_are_placed_by_their_time() {
        let drawing = drawing(&[None, None, None, None]);
        assert_eq!(super::percent(drawing.across(drawing.points[1].period.start)), "25%");
        assert_eq!(super::percent(super::middle(&drawing, &drawing.points[3])), "87.5%");
    }

    #[test]
    fn a_limit_is_in_sight_unless_it_is_far_away() {
        let with = |value| {
            let limit = Some(Limit { value, name: "asked for".into() });
            Drawing { limit, ..drawing(&[Some(10.0)]) }.scale().top
        };
        assert!(with(25.0) >= 25.0);
        assert!(with(1000.0) < 20.0);
    }
}
