//! From single looks to something that can be decided on.
//!
//! A look sees one instant: the requests that happen to be in flight, and the cpu since the look before. The
//! mean of the last few seconds is decided on instead, so that one burst does not start replicas that are
//! not needed when they are ready. Whether there was any request at all is never guessed from instants: the
//! gateway's counts say it.
//!
//! Known limitation: it lives in memory. After a restart the present size counts as wished just then, so
//! scaling in waits for a whole window again.

use std::collections::{BTreeMap, VecDeque};

use super::{
    decide::{Decision, History, ReplicaCpu, Seen, decide},
    rules::Rules,
};
use crate::{
    model::{Millis, Observed},
    traffic::Totals,
};

/// How often one should look.
pub const EVERY: Millis = Millis::seconds(2);
/// The mean is taken over so long.
const RECENT: Millis = Millis::seconds(6);
/// A look that comes sooner after the last one takes its place, so that a flurry of looks has no more weight
/// than one.
const SPACING: Millis = Millis::seconds(1);

/// What one look sees of the proton that serves.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    pub observed: &'a Observed,
    /// Replicas wanted so far.
    pub replicas: u32,
    /// Requests in flight.
    pub open: u64,
    /// Requests that wait for a replica.
    pub waiting: u64,
    pub totals: Totals,
}

/// What is remembered of one proton.
#[derive(Debug)]
pub struct Meter {
    history: History,
    samples: VecDeque<Sample>,
    totals: Totals,
}

#[derive(Debug)]
struct Sample {
    at: Millis,
    in_flight: u64,
    /// Thousandths of a core, by the number of the replica; only of those that were ready.
    cpu: BTreeMap<u32, u64>,
}

impl Meter {
    pub fn new(look: &Look<'_>, now: Millis) -> Self {
        Self {
            history: History::starting_with(look.replicas, now),
            samples: VecDeque::new(),
            totals: look.totals,
        }
    }

    /// How many replicas there should be from now on.
    pub fn decide(&mut self, rules: &Rules, look: &Look<'_>, now: Millis) -> Decision {
        self.add(look, now);
        let used = look.open > 0 || look.waiting > 0 || look.totals != self.totals;
        self.totals = look.totals;
        let seen = Seen {
            replicas: look.replicas,
            cpu: (0..look.replicas).map(|number| self.cpu(number, rules.cores)).collect(),
            // Those that wait have waited long enough.
            in_flight: self.in_flight().max(count(look.waiting)),
            used,
        };
        decide(rules, &seen, &mut self.history, now)
    }

    fn add(&mut self, look: &Look<'_>, now: Millis) {
        let sample = Sample {
            at: now,
            in_flight: look.open + look.waiting,
            cpu: look
                .observed
                .replicas
                .iter()
                .filter(|replica| replica.ready)
                .filter_map(|replica| Some((replica.number, replica.cpu_millis?)))
                .collect(),
        };
        self.samples.retain(|sample| now.saturating_sub(sample.at) < RECENT);
        match self.samples.back_mut() {
            Some(last) if now.saturating_sub(last.at) < SPACING => {
                *last = Sample { at: last.at, ..sample };
            }
            _ => self.samples.push_back(sample),
        }
    }

    fn in_flight(&self) -> f64 {
        mean(self.samples.iter().map(|sample| sample.in_flight)).unwrap_or(0.0)
    }

    fn cpu(&self, number: u32, cores: f64) -> ReplicaCpu {
        // One that is not ready any more is not judged by what it did when it was.
        let now = self.samples.back().and_then(|sample| sample.cpu.get(&number));
        let known = self.samples.iter().filter_map(|sample| sample.cpu.get(&number));
        match now.and(mean(known.copied())) {
            Some(millis) => ReplicaCpu::Percent(millis / 10.0 / cores),
            None => ReplicaCpu::Unknown,
        }
    }
}

fn mean(of: impl Iterator<Item = u64>) -> Option<f64> {
    let (sum, number) = of.fold((0, 0_u64), |(sum, number), one| (sum + one, number + 1));
    (number > 0).then(|| count(sum) / count(number))
}

