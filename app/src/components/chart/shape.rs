//! Points as paths: a line breaks where there is no value, and a value alone is a dot.

use std::fmt::Write;

/// Where a point is: across and down. None where there is no value.
pub(super) type Spot = (f64, Option<f64>);

/// The line through the points.
pub(super) fn line(spots: &[Spot]) -> String {
    let mut d = String::new();
    for run in runs(spots) {
        for (index, (x, y)) in run.iter().enumerate() {
            let word = if index == 0 { 'M' } else { 'L' };
            push(&mut d, word, *x, *y);
        }
        // Drawn with round ends, a line of no length is a dot.
        if run.len() == 1 {
            d.push_str("h0");
        }
    }
    d
}

/// What is between the line and the ground.
pub(super) fn area(spots: &[Spot], ground: f64) -> String {
    let mut d = String::new();
    for run in runs(spots) {
        let (Some((first, _)), Some((last, _))) = (run.first(), run.last()) else { continue };
        push(&mut d, 'M', *first, ground);
        for (x, y) in &run {
            push(&mut d, 'L', *x, *y);
        }
        push(&mut d, 'L', *last, ground);
        d.push('z');
    }
    d
}

/// Each value over the whole of its time: from one edge to the next.
pub(super) fn steps(spots: &[(f64, f64, Option<f64>)]) -> Vec<Spot> {
    spots.iter().flat_map(|(from, to, y)| [(*from, *y), (*to, *y)]).collect()
}

/// What is joined: points beside each other that have a value.
fn runs(spots: &[Spot]) -> Vec<Vec<(f64, f64)>> {
    let parts = spots.split(|(_, y)| y.is_none());
    parts
        .map(|part| part.iter().filter_map(|(x, y)| Some((*x, (*y)?))).collect::<Vec<_>>())
        .filter(|run| !run.is_empty())
        .collect()
}

fn push(d: &mut String, word: char, x: f64, y: f64) {
    // Writing to a string does not fail.
    let _ = write!(d, "{word}{} {}", short(x), short(y));
}

/// With no more decimals than can be seen.
pub(super) fn short(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{area, line, short, steps};

    #[test]
    fn a_gap_stays_a_gap() {
        let spots =
            [(0.0, Some(10.0)), (5.0, Some(7.5)), (10.0, None), (15.0, Some(1.0)), (20.0, None)];
        assert_eq!(line(&spots), "M0 10L5 7.5M15 1h0");
        assert_eq!(area(&spots, 20.0), "M0 20L0 10L5 7.5L5 20zM15 20L15 1L15 20z");
        assert_eq!(line(&[(0.0, None)]), "");
        assert_eq!(line(&[]), "");
    }

    #[test]
    fn steps_reach_over_their_time() {
        let spots = steps(&[(0.0, 5.0, Some(2.0)), (5.0, 10.0, Some(3.0))]);
        assert_eq!(line(&spots), "M0 2L5 2L5 3L10 3");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [short(1.0), short(0.126), short(33.333_333), short(0.0)],
            ["1", "0.13", "33.33", "0"]
        );
    }
}
