//! Which time, which versions, how finely. A form that asks by its address; with scripts it is asked at every
//! change.

use std::collections::HashSet;

use handover::{
    model::{Resolution, Role},
    protons::Run,
    stats::Of,
};
use leptos::prelude::*;

use super::{
    asked::{Asked, View, of_word},
    span::{Last, Span},
};
use crate::{
    components::{
        chart::{decimal, moment},
        field::Field,
        notice::Refused,
    },
    refusal::Refusal,
    zone::Zone,
};

/// Protons to choose from; older ones are reached by their artifact.
const RUNS: usize = 20;

const RESOLUTIONS: [(Resolution, &str); 6] = [
    (Resolution::Minute, "Minute"),
    (Resolution::FiveMinutes, "5 minutes"),
    (Resolution::Hour, "Hour"),
    (Resolution::Day, "Day"),
    (Resolution::Week, "Week"),
    (Resolution::Month, "Month"),
];

const QUANTILES: [(f64, &str); 5] = [
    (0.5, "Median"),
    (0.9, "90th percentile"),
    (0.95, "95th percentile"),
    (0.99, "99th percentile"),
    (1.0, "Slowest"),
];

/// `median`, `99th percentile`
pub fn quantile_words(quantile: f64) -> String {
    let known = QUANTILES.iter().find(|(one, _)| (one - quantile).abs() < 1e-9);
    match known {
        Some((_, name)) => name.to_lowercase(),
        None => format!("{} % of the answers", decimal(quantile * 100.0)),
    }
}

/// A choice of one among many, by words that are made while rendering.
#[component]
fn Pick(
    label: &'static str,
    name: &'static str,
    value: String,
    options: Vec<(String, String)>,
) -> impl IntoView {
    let options = options.into_iter().map(|(word, text)| {
        let selected = word == value;
        view! { <option value=word selected=selected>{text}</option> }
    });
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select id=name name=name>{options.collect_view()}</select>
        </div>
    }
}

#[component]
pub fn Controls(
    asked: Asked,
    refusal: Option<Refusal>,
    /// Beginning and end as they were typed.
    typed: (String, String),
    runs: Vec<Run>,
    zone: Zone,
    resolution: Resolution,
    coarser: bool,
    /// Another way to choose the time.
    children: Children,
) -> impl IntoView {
    let presets = Last::ALL.map(|last| {
        let href = Asked { span: Span::Last(last), resolution: None, ..asked.clone() }.href();
        let current = (asked.span == Span::Last(last)).then_some("true");
        view! { <a href=href aria-current=current>{last.name()}</a> }
    });
    let (range, (start, end)) = match asked.span {
        Span::Last(last) => (Some(last.word()), (String::new(), String::new())),
        Span::Between(period) => (None, (zone.field(period.start), zone.field(period.end))),
    };
    // What was refused is still there to be mended.
    let (start, end) = if refusal.is_some() { typed } else { (start, end) };
    let name =
        |of: Resolution| RESOLUTIONS.iter().find(|(one, _)| *one == of).map_or("", |(_, n)| *n);
    let resolutions = std::iter::once((
        String::new(),
        format!("Automatic ({})", name(resolution).to_lowercase()),
    ))
    .chain(RESOLUTIONS.iter().map(|(one, name)| (one.word().to_owned(), (*name).to_owned())))
    .collect::<Vec<_>>();
    let chosen = asked.resolution.map(|one| one.word().to_owned()).unwrap_or_default();
    let label = |word: &str| format!("{word} ({})", zone.words());
    let wrong = || refusal.clone().unwrap_or_default();
    let health = (asked.view == View::Health).then(|| {
        let mut quantiles: Vec<(String, String)> =
            QUANTILES.iter().map(|(q, name)| (q.to_string(), (*name).to_owned())).collect();
        let quantile = asked.quantile.to_string();
        if !quantiles.iter().any(|(word, _)| *word == quantile) {
            quantiles.push((quantile.clone(), quantile_words(asked.quantile)));
        }
        view! {
            <Pick label="Response time" name="responseTimeQuantile" value=quantile options=quantiles/>
            <Field label="Slow from, in ms" name="slowRequestsThreshold" value=asked.slow_ms.to_string() kind="number" refusal=wrong()/>
        }
    });
    // The metrics of OpenTelemetry speak of what serves now.
    let of = (asked.view != View::Metrics).then(|| {
        view! { <Pick label="Versions" name="of" value=of_word(&asked.of) options=choices(&runs, &asked.of, &zone)/> }
    });
    view! {
        <section class="card controls" aria-label="What is shown">
            <div class="bar">
                <nav class="seg" aria-label="The last">{presets.into_iter().collect_view()}</nav>
                {(asked.span_is_custom()).then(|| view! { <span class="chip next">"Own time"</span> })}
            </div>
            {children()}
            <form method="get" action=asked.path() data-check="" id="asked">
                <Refused refusal=refusal.clone()/>
                <input type="hidden" name="zone" value=zone.word()/>
                {range.map(|range| view! { <input type="hidden" name="range" value=range/> })}
                {asked.metric().map(|metric| view! { <input type="hidden" name="metric" value=metric/> })}
                <div class="row-fields">
                    <Field label=label("From") name="startTime" value=start kind="datetime-local" step="1" refusal=wrong()/>
                    <Field label=label("Until") name="endTime" value=end kind="datetime-local" step="1" refusal=wrong()/>
                    <Pick label="By" name="resolution" value=chosen options=resolutions/>
                    {of}
                    {health}
                    <div class="field show"><button type="submit">"Show"</button></div>
                </div>
                {coarser.then(|| view! {
                    <p class="hint">{format!("{} would be too fine for this time to be read; it is shown by the {}.",
                        asked.resolution.map_or("", name), name(resolution).to_lowercase())}</p>
                })}
            </form>
        </section>
    }
}

/// All, the one that serves, each version, each of the last protons; and what is chosen, whatever it is.
fn choices(runs: &[Run], chosen: &Of, zone: &Zone) -> Vec<(String, String)> {
    let mut all = vec![
        (of_word(&Of::All), "All, added up".to_owned()),
        (of_word(&Of::Serving), "The one that serves now".to_owned()),
    ];
    let mut seen = HashSet::new();
    for run in runs {
        if seen.insert(&run.artifact_id) {
            let of = Of::Artifact(run.artifact_id.clone());
            all.push((of_word(&of), format!("Every run of {}", run.label)));
        }
    }
    for run in runs.iter().take(RUNS) {
        let role = match run.role {
            Some(Role::Active) => ", serves now",
            Some(Role::Candidate) => ", candidate",
            None => "",
        };
        let text = format!("{}, begun {}{role}", run.label, moment(run.created_at, zone));
        all.push((of_word(&Of::Proton(run.id.clone())), text));
    }
    let word = of_word(chosen);
    if !all.iter().any(|(one, _)| *one == word) {
        all.push((word.clone(), word.replace('-', " ")));
    }
    all
}
