//! Claims against switches: the promise that a proton seen closed and idle is used by nobody.

use std::{
    collections::HashSet,
    net::SocketAddr,
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
};

use proptest::prelude::*;

use super::{Claim, Endpoint, Outcome, ProtonTraffic, Refusal, Routes, Target};
use crate::model::{LATENCY_CLASSES, ProtonId, Timestamp};

fn proton(number: u8, replicas: u16) -> Arc<ProtonTraffic> {
    let proton = ProtonTraffic::new(ProtonId::from_bytes([number; 12]));
    let addresses: Vec<_> = (1..=replicas).map(|port| ([127, 0, 0, number], port).into()).collect();
    proton.set_ready(&addresses);
    proton
}

fn endpoint() -> Arc<Endpoint> {
    Routes::default().put("w".parse().unwrap(), "o".parse().unwrap(), vec![])
}

#[test]
fn a_route_is_found_until_it_is_removed_and_putting_it_twice_changes_nothing() {
    let routes = Routes::default();
    let first = routes.put("w".parse().unwrap(), "o".parse().unwrap(), vec![]);
    first.switch_to(Target::Serving(proton(1, 1)));
    let again = routes.put("w".parse().unwrap(), "o".parse().unwrap(), vec![]);
    assert!(Arc::ptr_eq(&first, &again));
    routes.put_all([("w".parse().unwrap(), "o".parse().unwrap(), vec![])]);
    assert!(Arc::ptr_eq(&first, &routes.get("w").unwrap()));
    routes.remove(&"w".parse().unwrap());
    assert!(routes.get("w").is_none());
}

#[test]
fn refusals_say_why() {
    let endpoint = endpoint();
    endpoint.switch_to(Target::Unavailable("it is stopped".to_owned()));
    assert_eq!(endpoint.claim().unwrap_err(), Refusal::Unavailable("it is stopped".to_owned()));
    let empty = proton(1, 0);
    endpoint.switch_to(Target::Serving(Arc::clone(&empty)));
    assert_eq!(endpoint.claim().unwrap_err(), Refusal::NoReplica);
    assert_eq!((empty.totals().gateway_errors, empty.open()), (1, 0));
    empty.close();
    assert_eq!(endpoint.claim().unwrap_err(), Refusal::Switching);
}

#[test]
fn replicas_that_stay_keep_their_load_and_those_that_go_are_marked() {
    let endpoint = endpoint();
    let proton = proton(1, 1);
    endpoint.switch_to(Target::Serving(Arc::clone(&proton)));
    let mut claim = endpoint.claim().unwrap();
    let first = Arc::clone(claim.upstream());
    assert!(!claim.move_on(), "there is no other replica");
    let second = ([127, 0, 0, 1], 2).into();
    proton.set_ready(&[first.address, second]);
    assert_eq!(proton.ready()[0].in_flight(), 1);
    assert!(claim.move_on());
    assert_eq!((first.in_flight(), claim.upstream().address), (0, second));
    proton.set_ready(&[second]);
    assert!(first.is_gone() && !claim.upstream().is_gone());
}

#[test]
fn counts_are_complete_when_the_gate_is_idle() {
    let endpoint = endpoint();
    let proton = proton(1, 2);
    endpoint.switch_to(Target::Serving(Arc::clone(&proton)));
    let end = |outcome| {
        let mut claim = endpoint.claim().unwrap();
        claim.begun(Timestamp::from_micros(7));
        claim.ends_as(outcome, 150);
    };
    for outcome in [200, 404, 500].map(Outcome::Answered) {
        end(outcome);
    }
    end(Outcome::Cut);
    end(Outcome::Unreachable);
    drop(endpoint.claim().unwrap());
    let totals = proton.totals();
    assert_eq!((totals.begun, totals.answered, totals.user_errors), (5, 3, 1));
    assert_eq!((totals.server_errors, totals.cut, totals.gateway_errors), (1, 1, 1));
    assert_eq!((totals.abandoned, totals.failed()), (1, 3));
    assert_eq!(proton.last_response(), Some(Timestamp::from_micros(7)));

    let minute = proton.take_minute(Timestamp::default()).unwrap();
    assert_eq!((minute.requests, minute.user_errors, minute.server_errors), (6, 1, 3));
    assert_eq!((minute.peak, minute.latencies.len()), (1, LATENCY_CLASSES));
    assert_eq!(minute.latencies.iter().sum::<u64>(), 3);
    assert_eq!(proton.take_minute(Timestamp::default()), None, "a minute is given out once");
}

