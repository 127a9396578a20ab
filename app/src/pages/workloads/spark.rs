//! Seven values as a small line, for a cell of a table.

use leptos::prelude::*;

const WIDTH: f64 = 84.0;
const HEIGHT: f64 = 24.0;
/// Room for the line's own thickness.
const EDGE: f64 = 2.0;

/// `class` colours it; `unit` follows the values for those who listen, and in the title.
pub fn spark(values: &[f64; 7], class: &'static str, unit: &'static str) -> impl IntoView + use<> {
    let most = values.iter().copied().fold(0.0, f64::max);
    let (label, class) = if most > 0.0 {
        let words: Vec<String> = values.iter().map(|value| number(*value)).collect();
        (format!("Hour by hour, the last one last: {} {unit}", words.join(", ")), class)
    } else {
        (format!("No {unit}"), "idle")
    };
    let (line, area) = path(values, most);
    let title = label.clone();
    view! {
        <svg class=format!("spark {class}") viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=label>
            <title>{title}</title>
            <path class="area" d=area></path>
            <path d=line></path>
        </svg>
    }
}

fn path(values: &[f64; 7], most: f64) -> (String, String) {
    let step = (WIDTH - 2.0 * EDGE) / 6.0;
    let floor = HEIGHT - EDGE;
    let points: Vec<String> = (0_u8..7)
        .zip(values)
        .map(|(hour, value)| {
            let share = if most > 0.0 { value / most } else { 0.0 };
            let x = EDGE + f64::from(hour) * step;
            format!("{x:.0} {:.1}", floor - share * (HEIGHT - 2.0 * EDGE))
        })
        .collect();
    let line = format!("M{}", points.join("L"));
    let area = format!("{line}L{:.0} {floor}L{EDGE} {floor}Z", WIDTH - EDGE);
    (line, area)
}

/// `0`, `0.02`, `3.2`, `412`
fn number(value: f64) -> String {
    match value {
        v if v <= 0.0 => "0".into(),
        v if v < 0.1 => format!("{v:.2}"),
        v if v < 10.0 => format!("{v:.1}"),
        v => format!("{v:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn the_highest_value_touches_the_top_and_none_lies_on_the_floor() {
        let (line, area) = path(&[0.0, 5.0, 10.0, 0.0, 0.0, 0.0, 0.0], 10.0);
        assert_eq!(line, "M2 22.0L15 12.0L29 2.0L42 22.0L55 22.0L69 22.0L82 22.0");
        assert!(area.ends_with("L82 22L2 22Z"), "{area}");
        assert!(path(&[0.0; 7], 0.0).0.starts_with("M2 22.0L15 22.0"));
    }
}
