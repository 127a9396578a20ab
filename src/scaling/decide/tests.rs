//! The usual cases by number, and what must hold for all.

use proptest::prelude::*;

use super::{Decision, History, ReplicaCpu, STABILISATION, Seen, TOLERANCE, decide};
use crate::{
    model::Millis,
    scaling::rules::{Metric, Policy, Rules},
};

fn policy(metric: Metric, target: f64) -> Policy {
    Policy { metric, target, min: 0, max: 1000, priority: 0 }
}

fn rules(min: u32, max: u32, policies: Vec<Policy>) -> Rules {
    Rules { min, max, policies, cores: 1.0 }
}

fn concurrency(min: u32, max: u32, target: f64) -> Rules {
    rules(min, max, vec![policy(Metric::Concurrency, target)])
}

fn cpu(min: u32, max: u32, target: f64) -> Rules {
    rules(min, max, vec![policy(Metric::Cpu, target)])
}

fn loaded(replicas: u32, in_flight: f64) -> Seen {
    Seen { replicas, cpu: Vec::new(), in_flight, used: in_flight > 0.0 }
}

fn using(percents: &[f64], unknown: usize) -> Seen {
    let known = percents.iter().map(|percent| ReplicaCpu::Percent(*percent));
    let cpu: Vec<_> = known.chain(vec![ReplicaCpu::Unknown; unknown]).collect();
    Seen { replicas: u32::try_from(cpu.len()).unwrap(), cpu, in_flight: 0.0, used: true }
}

/// Without a past.
fn at_once(rules: &Rules, seen: &Seen) -> u32 {
    decide(rules, seen, &mut History::default(), Millis::ZERO).replicas
}

#[test]
fn as_many_as_the_requests_need() {
    let rules = concurrency(1, 10, 5.0);
    let cases = [(1, 0.0, 1), (1, 5.0, 1), (1, 5.4, 1), (1, 6.0, 2), (2, 26.0, 6), (3, 900.0, 10)];
    for (replicas, in_flight, wanted) in cases {
        let found = at_once(&rules, &loaded(replicas, in_flight));
        assert_eq!(found, wanted, "{in_flight} in flight on {replicas}");
    }
    assert_eq!(at_once(&concurrency(1, 9, 1.1), &loaded(1, 3.3)), 3, "no rounding error counts");
}

#[test]
fn as_many_as_the_cpu_needs() {
    let rules = cpu(1, 10, 50.0);
    assert_eq!(at_once(&rules, &using(&[100.0, 100.0], 0)), 4);
    assert_eq!(at_once(&rules, &using(&[54.0, 54.0], 0)), 2, "within the tolerance");
    assert_eq!(at_once(&rules, &using(&[10.0, 10.0, 10.0, 10.0], 0)), 1);
    assert_eq!(at_once(&rules, &using(&[], 3)), 3, "nothing is known, so nothing changes");
}

#[test]
fn replicas_that_are_not_ready_make_the_change_smaller() {
    let rules = cpu(1, 10, 50.0);
    assert_eq!(at_once(&rules, &using(&[100.0], 1)), 2, "the second one is on its way");
    assert_eq!(at_once(&rules, &using(&[200.0], 1)), 4, "which will not be enough");
    assert_eq!(at_once(&rules, &using(&[10.0, 10.0], 2)), 3, "they may turn out to be busy");
}

#[test]
fn a_target_of_zero_wants_all_there_are_as_soon_as_there_is_any_use() {
    let rules = concurrency(1, 7, 0.0);
    assert_eq!([0.0, 0.1].map(|load| at_once(&rules, &loaded(1, load))), [1, 7]);
}

#[test]
fn of_several_policies_the_highest_wins_and_is_named() {
    let both = |cpu_priority| {
        let mut cpu = policy(Metric::Cpu, 50.0);
        cpu.priority = cpu_priority;
        rules(1, 10, vec![policy(Metric::Concurrency, 5.0), cpu])
    };
    let seen = |percent, in_flight| Seen { in_flight, ..using(&[percent], 0) };
    let ask = |priority, percent, in_flight| {
        decide(&both(priority), &seen(percent, in_flight), &mut History::default(), Millis::ZERO)
    };
    let is = |replicas, by| Decision { replicas, by: Some(by) };
    assert_eq!(ask(0, 200.0, 10.0), is(4, Metric::Cpu));
    assert_eq!(ask(0, 20.0, 10.0), is(2, Metric::Concurrency));
    assert_eq!(ask(1, 100.0, 10.0), is(2, Metric::Cpu), "the priority breaks a tie");
    assert_eq!(ask(-1, 100.0, 10.0), is(2, Metric::Concurrency));
}

#[test]
fn a_policy_asks_within_its_own_bounds() {
    let mut narrow = policy(Metric::Concurrency, 1.0);
    (narrow.min, narrow.max) = (2, 3);
    let rules = rules(0, 10, vec![narrow]);
    assert_eq!([0.0, 9.0].map(|load| at_once(&rules, &loaded(2, load))), [2, 3]);
}

#[test]
fn one_request_in_the_window_keeps_one_replica_and_none_lets_it_go() {
    let rules = concurrency(0, 3, 10.0);
    let mut history = History::starting_with(1, Millis::ZERO);
    let mut ask = |second: u64, used| {
        let seen = Seen { used, ..loaded(1, 0.0) };
        decide(&rules, &seen, &mut history, Millis::seconds(second)).replicas
    };
    assert_eq!(ask(100, true), 1);
    assert_eq!(ask(399, false), 1, "299 s after the last request");
    assert_eq!(ask(400, false), 0);
}