#[tokio::test]
async fn waiting_for_idle_ends_with_the_last_claim() {
    let endpoint = endpoint();
    let old = proton(1, 1);
    endpoint.switch_to(Target::Serving(Arc::clone(&old)));
    let (first, second) = (endpoint.claim().unwrap(), endpoint.claim().unwrap());
    endpoint.switch_to(Target::Serving(proton(2, 1)));
    old.close();
    let waiting = tokio::spawn({
        let old = Arc::clone(&old);
        async move { old.wait_idle().await }
    });
    drop(first);
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    drop(second);
    waiting.await.unwrap();
}

/// One step of a story told by one thread; the stress test below tells it with many.
#[derive(Debug, Clone)]
enum Step {
    Claim,
    End(usize),
    Switch(usize),
    Retire(usize),
    SwitchBack(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Claim),
        3 => any::<usize>().prop_map(Step::End),
        1 => (0..3usize).prop_map(Step::Switch),
        1 => (0..3usize).prop_map(Step::Retire),
        1 => (0..3usize).prop_map(Step::SwitchBack),
    ]
}

proptest! {
    #[test]
    fn the_gate_always_tells_the_truth(story in prop::collection::vec(step(), 1..120)) {
        let endpoint = endpoint();
        let protons = [proton(0, 2), proton(1, 1), proton(2, 3)];
        endpoint.switch_to(Target::Serving(Arc::clone(&protons[0])));
        let (mut live, mut routed): (Vec<Claim>, usize) = (Vec::new(), 0);
        for step in story {
            match step {
                Step::Claim => match endpoint.claim() {
                    Ok(claim) => {
                        prop_assert_eq!(&claim.proton().id, &protons[routed].id);
                        prop_assert!(!claim.proton().is_closed());
                        live.push(claim);
                    }
                    Err(refusal) => {
                        prop_assert_eq!(refusal, Refusal::Switching);
                        prop_assert!(protons[routed].is_closed());
                    }
                },
                Step::End(which) if !live.is_empty() => drop(live.swap_remove(which % live.len())),
                Step::End(_) => {}
                Step::Switch(to) => {
                    endpoint.switch_to(Target::Serving(Arc::clone(&protons[to])));
                    routed = to;
                }
                Step::Retire(which) => protons[which].close(),
                Step::SwitchBack(to) => {
                    protons[to].reopen();
                    endpoint.switch_to(Target::Serving(Arc::clone(&protons[to])));
                    routed = to;
                }
            }
            for proton in &protons {
                let held = live.iter().filter(|claim| claim.proton().id == proton.id).count();
                prop_assert_eq!(proton.open(), held as u64);
                prop_assert_eq!(proton.is_idle(), proton.is_closed() && held == 0);
                let on_replicas: u64 = proton.ready().iter().map(|u| u.in_flight()).sum();
                prop_assert_eq!(on_replicas, held as u64);
            }
        }
    }
}

