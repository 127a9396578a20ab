//! The axis of values: from zero to a round number that nothing is above, in a few round steps.

/// Steps an axis has at most.
const STEPS: f64 = 4.0;

/// A round number that the highest value is not above, and the round numbers up to it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    pub top: f64,
    /// From zero to the top.
    pub ticks: Vec<f64>,
}

impl Scale {
    /// `whole` for what there is no half of.
    pub(super) fn new(highest: f64, whole: bool) -> Self {
        let highest = if highest.is_finite() && highest > 0.0 { highest } else { 1.0 };
        let step = step(highest / STEPS);
        let step = if whole { step.max(1.0) } else { step };
        // A value that is on the line is not above it, whatever the last bit of a division says.
        let steps = (highest / step - 1e-9).ceil().max(1.0);
        let mut ticks = Vec::new();
        let mut at = 0.0;
        while at <= steps {
            ticks.push(at * step);
            at += 1.0;
        }
        Self { top: steps * step, ticks }
    }

    /// How far up a value is, from 0 to 1.
    pub(super) fn share(&self, value: f64) -> f64 {
        (value / self.top).clamp(0.0, 1.0)
    }
}

/// The round number (1, 2 or 5 and zeros) that is not below this one.
fn step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let first =
        [1.0, 2.0, 5.0, 10.0].into_iter().find(|first| first * power >= least * (1.0 - 1e-9));
    first.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::Scale;

    #[test]
    fn the_axis_is_round_and_nothing_is_above_it() {
        let ticks = |highest, whole| Scale::new(highest, whole).ticks;
        assert_eq!(ticks(1204.0, true), [0.0, 500.0, 1000.0, 1500.0]);
        assert_eq!(ticks(8.0, true), [0.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(ticks(3.0, true), [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(ticks(1.0, true), [0.0, 1.0]);
        assert_eq!(ticks(0.0, true), [0.0, 1.0]);
        assert_eq!(ticks(f64::NAN, false).last(), Some(&1.0));
        for highest in [0.001, 0.013, 0.5, 0.99, 7.3, 19.9, 20.0, 20.1, 99_999.0, 5.8e10] {
            for whole in [false, true] {
                let scale = Scale::new(highest, whole);
                assert!(scale.top >= highest * (1.0 - 1e-9), "{highest}: {scale:?}");
                assert!(scale.top <= (highest * 2.5).max(1.0), "{highest}: {scale:?}");
                assert!((2..=6).contains(&scale.ticks.len()), "{highest}: {scale:?}");
            }
        }
    }

    #[test]
    fn shares_stay_on_the_axis() {
        let scale = Scale::new(8.0, true);
        assert_eq!(
            [2.0, -1.0, 99.0].map(|value| scale.share(value) * 100.0).map(|s| format!("{s:.0}")),
            ["25", "0", "100"]
        );
    }
}
