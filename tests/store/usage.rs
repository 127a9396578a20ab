//! What replicas used.

use handover::{
    model::*,
    store::{Cutoffs, Store, Whose, day_of},
};

use crate::{
    make::{artifact, at, commit, id, proton, repository, settle, workload},
    on_both,
};

fn minute(n: i64) -> Timestamp {
    Timestamp::from_micros(day_of(at(0)).micros() + n * 60_000_000)
}

fn look(n: i64, ready: u64, cpu: Option<u64>) -> Usage {
    Usage {
        at: minute(n),
        looks: 1,
        ready,
        wanted: 2,
        restarts: 1,
        cpu_looks: u64::from(cpu.is_some()),
        cpu_used: cpu.unwrap_or(0),
        cpu_asked: cpu.map_or(0, |_| 1000),
        memory_looks: 1,
        memory_used: 100,
        memory_asked: 0,
    }
}

async fn add(store: &Store, proton: u64, looks: &[Usage]) {
    commit(store, async |w| {
        for usage in looks {
            w.add_usage(&id(7), &id(proton), usage).await.unwrap();
        }
    })
    .await;
}

on_both! {
    async fn looks_add_up_and_protons_beside_each_other_too(place) {
        let store = place.open().await;
        settle(&store).await;
        commit(&store, async |w| {
            w.insert_workload(&workload(7)).await.unwrap();
            w.insert_proton(&proton(8, 7)).await.unwrap();
        }).await;
        add(&store, 8, &[look(1, 2, Some(300)), look(1, 1, None), look(1, 2, Some(100)), look(61, 2, None)]).await;
        add(&store, 9, &[look(1, 2, Some(500)), look(2, 2, None)]).await;
        let used = async |whose, from, to, step| {
            store.used(whose, minute(from), minute(to), step).await.unwrap()
        };
        let (one, all) = ([id(8)], id(7));
        let own = used(Whose::Protons(&one), 0, 200, Millis::minutes(1)).await;
        assert_eq!(own.len(), 2);
        assert_eq!((own[0].looks, own[0].ready, own[0].restarts, own[0].memory_used), (3, 5, 3, 300));
        assert_eq!((own[0].at, own[0].cores(), own[0].cpu_share()), (minute(1), Some(0.2), Some(20.0)));
        assert_eq!((own[1].at, own[1].cores()), (minute(61), None), "it was never known");

        let both = used(Whose::Workload(&all), 0, 200, Millis::hours(1)).await;
        assert_eq!(both.len(), 2);
        // Three looks in the first minute, of which the second proton was there for one; one in the second.
        assert_eq!((both[0].at, both[0].looks, both[0].ready), (minute(1), 4, 9));
        assert_eq!((both[0].cpu_looks, both[0].cpu_used), (2, 900));
        assert_eq!(used(Whose::Workload(&all), 2, 61, Millis::hours(24)).await, [look(2, 2, None)]);
        assert_eq!(used(Whose::Protons(&[]), 0, 200, Millis::hours(1)).await, []);
        assert_eq!(store.protons_with(&id(7), &proton(8, 7).artifact_id).await.unwrap(), [id(8)]);
        assert_eq!(store.protons_with(&id(7), &id(99)).await.unwrap(), []);
    }
}

on_both! {
    async fn use_is_forgotten_with_its_workload_and_when_it_is_old(place) {
        let store = place.open().await;
        settle(&store).await;
        add(&store, 8, &[look(1, 1, None)]).await;
        let all = async |n: u64| {
            let (from, to) = (minute(0), minute(100));
            store.used(Whose::Workload(&id(n)), from, to, Millis::minutes(1)).await.unwrap().len()
        };
        assert_eq!(all(7).await, 0, "nobody has such a workload");
        commit(&store, async |w| {
            w.insert_repository(&repository(5)).await.unwrap();
            w.insert_artifact(&artifact(6, 5)).await.unwrap();
            w.insert_workload(&Workload { artifact_id: id(6), ..workload(7) }).await.unwrap();
            // One whose artifact is gone is kept as long as a locked version.
            w.insert_workload(&Workload { artifact_id: id(99), ..workload(17) }).await.unwrap();
            for (owner, proton) in [(7, 8), (17, 18)] {
                for n in [1, 5, 9] {
                    w.add_usage(&id(owner), &id(proton), &look(n, 1, None)).await.unwrap();
                }
            }
        }).await;
        assert_eq!((all(7).await, all(17).await), (3, 3));
        commit(&store, async |w| {
            let before = Cutoffs { locked: minute(5), draft: minute(9) };
            w.forget_usage(before).await.unwrap();
        }).await;
        assert_eq!((all(7).await, all(17).await), (1, 2));
        commit(&store, async |w| w.purge_workload(&id(17)).await.unwrap()).await;
        assert_eq!((all(7).await, all(17).await), (1, 0));
    }
}
