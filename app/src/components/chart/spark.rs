//! A trend without axes, beside the number it belongs to. It illustrates: the number is said in words.

use leptos::prelude::*;

use super::{
    scale::Scale,
    shape::{area, line},
};

const WIDTH: f64 = 100.0;
const HEIGHT: f64 = 28.0;

#[component]
pub fn Spark(values: Vec<Option<f64>>) -> impl IntoView {
    let highest = values.iter().flatten().copied().fold(0.0, f64::max);
    let scale = Scale::new(highest, false);
    let spots = spots(&values, &scale);
    view! {
        <svg class="trend" viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" aria-hidden="true">
            <path class="area" d=area(&spots, HEIGHT)></path>
            <path class="line" d=line(&spots)></path>
        </svg>
    }
}

fn spots(values: &[Option<f64>], scale: &Scale) -> Vec<(f64, Option<f64>)> {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred points")]
    let step = WIDTH / (values.len().max(2) - 1) as f64;
    let mut x = -step;
    let spots = values.iter().map(|value| {
        x += step;
        // The line keeps its thickness inside of the picture.
        (x, value.map(|value| HEIGHT - 2.0 - scale.share(value) * (HEIGHT - 4.0)))
    });
    spots.collect()
}

#[cfg(test)]
mod tests {
    use super::{Scale, line, spots};

    #[test]
    fn values_go_from_edge_to_edge() {
        let scale = Scale::new(4.0, true);
        assert_eq!(line(&spots(&[Some(0.0), None, Some(4.0)], &scale)), "M0 26h0M100 2h0");
        assert_eq!(line(&spots(&[Some(4.0)], &scale)), "M0 2h0");
        assert_eq!(spots(&[], &scale), []);
    }
}
