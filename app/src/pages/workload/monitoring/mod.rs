//! Monitoring of a workload: what the gateway counted, what its replicas use, and both in the words of
//! OpenTelemetry. Which time, which versions and how finely is chosen once for all three, in the address.

pub mod asked;
pub mod controls;
pub mod empty;
pub mod health;
pub mod metrics;
pub mod resources;
pub mod slider;
pub mod span;

use handover::{
    access::Caller,
    error::Error,
    events,
    house::House,
    live,
    model::{
        EventKind, EventLevel, Millis, Period, ReplacementRecord, Resolution, Timestamp,
        WorkloadId, WorkloadLive, WorkloadRecord,
    },
    protons::{self, Run},
    replacement,
    store::{EventFilter, Paging},
};
use leptos::prelude::*;

use super::Frame;
use crate::{
    components::{
        chart::{Mark, span},
        rollout::old_side,
        tabs::Tab,
    },
    context,
    pages::{id, query},
    refusal::Refusal,
    zone::Zone,
};
use asked::{Asked, View};
use span::Last;

/// Protons and replacements that are looked through, newest first.
const RECENT: u64 = 100;

/// What each of the pages begins with.
struct Opened {
    house: House,
    caller: Caller,
    live: WorkloadLive,
    asked: Asked,
    refusal: Option<Refusal>,
    /// Beginning and end as they were typed.
    typed: (String, String),
    runs: Vec<Run>,
    zone: Zone,
    /// How long there has been something to look at.
    age: Millis,
    period: Period,
    resolution: Resolution,
    /// What was chosen would be too fine to be read.
    coarser: bool,
}

impl Opened {
    async fn of(id: Result<WorkloadId, Error>, view: View) -> Result<Self, Error> {
        let (house, caller) = context::door()?;
        let live = live::workload(&house, &caller, &id?).await?;
        let now = house.now();
        let id = live.workload.id.clone();
        let age = now.since(live.workload.created_at);
        let (asked, refusal) = Asked::read(id, view, Last::usual(age), query);
        let typed = |name: &str| query(name).unwrap_or_default();
        let typed = (typed("startTime"), typed("endTime"));
        // What was chosen with a slider is told by its times in words.
        if query(slider::FROM).is_some() {
            context::go(&asked.href());
        }
        let runs = protons::runs(&house, &caller, &asked.id, Paging::first(RECENT)).await?;
        let (period, resolution, coarser) = asked.span.resolve(asked.resolution, now);
        let zone = context::zone();
        Ok(Self {
            house,
            caller,
            live,
            asked,
            refusal,
            typed,
            runs,
            zone,
            age,
            period,
            resolution,
            coarser,
        })
    }

    /// When traffic moved within the time: to what was new, or back.
    async fn marks(&self) -> Result<Vec<Mark>, Error> {
        let (house, caller, id) = (&self.house, &self.caller, &self.asked.id);
        let recent = Paging::first(RECENT);
        let all = replacement::list(house, caller, id, recent).await?.items;
        // Only the event tells when it went back.
        let filter = EventFilter {
            kinds: vec![EventKind::TrafficSwitched],
            level: Some(EventLevel::Warning),
            from: Some(self.period.start),
            to: Some(self.period.end),
            ..EventFilter::default()
        };
        let returns = events::list(house, caller, id, &filter, recent).await?.items;
        let back = returns.iter().filter_map(|event| {
            let of = event.details.as_ref()?.get("replacementId")?.as_str()?;
            let record = all.iter().find(|record| record.id.as_str() == of)?;
            Some(mark(record, event.timestamp, format!("back to {}", old_side(record))))
        });
        let forth = all.iter().filter_map(|record| {
            let at = record.switched_at?;
            let within = at >= self.period.start && at < self.period.end;
            within.then(|| mark(record, at, record.name.clone()))
        });
        let mut marks: Vec<Mark> = forth.chain(back).collect();
        marks.sort_by_key(|mark| mark.at);
        Ok(marks)
    }

    /// The time and the buckets in words.
    fn time_words(&self) -> String {
        let by = match self.resolution {
            Resolution::Minute => "by the minute",
            Resolution::FiveMinutes => "by five minutes",
            Resolution::Hour => "by the hour",
            Resolution::Day => "by the day",
            Resolution::Week => "by the week",
            Resolution::Month => "by the month",
        };
        format!("{}{}, {by}", span(self.period, &self.zone), self.zone.suffix())
    }
}

fn mark(record: &ReplacementRecord, at: Timestamp, name: String) -> Mark {
    Mark { at, name, href: format!("/workloads/{}/replacements/{}", record.workload_id, record.id) }
}

/// The frame, the choice between the pages, and the choices on them.
#[component]
fn Monitoring(opened: Opened, children: Children) -> impl IntoView {
    let Opened {
        house,
        live,
        asked,
        refusal,
        typed,
        runs,
        zone,
        age,
        period,
        coarser,
        resolution,
        ..
    } = opened;
    let now = house.now();
    let views = View::ALL.map(|view| {
        let href = Asked { view, ..asked.clone() }.href();
        let current = (view == asked.view).then_some("page");
        view! { <a href=href aria-current=current>{view.name()}</a> }
    });
    let sliders =
        view! { <slider::Sliders asked=asked.clone() shown=period age now zone=zone.clone()/> };
    view! {
        <Frame live tab=Tab::Monitoring>
            <nav class="seg views" aria-label="Monitoring">{views.into_iter().collect_view()}</nav>
            <controls::Controls asked refusal typed runs zone coarser resolution>
                {sliders}
            </controls::Controls>
            <div class="stack">{children()}</div>
        </Frame>
    }
}

/// A number on a tile, and what it chooses.
struct Tile {
    name: String,
    value: String,
    about: String,
    /// Now, and since when that is known.
    now: Option<(String, Timestamp)>,
    trend: Vec<Option<f64>>,
    href: String,
    chosen: bool,
}

fn tiles(all: Vec<Tile>) -> impl IntoView {
    use crate::components::{chart::Spark, time::Ago};
    let tiles = all.into_iter().map(|tile| {
        let current = tile.chosen.then_some("true");
        let now = tile.now.map(|(words, at)| {
            view! { <span class="tile-now"><b>"Now: "</b>{words}<span class="quiet">", seen "<Ago at/></span></span> }
        });
        view! {
            <a class="tile" href=tile.href aria-current=current>
                <span class="k">{tile.name}</span>
                <span class="v">{tile.value}</span>
                <span class="tile-about">{tile.about}</span>
                {now}
                <Spark values=tile.trend/>
            </a>
        }
    });
    view! { <nav class="tiles" aria-label="What the chart shows">{tiles.collect_view()}</nav> }
}

/// Whether the workload has nothing running that could be measured.
fn is_still(workload: &WorkloadRecord) -> bool {
    use handover::model::WorkloadStatus as S;
    matches!(workload.status, S::Stopped | S::Terminated | S::Submitted)
}

/// For routes: the id of the page's workload.
fn workload_id() -> Result<WorkloadId, Error> {
    id::<WorkloadId>("id", "workload")
}