#[test]
fn what_waits_at_zero_wakes_as_many_as_it_needs_at_once() {
    let rules = concurrency(0, 5, 2.0);
    let mut history = History::starting_with(0, Millis::ZERO);
    let mut ask =
        |waiting| decide(&rules, &loaded(0, waiting), &mut history, Millis::seconds(1)).replicas;
    assert_eq!((ask(0.0), ask(1.0), ask(7.0)), (0, 1, 4));
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let metric = prop_oneof![Just(Metric::Cpu), Just(Metric::Concurrency)];
    let target = prop_oneof![1 => Just(0.0), 9 => 0.5..200.0_f64];
    (metric, target, 0..20_u32, 1..20_u32, -2..2_i64).prop_map(
        |(metric, target, a, b, priority)| Policy {
            metric,
            target,
            min: a.min(b),
            max: a.max(b),
            priority,
        },
    )
}

fn any_rules() -> impl Strategy<Value = Rules> {
    (prop::collection::vec(any_policy(), 0..4), 0..20_u32, 1..20_u32).prop_map(
        |(mut policies, a, b)| {
            let (min, max) = (a.min(b), a.max(b));
            for policy in &mut policies {
                policy.min = policy.min.clamp(min, max);
                policy.max = policy.max.clamp(policy.min, max);
            }
            rules(min, max, policies)
        },
    )
}

fn any_seen() -> impl Strategy<Value = Seen> {
    let cpu = prop_oneof![
        3 => (0.0..800.0_f64).prop_map(ReplicaCpu::Percent),
        1 => Just(ReplicaCpu::Unknown),
    ];
    (0..25_u32, prop::collection::vec(cpu, 0..25), 0.0..500.0_f64, any::<bool>()).prop_map(
        |(replicas, mut cpu, in_flight, used)| {
            cpu.truncate(replicas as usize);
            Seen { replicas, cpu, in_flight, used: used || in_flight > 0.0 }
        },
    )
}

/// Looks in order of time, at most two minutes apart.
fn any_story() -> impl Strategy<Value = Vec<(Millis, Seen)>> {
    prop::collection::vec((0..120_000_u64, any_seen()), 1..40).prop_map(|steps| {
        let mut now = 0;
        let timed = steps.into_iter().map(|(passed, seen)| {
            now += passed;
            (Millis(now), seen)
        });
        timed.collect()
    })
}

proptest! {
    #[test]
    fn the_bounds_always_hold(rules in any_rules(), story in any_story()) {
        let mut history = History::default();
        for (now, seen) in story {
            let found = decide(&rules, &seen, &mut history, now).replicas;
            prop_assert!((rules.min..=rules.max).contains(&found), "{found}");
            if seen.used || !rules.reach_zero() {
                prop_assert!(found >= 1, "nobody would be there to answer");
            }
        }
    }

    /// Against the plain definition: the highest of all wishes that are younger than the window.
    #[test]
    fn fewer_only_when_nothing_more_was_wished_in_the_window(
        rules in any_rules(), story in any_story(),
    ) {
        let mut history = History::default();
        let mut wishes: Vec<(Millis, u32)> = Vec::new();
        for (now, seen) in story {
            wishes.push((now, at_once(&rules, &seen)));
            let recent = wishes.iter().filter(|(at, _)| now.saturating_sub(*at) < STABILISATION);
            let found = decide(&rules, &seen, &mut history, now).replicas;
            prop_assert_eq!(Some(found), recent.map(|(_, wish)| *wish).max());
        }
    }

    #[test]
    fn more_requests_never_mean_fewer_replicas(
        rules in any_rules(), seen in any_seen(), more in 0.0..100.0_f64,
    ) {
        let busier = Seen { in_flight: seen.in_flight + more, used: true, ..seen.clone() };
        // Within the tolerance a replica fewer may be kept, where just outside of it one more was wished.
        let exact = |seen: &Seen| {
            let reference = Seen { replicas: 0, cpu: Vec::new(), ..seen.clone() };
            at_once(&rules, &reference)
        };
        prop_assert!(exact(&busier) >= exact(&seen));
    }

    #[test]
    fn one_policy_more_never_means_fewer_replicas(
        rules in any_rules(), seen in any_seen(), extra in any_policy(),
    ) {
        prop_assume!(!rules.policies.is_empty());
        let mut more = rules.clone();
        more.policies.push(extra);
        prop_assert!(at_once(&more, &seen) >= at_once(&rules, &seen));
    }

    /// A steady load comes to rest after one step: nothing flaps.
    #[test]
    fn a_steady_load_scales_once(
        target in 0.5..50.0_f64, load in 0.0..400.0_f64, start in 1..20_u32, by_cpu in any::<bool>(),
    ) {
        let rules = if by_cpu { cpu(1, 20, target) } else { concurrency(1, 20, target) };
        let seen = |replicas: u32| {
            let each = ReplicaCpu::Percent(load / f64::from(replicas));
            Seen { cpu: vec![each; replicas as usize], ..loaded(replicas, load) }
        };
        let first = at_once(&rules, &seen(start));
        prop_assert_eq!(at_once(&rules, &seen(first)), first);
        let need = (load / target).clamp(1.0, 20.0);
        prop_assert!(f64::from(first) >= need / (1.0 + TOLERANCE) - 1e-6, "{first} for {need}");
    }
}
