//! Numbers out of minutes. Latencies are kept as counts per class of about a fifth, so a quantile is the
//! upper bound of its class, and "slow" counts the classes that lie wholly above the threshold.

use crate::model::{LATENCY_CLASSES, Minute, Period, RequestMetrics, latency_bound, latency_class};

/// The sum of some minutes.
#[derive(Debug, Clone)]
pub(super) struct Sum {
    pub(super) requests: u64,
    pub(super) user_errors: u64,
    pub(super) server_errors: u64,
    /// Most open at once.
    pub(super) peak: u64,
    latencies: Vec<u64>,
}

impl Default for Sum {
    fn default() -> Self {
        Self {
            requests: 0,
            user_errors: 0,
            server_errors: 0,
            peak: 0,
            latencies: vec![0; LATENCY_CLASSES],
        }
    }
}

impl<'m> Extend<&'m Minute> for Sum {
    fn extend<I: IntoIterator<Item = &'m Minute>>(&mut self, minutes: I) {
        for minute in minutes {
            self.requests += minute.requests;
            self.user_errors += minute.user_errors;
            self.server_errors += minute.server_errors;
            self.peak = self.peak.max(minute.peak);
            for (sum, more) in self.latencies.iter_mut().zip(&minute.latencies) {
                *sum += more;
            }
        }
    }
}

impl From<&Minute> for Sum {
    fn from(minute: &Minute) -> Self {
        let mut sum = Self::default();
        sum.extend([minute]);
        sum
    }
}

impl Sum {
    /// Answers whose time is known.
    pub(super) fn answers(&self) -> u64 {
        self.latencies.iter().sum()
    }

    /// Milliseconds within which the given share of the answers came, rounded up; zero without answers.
    pub(super) fn quantile_ms(&self, quantile: f64) -> u64 {
        let answers = self.answers();
        if answers == 0 {
            return 0;
        }
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank among at most 2^52 answers"
        )]
        let rank = ((answers as f64 * quantile).ceil() as u64).clamp(1, answers);
        let mut passed = 0;
        let class = self.latencies.iter().position(|count| {
            passed += count;
            passed >= rank
        });
        class.map_or(0, |class| latency_bound(class).div_ceil(1000))
    }

    pub(super) fn slower_than_ms(&self, millis: u64) -> u64 {
        let border = latency_class(millis.saturating_mul(1000));
        self.latencies.iter().skip(border + 1).sum()
    }

    /// Errors among the requests, from 0 to 1.
    pub(super) fn error_rate(&self) -> f64 {
        share(self.user_errors + self.server_errors, self.requests)
    }

    pub(super) fn metrics(&self, period: Period, wanted: Wanted) -> RequestMetrics {
        RequestMetrics {
            total_requests: self.requests,
            requests_per_minute: per_minute(self.requests, period),
            concurrent_requests: wanted.open,
            response_time: self.quantile_ms(wanted.quantile),
            slow_requests: self.slower_than_ms(wanted.slow_ms),
            user_errors: self.user_errors,
            server_errors: self.server_errors,
            user_error_rate: share(self.user_errors, self.requests),
            server_error_rate: share(self.server_errors, self.requests),
            total_error_rate: self.error_rate(),
        }
    }
}

/// What the minutes don't say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) open: u64,
    pub(super) quantile: f64,
    pub(super) slow_ms: u64,
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(super) fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A period shorter than a minute counts as one: a rate out of two seconds would be wild.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(super) fn per_minute(requests: u64, period: Period) -> f64 {
    let minutes = period.end.since(period.start).0 as f64 / 60_000.0;
    requests as f64 / minutes.max(1.0)
}

#[cfg(test)]
mod tests {
    use super::{Sum, Wanted};
    use crate::model::{LATENCY_CLASSES, Minute, Period, Timestamp, latency_class};

    fn minute(latencies_ms: &[u64], user_errors: u64, server_errors: u64) -> Minute {
        let mut latencies = vec![0; LATENCY_CLASSES];
        for ms in latencies_ms {
            latencies[latency_class(ms * 1000)] += 1;
        }
        Minute {
            at: Timestamp::from_micros(0),
            requests: latencies_ms.len() as u64,
            user_errors,
            server_errors,
            peak: 1,
            latencies,
        }
    }

    #[test]
    fn quantiles_are_never_below_and_at_most_a_quarter_above() {
        let mut sum = Sum::default();
        sum.extend(&[minute(&[10, 10, 10, 10, 10, 10, 10, 10, 10], 0, 0), minute(&[3000], 0, 0)]);
        let median = sum.quantile_ms(0.5);
        assert!((10..=13).contains(&median), "{median}");
        let worst = sum.quantile_ms(1.0);
        assert!((3000..=3750).contains(&worst), "{worst}");
        assert_eq!(sum.slower_than_ms(2000), 1);
        assert_eq!(Sum::default().quantile_ms(0.5), 0);
    }

    #[test]
    fn rates_are_fractions_of_all_requests() {
        let mut sum = Sum::default();
        sum.extend(&[minute(&[5; 8], 2, 2)]);
        let period =
            Period { start: Timestamp::from_micros(0), end: Timestamp::from_micros(120_000_000) };
        let metrics = sum.metrics(period, Wanted { open: 3, quantile: 0.5, slow_ms: 2000 });
        assert!((metrics.user_error_rate - 0.25).abs() < 1e-9);
        assert!((metrics.total_error_rate - 0.5).abs() < 1e-9);
        assert!((metrics.requests_per_minute - 4.0).abs() < 1e-9);
        assert_eq!((metrics.total_requests, metrics.concurrent_requests), (8, 3));
    }
}
