//! The numbers of a chart, for who would rather read them or copy them.

use leptos::prelude::*;

use super::{plot::Drawing, time::brief};

#[component]
pub fn Numbers(drawing: Drawing) -> impl IntoView {
    let failed = drawing.points.iter().any(|point| point.failed.is_some());
    let known = drawing.points.iter().filter(|point| point.value.is_some());
    let rows = known.map(|point| {
        let value = point.value.map(|value| drawing.unit.short(value));
        let wrong = failed.then(|| {
            let wrong = point.failed.map(|failed| drawing.unit.short(failed));
            view! { <td class="n" data-k="Failed">{wrong}</td> }
        });
        view! {
            <tr>
                <th scope="row" data-k="Time">{brief(point.period, &drawing.zone)}</th>
                <td class="n" data-k=drawing.unit.name()>{value}</td>
                {wrong}
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        <details class="numbers" id="numbers">
            <summary>"The same as a table"</summary>
            <div class="scroll" tabindex="0" role="region" aria-label="The chart as a table">
                <table>
                    <caption class="quiet small">{format!("{}. A time without a row: {}.", drawing.title, drawing.gap)}</caption>
                    <thead><tr>
                        <th scope="col">{format!("Time ({})", drawing.zone.words())}</th><th scope="col" class="n">{drawing.unit.name()}</th>
                        {failed.then(|| view! { <th scope="col" class="n">"Failed"</th> })}
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
    }
}
