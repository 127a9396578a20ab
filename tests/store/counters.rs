//! What the gateway counted.

use handover::{
    model::*,
    store::{Grain, Hour, Store, Whose, WorkloadFilter, day_of},
};

use crate::{
    make::{at, commit, id, org, proton, settle, workload},
    on_both,
};

fn minute(n: i64, requests: u64, class: usize) -> Minute {
    let mut latencies = vec![0; LATENCY_CLASSES];
    latencies[class] = requests;
    Minute {
        at: at(n * 60_000_000),
        requests,
        user_errors: requests / 2,
        server_errors: requests / 3,
        peak: requests,
        latencies,
    }
}

on_both! {
    async fn minutes_add_up_and_are_forgotten_by_range(place) {
        let store = place.open().await;
        settle(&store).await;
        commit(&store, async |w| {
            w.insert_workload(&workload(7)).await.unwrap();
            w.insert_proton(&proton(8, 7)).await.unwrap();
        }).await;
        let add = async |proton: u64, minutes: &[Minute], last| {
            commit(&store, async |w| {
                w.add_minutes(&org(), &id(7), &id(proton), minutes, last).await.unwrap();
            }).await;
        };
        add(8, &[minute(1, 6, 0), minute(2, 1, 5)], Some(at(9))).await;
        add(8, &[minute(1, 9, 91)], Some(at(4))).await;
        add(9, &[minute(1, 2, 3)], None).await;

        let mut both = minute(1, 6, 0);
        both.requests = 15;
        both.user_errors = 3 + 4;
        both.server_errors = 2 + 3;
        both.peak = 9;
        both.latencies[91] = 9;
        let everything = store.minutes(&id(7), None, None, None).await.unwrap();
        assert_eq!(everything, [
            (id(8), both.clone()),
            (id(9), minute(1, 2, 3)),
            (id(8), minute(2, 1, 5)),
        ]);
        let first = minute(1, 0, 0).at;
        let second = minute(2, 0, 0).at;
        let some = store.minutes(&id(7), Some(&id(8)), Some(first), Some(second)).await.unwrap();
        assert_eq!(some, [(id(8), both)]);
        assert_eq!(store.last_response(&id(7)).await.unwrap(), Some(at(9)), "the later of the two");

        commit(&store, async |w| {
            w.clear_stats(&id(7), Some(&id(8)), None, Some(second), None).await.unwrap();
        }).await;
        let left = store.minutes(&id(7), None, None, None).await.unwrap();
        assert_eq!(left, [(id(9), minute(1, 2, 3)), (id(8), minute(2, 1, 5))]);
        commit(&store, async |w| {
            w.clear_stats(&id(7), None, None, Some(second), None).await.unwrap();
        }).await;
        assert_eq!(store.minutes(&id(7), None, None, None).await.unwrap().len(), 1);
        assert_eq!(store.last_response(&id(7)).await.unwrap(), Some(at(9)));
        assert_eq!(store.workload(&org(), &id(7)).await.unwrap(), Some(workload(7)), "no new revision");
    }
}

on_both! {
    async fn counting_for_a_purged_workload_is_dropped(place) {
        let store = place.open().await;
        settle(&store).await;
        commit(&store, async |w| {
            w.add_minutes(&org(), &id(7), &id(8), &[minute(1, 1, 1)], Some(at(1))).await.unwrap();
        }).await;
        assert_eq!(store.minutes(&id(7), None, None, None).await.unwrap(), []);
        assert_eq!(store.last_response(&id(7)).await.unwrap(), None);
    }
}

const HOUR: i64 = 60;

/// What a range holds by days is what it holds by minutes, whatever the range.
async fn days_agree(store: &Store) {
    let edges = [
        None,
        Some(-HOUR),
        Some(0),
        Some(7),
        Some(23 * HOUR),
        Some(24 * HOUR),
        Some(50 * HOUR),
        Some(90 * HOUR),
    ];
    for proton in [8, 9] {
        for (from, to) in edges.iter().flat_map(|from| edges.map(|to| (*from, to))) {
            let moment = |minute: Option<i64>| {
                minute.map(|n| Timestamp::from_micros(day_of(at(0)).micros() + n * 60_000_000))
            };
            let sum = async |grain| {
                let all = store
                    .counted(Whose::Protons(&[id(proton)]), moment(from), moment(to), grain)
                    .await
                    .unwrap();
                let ordered = all.windows(2).all(|pair| pair[0].at < pair[1].at);
                assert!(ordered, "{from:?}..{to:?}");
                let mut sum = Minute::empty(at(0));
                for minute in &all {
                    sum.add(minute);
                }
                sum
            };
            let (days, minutes) = (sum(Grain::Days).await, sum(Grain::Minutes).await);
            assert_eq!(days, minutes, "proton {proton}, {from:?}..{to:?}");
        }
    }
}