#[expect(clippy::cast_precision_loss, reason = "requests and thousandths are far below 2^52")]
fn count(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::{Look, Meter};
    use crate::{
        model::{Millis, Observed, Replica, ReplicaPhase},
        scaling::rules::{Metric, Policy, Rules},
        traffic::Totals,
    };

    fn rules(metric: Metric, target: f64) -> Rules {
        let policy = Policy { metric, target, min: 0, max: 20, priority: 0 };
        let min = u32::from(metric == Metric::Cpu);
        Rules { min, max: 20, policies: vec![policy], cores: 0.5 }
    }

    fn replica(number: u32, cpu_millis: u64, ready: bool) -> Replica {
        Replica {
            name: format!("r-{number}"),
            number,
            address: None,
            phase: ReplicaPhase::Running,
            ready,
            started_at: None,
            ready_changed_at: None,
            restarts: 0,
            reason: None,
            message: None,
            last_exit: None,
            container: "main".into(),
            image: "a:1".into(),
            cpu_millis: Some(cpu_millis),
            memory_bytes: None,
            network: None,
        }
    }

    #[test]
    fn the_mean_of_some_seconds_decides_about_requests() {
        let rules = rules(Metric::Concurrency, 1.0);
        let nothing = Observed::default();
        let look = |open| Look {
            observed: &nothing,
            replicas: 1,
            open,
            waiting: 0,
            totals: Totals::default(),
        };
        let mut meter = Meter::new(&look(0), Millis::ZERO);
        let mut ask = |at, open| meter.decide(&rules, &look(open), Millis(at)).replicas;
        assert_eq!([ask(0, 0), ask(2000, 0), ask(4000, 9)], [1, 1, 3]);
        assert_eq!(ask(4500, 12), 4, "it takes the place of the last one");
        assert_eq!(ask(6000, 12), 8, "the first one has left the window");
    }

    #[test]
    fn what_waits_is_not_averaged_away() {
        let rules = rules(Metric::Concurrency, 1.0);
        let nothing = Observed::default();
        let look = |waiting| Look {
            observed: &nothing,
            replicas: 0,
            open: 0,
            waiting,
            totals: Totals::default(),
        };
        let mut meter = Meter::new(&look(0), Millis::ZERO);
        meter.decide(&rules, &look(0), Millis(2000));
        assert_eq!(meter.decide(&rules, &look(3), Millis(4000)).replicas, 3);
    }

    #[test]
    fn cpu_is_a_share_of_what_was_requested_by_replicas_that_are_ready_now() {
        let rules = rules(Metric::Cpu, 50.0);
        let ask = |looks: [[(u64, bool); 2]; 2]| {
            let seen = looks.map(|replicas| Observed {
                replicas: replicas
                    .iter()
                    .zip(0..)
                    .map(|((millis, ready), number)| replica(number, *millis, *ready))
                    .collect(),
                ..Observed::default()
            });
            let look = |observed| Look {
                observed,
                replicas: 2,
                open: 0,
                waiting: 0,
                totals: Totals::default(),
            };
            let mut meter = Meter::new(&look(&seen[0]), Millis::ZERO);
            meter.decide(&rules, &look(&seen[0]), Millis(0));
            meter.decide(&rules, &look(&seen[1]), Millis(2000)).replicas
        };
        // Half a core is requested and half of that is the target: 250 thousandths each.
        assert_eq!(ask([[(250, true), (250, true)], [(250, true), (250, true)]]), 2);
        assert_eq!(ask([[(500, true), (500, true)], [(700, true), (700, true)]]), 5);
        assert_eq!(ask([[(400, true), (900, false)], [(400, true), (900, false)]]), 2);
        assert_eq!(ask([[(400, true), (900, true)], [(400, true), (0, false)]]), 6, "wished once");
    }

    #[test]
    fn a_request_between_two_looks_counts() {
        let rules = rules(Metric::Concurrency, 100.0);
        let nothing = Observed::default();
        let look = |answered| Look {
            observed: &nothing,
            replicas: 1,
            open: 0,
            waiting: 0,
            totals: Totals { answered, ..Totals::default() },
        };
        let mut meter = Meter::new(&look(1), Millis::ZERO);
        let mut ask = |second, answered| {
            meter.decide(&rules, &look(answered), Millis::seconds(second)).replicas
        };
        assert_eq!([ask(200, 1), ask(299, 2), ask(598, 2), ask(599, 2)], [1, 1, 1, 0]);
    }
}