/// Many threads claim while one switches to and fro. `signalled` stands for SIGTERM: it is set only between
/// "seen closed and idle" and "reopened", and whoever holds a claim then has found the bug.
#[test]
fn no_claim_lives_on_a_proton_that_was_seen_idle() {
    const THREADS: usize = 8;
    const SWITCHES: usize = 3_000;
    let endpoint = endpoint();
    let protons = [proton(0, 2), proton(1, 2)];
    let signalled = [AtomicBool::new(false), AtomicBool::new(false)];
    let (claims, refused, over) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let start = Barrier::new(THREADS + 1);
    endpoint.switch_to(Target::Serving(Arc::clone(&protons[0])));
    protons[1].close();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                start.wait();
                while !over.load(SeqCst) {
                    let Ok(mut claim) = endpoint.claim() else {
                        refused.fetch_add(1, SeqCst);
                        continue;
                    };
                    let which = usize::from(claim.proton().id == protons[1].id);
                    for _ in 0..4 {
                        assert!(!signalled[which].load(SeqCst), "signalled while in use");
                        thread::yield_now();
                    }
                    claim.ends_as(Outcome::Answered(200), 1);
                    drop(claim);
                    claims.fetch_add(1, SeqCst);
                }
            });
        }
        start.wait();
        for switch in 0..SWITCHES {
            let (old, new) = (switch % 2, (switch + 1) % 2);
            signalled[new].store(false, SeqCst);
            protons[new].reopen();
            endpoint.switch_to(Target::Serving(Arc::clone(&protons[new])));
            protons[old].close();
            while !protons[old].is_idle() {
                thread::yield_now();
            }
            signalled[old].store(true, SeqCst);
        }
        over.store(true, SeqCst);
    });
    let totals = protons[0].totals() + protons[1].totals();
    assert_eq!(refused.load(SeqCst), 0, "a switch refused a request");
    assert_eq!(totals.answered, claims.load(SeqCst), "every claim is counted once");
    let open: HashSet<_> = protons.iter().map(|proton| proton.open()).collect();
    assert_eq!(open, HashSet::from([0]));
}

/// The same for the replicas of one proton, of which one leaves whenever another comes.
#[test]
fn no_claim_lives_on_a_replica_that_was_seen_free() {
    const THREADS: usize = 8;
    const CHANGES: usize = 3_000;
    let (endpoint, proton) = (endpoint(), proton(3, 1));
    let addresses = [1, 2].map(|port: u16| SocketAddr::from(([127, 0, 0, 3], port)));
    let signalled = [AtomicBool::new(false), AtomicBool::new(false)];
    let (claims, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let start = Barrier::new(THREADS + 1);
    endpoint.switch_to(Target::Serving(Arc::clone(&proton)));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                start.wait();
                while !over.load(SeqCst) {
                    let mut claim = endpoint.claim().expect("one replica is always ready");
                    let which = usize::from(claim.upstream().address == addresses[1]);
                    for _ in 0..4 {
                        assert!(!signalled[which].load(SeqCst), "stopped while in use");
                        thread::yield_now();
                    }
                    claim.ends_as(Outcome::Answered(200), 1);
                    drop(claim);
                    claims.fetch_add(1, SeqCst);
                }
            });
        }
        start.wait();
        for change in 0..CHANGES {
            let (old, new) = (change % 2, (change + 1) % 2);
            signalled[new].store(false, SeqCst);
            proton.set_ready(&[addresses[new]]);
            while !proton.is_free(addresses[old]) {
                thread::yield_now();
            }
            signalled[old].store(true, SeqCst);
        }
        over.store(true, SeqCst);
    });
    assert_eq!(proton.totals().answered, claims.load(SeqCst), "every claim is counted once");
    assert_eq!((proton.open(), proton.totals().failed()), (0, 0));
}

/// The moment between choosing a replica and being counted on it, which threads hardly ever meet.
#[test]
fn who_has_chosen_a_replica_that_then_leaves_can_not_enter_it() {
    let proton = proton(1, 1);
    let chosen = Arc::clone(&proton.ready()[0]);
    proton.set_ready(&[]);
    assert!(proton.is_free(chosen.address), "nobody is on it");
    assert!(!chosen.enter());
    proton.set_ready(&[chosen.address]);
    assert!(!chosen.enter(), "it has come back as another one");
    assert_eq!(proton.enter_one().unwrap().in_flight(), 1);
}