on_both! {
    async fn a_day_is_always_the_sum_of_its_minutes(place) {
        let store = place.open().await;
        settle(&store).await;
        let noon = |n: i64, requests: u64, class: usize| Minute {
            at: Timestamp::from_micros(day_of(at(0)).micros() + n * 60_000_000),
            ..minute(0, requests, class)
        };
        commit(&store, async |w| {
            w.insert_workload(&workload(7)).await.unwrap();
            for proton in [8, 9] {
                let minutes: Vec<_> = (0..100_u64)
                    .map(|n| noon(n as i64 * HOUR + n as i64 % 60, n + 3, n as usize % LATENCY_CLASSES))
                    .collect();
                w.add_minutes(&org(), &id(7), &id(proton), &minutes, None).await.unwrap();
            }
        }).await;
        days_agree(&store).await;
        let clears = [
            (None, Some(7), None),
            (Some(30 * HOUR + 11), Some(31 * HOUR), Some(Counter::Requests)),
            (Some(20 * HOUR), Some(75 * HOUR), Some(Counter::Latencies)),
            (Some(24 * HOUR), Some(48 * HOUR), Some(Counter::Errors)),
            (Some(60 * HOUR), None, Some(Counter::Peak)),
            (Some(23 * HOUR), Some(50 * HOUR + 1), None),
            (Some(90 * HOUR), None, None),
        ];
        for (from, to, counter) in clears {
            let moment = |n: Option<i64>| n.map(|n| noon(n, 0, 0).at);
            commit(&store, async |w| {
                w.clear_stats(&id(7), Some(&id(8)), moment(from), moment(to), counter).await.unwrap();
            }).await;
            days_agree(&store).await;
        }
        assert_eq!(store.days_without_sum().await.unwrap(), []);
        let sums = store.sums_of(&[id(7), id(17)]).await.unwrap();
        let all = store.counted(Whose::Protons(&[id(8), id(9)]), None, None, Grain::Minutes).await.unwrap();
        assert_eq!(sums[&id(7)].requests, all.iter().map(|minute| minute.requests).sum::<u64>());
        commit(&store, async |w| {
            w.clear_stats(&id(7), None, None, None, None).await.unwrap();
        }).await;
        assert_eq!(store.sums_of(&[id(7)]).await.unwrap().len(), 0);
    }
}

on_both! {
    async fn hours_and_halves_of_many_workloads_are_summed_in_one_statement(place) {
        let store = place.open().await;
        settle(&store).await;
        let start = day_of(at(0));
        let later = |minutes: i64| Timestamp::from_micros(start.micros() + minutes * 60_000_000);
        commit(&store, async |w| {
            for n in [7, 17] {
                w.insert_workload(&workload(n)).await.unwrap();
            }
            let counted = |minutes: i64, requests| Minute { at: later(minutes), ..minute(0, requests, 3) };
            let day = 24 * HOUR;
            let first = [counted(59, 6), counted(60, 12), counted(3 * day, 60)];
            w.add_minutes(&org(), &id(7), &id(8), &first, None).await.unwrap();
            w.add_minutes(&org(), &id(7), &id(9), &[counted(61, 6)], None).await.unwrap();
            w.add_minutes(&org(), &id(17), &id(18), &[counted(day, 600)], None).await.unwrap();
        }).await;
        let hours = store.hours_of(&[id(7)], start).await.unwrap();
        let mut hours: Vec<Hour> = hours[&id(7)].clone();
        hours.sort_by_key(|hour| hour.index);
        let hour = |index, requests, errors| Hour { index, requests, errors };
        assert_eq!(hours, [hour(0, 6, 5), hour(1, 18, 15), hour(72, 60, 50)]);

        let traffic = async |filter: &WorkloadFilter| {
            let middle = later(24 * HOUR);
            let [old, new] = store.traffic(&org(), filter, start, middle).await.unwrap();
            (old.requests, new.requests, new.latencies[3], new.peak)
        };
        assert_eq!(traffic(&WorkloadFilter::default()).await, (24, 660, 660, 600));
        let one = WorkloadFilter { ids: vec![id(7)], ..WorkloadFilter::default() };
        assert_eq!(traffic(&one).await, (24, 60, 60, 60));
        let none = WorkloadFilter { search: Some("nothing".into()), ..WorkloadFilter::default() };
        assert_eq!(traffic(&none).await, (0, 0, 0, 0));
        let among = async |ids: &[WorkloadId]| store.matching_among(&org(), &one, ids).await.unwrap();
        assert_eq!(among(&[id(7), id(8), id(99)]).await, [id(7)].into());
        assert!(among(&[]).await.is_empty());
    }
}
