//! All workloads in four figures: the last seven days, and how they compare with the seven before.

use handover::model::Overview;
use leptos::prelude::*;

use crate::format::count;

/// Changes smaller than this, in percent, are no news.
const NEWS: f64 = 0.5;

/// What a change means to those who run it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum More {
    IsNeither,
    IsWorse,
}

#[component]
pub fn Tiles(overview: Overview) -> impl IntoView {
    let Overview { workloads, requests, error_rate, response_time, .. } = overview;
    let failing = overview.by_status.get("errored").copied().unwrap_or(0);
    let inactive = workloads.total.saturating_sub(workloads.active);
    let idle = requests.total == 0;
    let figure = |text: String| if idle { "–".to_owned() } else { text };
    let running = view! {
        <li class="card tile" id="tile-running">
            <span class="k">"Running"</span>
            <span class="v">{count(workloads.active)}" "<small>{format!("of {}", count(workloads.total))}</small></span>
            <span class="more">{format!("{} inactive", count(inactive))}
                {(failing > 0).then(|| view! { ", "<a class="bad-text" href="/workloads?status=errored">{format!("{} errored", count(failing))}</a> })}
            </span>
        </li>
    };
    view! {
        <ul class="tiles" aria-label="The last seven days">
            {running}
            {tile(
                "Requests, 7 days",
                short(requests.total),
                "",
                format!("{} ok, {} failed", short(requests.succeeded), short(requests.failed)),
                trend(requests.trend, More::IsNeither, "more", "fewer"),
            )}
            {tile(
                "Error rate, 7 days",
                figure(percent(error_rate.rate)),
                if idle { "" } else { "%" },
                String::new(),
                trend(error_rate.trend, More::IsWorse, "higher", "lower"),
            )}
            {tile(
                "Median response, 7 days",
                figure(count(response_time.millis)),
                if idle { "" } else { "ms" },
                String::new(),
                trend(response_time.trend, More::IsWorse, "slower", "faster"),
            )}
        </ul>
    }
}

fn tile(
    name: &'static str,
    value: String,
    unit: &'static str,
    more: String,
    (tone, words): (&'static str, String),
) -> impl IntoView {
    view! {
        <li class="card tile">
            <span class="k">{name}</span>
            <span class="v">{value}" "<small>{unit}</small></span>
            {(!more.is_empty()).then(|| view! { <span class="more">{more}</span> })}
            <span class=format!("trend {tone}") title="against the seven days before">{words}</span>
        </li>
    }
}

/// The change in words, and its colour.
fn trend(
    percent: Option<f64>,
    meaning: More,
    up: &'static str,
    down: &'static str,
) -> (&'static str, String) {
    let Some(percent) = percent else { return ("", "nothing before".into()) };
    if percent.abs() < NEWS {
        return ("", "unchanged".into());
    }
    let rises = percent > 0.0;
    let tone = match (meaning, rises) {
        (More::IsNeither, _) => "",
        (More::IsWorse, true) => "bad-text",
        (More::IsWorse, false) => "go-text",
    };
    // More than this is no measure any more, only "much".
    let amount = if percent >= 1000.0 {
        format!("{:.0} times", percent / 100.0 + 1.0)
    } else {
        format!("{:.0} %", percent.abs().max(1.0))
    };
    (tone, format!("{amount} {}", if rises { up } else { down }))
}

/// `0`, `0.021`, `3.2`, `41`
pub fn percent(rate: f64) -> String {
    match rate {
        r if r <= 0.0 => "0".into(),
        r if r < 0.001 => "<0.001".into(),
        r if r < 0.1 => format!("{r:.3}"),
        r if r < 9.95 => format!("{r:.1}").trim_end_matches(".0").to_owned(),
        r => format!("{r:.0}"),
    }
}

/// `812`, `72.1 k`, `184.2 M`
pub fn short(number: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
    let n = number as f64;
    match number {
        0..10_000 => count(number),
        10_000..1_000_000 => format!("{:.1} k", n / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} M", n / 1e6),
        _ => format!("{:.1} G", n / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::{More, percent, short, trend};

    #[test]
    fn a_change_says_which_way_and_whether_that_is_good() {
        let worse = |change| trend(change, More::IsWorse, "slower", "faster");
        assert_eq!(worse(Some(12.4)), ("bad-text", "12 % slower".into()));
        assert_eq!(worse(Some(-0.7)), ("go-text", "1 % faster".into()));
        assert_eq!(worse(Some(0.2)), ("", "unchanged".into()));
        assert_eq!(worse(None), ("", "nothing before".into()));
        let more = trend(Some(1900.0), More::IsNeither, "more", "fewer");
        assert_eq!(more, ("", "20 times more".into()));
    }

    #[test]
    fn figures_fit_a_tile() {
        let all = [0, 9_999, 72_091, 184_200_000, 2_500_000_000];
        assert_eq!(all.map(short), ["0", "9,999", "72.1 k", "184.2 M", "2.5 G"]);
        let rates = [0.0, 0.000_01, 0.021, 6.04, 41.3];
        assert_eq!(rates.map(percent), ["0", "<0.001", "0.021", "6", "41"]);
    }
}
