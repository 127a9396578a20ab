//! What the gateway counted.

use handover::model::*;

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
            w.clear_stats(&id(7), Some(&id(8)), None, Some(second)).await.unwrap();
        }).await;
        let left = store.minutes(&id(7), None, None, None).await.unwrap();
        assert_eq!(left, [(id(9), minute(1, 2, 3)), (id(8), minute(2, 1, 5))]);
        commit(&store, async |w| {
            assert_eq!(w.delete_minutes_before(&id(7), second).await.unwrap(), 1);
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