#[test]
fn a_replica_is_free_when_its_last_request_has_ended_though_it_was_not_ready_meanwhile() {
    let endpoint = endpoint();
    let proton = proton(1, 1);
    endpoint.switch_to(Target::Serving(Arc::clone(&proton)));
    let claim = endpoint.claim().unwrap();
    let address = claim.upstream().address;
    // It loses readiness and gets it back, and only then has to leave.
    proton.set_ready(&[]);
    proton.set_ready(&[address]);
    assert!(!proton.is_free(address), "it takes requests");
    proton.set_ready(&[]);
    assert!(!proton.is_free(address), "the old request is still there");
    drop(claim);
    assert!(proton.is_free(address));
}

/// An endpoint whose proton sleeps.
fn asleep() -> (Arc<Endpoint>, Arc<ProtonTraffic>) {
    let (endpoint, proton) = (endpoint(), proton(1, 0));
    proton.set_sleeps(true);
    endpoint.switch_to(Target::Serving(Arc::clone(&proton)));
    (endpoint, proton)
}

fn waits(endpoint: &Arc<Endpoint>) -> tokio::task::JoinHandle<Result<Claim, Refusal>> {
    let endpoint = Arc::clone(endpoint);
    tokio::spawn(async move { endpoint.claim_awake().await })
}

#[tokio::test]
async fn who_comes_to_a_sleeper_rings_once_and_is_let_in_when_it_is_awake() {
    let (endpoint, proton) = asleep();
    assert_eq!(endpoint.claim().unwrap_err(), Refusal::Asleep);
    let (first, second) = (waits(&endpoint), waits(&endpoint));
    while endpoint.waiting() < 2 {
        tokio::task::yield_now().await;
    }
    endpoint.rung().await;
    assert!(futures::FutureExt::now_or_never(endpoint.rung()).is_none(), "it rings once for both");

    endpoint.call_waiting();
    tokio::task::yield_now().await;
    assert!(!first.is_finished(), "called in vain, they wait on");
    proton.set_ready(&[([127, 0, 0, 1], 1).into()]);
    endpoint.call_waiting();
    let claims = [first.await.unwrap().unwrap(), second.await.unwrap().unwrap()];
    assert_eq!((endpoint.waiting(), proton.open()), (0, 2));
    drop(claims);
    assert_eq!(proton.totals().failed(), 0, "to wait is no failure");
}

#[tokio::test]
async fn who_waits_gets_whatever_serves_by_then_or_hears_why_nothing_does() {
    let (endpoint, _) = asleep();
    let waiting = waits(&endpoint);
    endpoint.rung().await;
    let other = proton(2, 1);
    endpoint.switch_to(Target::Serving(Arc::clone(&other)));
    endpoint.call_waiting();
    assert_eq!(waiting.await.unwrap().unwrap().proton().id, other.id);

    let (endpoint, _) = asleep();
    let waiting = waits(&endpoint);
    endpoint.rung().await;
    endpoint.switch_to(Target::Unavailable("it is stopped".to_owned()));
    endpoint.call_waiting();
    let refused = waiting.await.unwrap().unwrap_err();
    assert_eq!(refused, Refusal::Unavailable("it is stopped".to_owned()));
}

#[tokio::test]
async fn places_to_wait_are_limited_and_given_up_by_who_leaves() {
    let (endpoint, proton) = asleep();
    let mut places: Vec<_> = (0..1024).map(|_| waits(&endpoint)).collect();
    while endpoint.waiting() < 1024 {
        tokio::task::yield_now().await;
    }
    assert_eq!(endpoint.claim_awake().await.unwrap_err(), Refusal::Crowded);
    assert_eq!(proton.totals().gateway_errors, 1);
    let leaver = places.pop().unwrap();
    leaver.abort();
    assert!(leaver.await.unwrap_err().is_cancelled());
    assert_eq!(endpoint.waiting(), 1023);
    for place in places {
        place.abort();
    }
}
