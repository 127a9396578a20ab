//! Event numbers: no gap, no repetition, in the order of commits, whoever writes.

use std::{task::Poll, time::Duration};

use handover::model::*;
use tokio::time::timeout;

use crate::{
    make::{at, commit, id, org, settle, workload},
    on_both,
};

const WRITERS: u64 = 12;
const ROUNDS: u64 = 15;

/// For the watcher to see the last event after the last writer is done.
const DEADLINE: Duration = Duration::from_secs(30);

fn event(writer: u64, round: u64) -> NewEvent {
    NewEvent::on_workload(&id(writer), EventKind::Scaled, format!("{round}"))
}

on_both! {
    /// Two processes' worth of writers, every third transaction given up, and a watcher that must see every
    /// number in its place each time it looks.
    async fn a_watcher_never_misses_one(place) {
        let stores = [place.open().await, place.open().await];
        settle(&stores[0]).await;
        let kept = (0..WRITERS * ROUNDS).filter(|n| !n.is_multiple_of(3));
        let expected: i64 = kept.map(|n| 1 + (n % 2) as i64).sum();

        let watcher = tokio::spawn({
            let store = place.open().await;
            async move {
                let mut seen: Vec<Event> = Vec::new();
                while (seen.len() as i64) < expected {
                    let after = seen.last().map_or(0, |event| event.seq);
                    let more = store.events_after(&org(), after, 7).await.unwrap();
                    for event in more {
                        assert_eq!(event.seq, seen.len() as i64 + 1);
                        seen.push(event);
                    }
                    tokio::task::yield_now().await;
                }
                seen
            }
        });
        let mut writers = Vec::new();
        for writer in 0..WRITERS {
            let store = stores[(writer % 2) as usize].clone();
            writers.push(tokio::spawn(async move {
                let mut committed = Vec::new();
                for round in 0..ROUNDS {
                    let n = writer * ROUNDS + round;
                    let mut write = store.write().await.unwrap();
                    for part in 0..=n % 2 {
                        write.event(&org(), event(writer, round), at(n as i64), id(n * 2 + part));
                    }
                    if n.is_multiple_of(3) {
                        drop(write);
                    } else {
                        committed.push((round, write.commit().await.unwrap()));
                    }
                }
                committed
            }));
        }
        let mut told = Vec::new();
        for (writer, task) in writers.into_iter().enumerate() {
            let committed = task.await.unwrap();
            assert!(committed.is_sorted_by_key(|(_, seq)| *seq));
            told.extend(committed.into_iter().map(|(round, seq)| (seq, id(writer as u64), round)));
        }
        let seen = timeout(DEADLINE, watcher).await.unwrap().unwrap();
        for (seq, workload, round) in told {
            let event = &seen[usize::try_from(seq).unwrap() - 1];
            assert_eq!(event.workload_id, Some(workload));
            assert_eq!(event.message, round.to_string());
        }
        assert_eq!(stores[1].head(&org()).await.unwrap(), expected);
    }
}

on_both! {
    /// A client that goes away takes its use case with it, at any await. The next writer must not notice.
    async fn a_use_case_cut_off_anywhere_stops_nobody(place) {
        let store = place.open().await;
        settle(&store).await;
        let mut told = 0;
        for n in 0..300 {
            let writer = store.clone();
            let work = async move {
                let mut write = writer.write().await.unwrap();
                write.insert_workload(&workload(n)).await.unwrap();
                write.event(&org(), event(n, 0), at(0), id(n));
                write.commit().await.unwrap()
            };
            // From a future that is dropped after 0, 1, 2 … polls to one that gets through.
            let mut work = Box::pin(work);
            for _ in 0..n % 60 {
                if let Poll::Ready(seq) = futures::poll!(&mut work) {
                    told = told.max(seq);
                    break;
                }
                tokio::time::timeout(Duration::from_micros(n % 7 * 40), std::future::pending::<()>())
                    .await
                    .unwrap_err();
            }
        }
        let mut changes = store.changes();
        let head = store.head(&org()).await.unwrap();
        timeout(DEADLINE, changes.wait_for(|known| *known >= head)).await.unwrap().unwrap();
        let last = timeout(DEADLINE, commit(&store, async |w| {
            w.event(&org(), event(0, 0), at(0), id(1000));
        })).await.unwrap();
        let seen = store.events_after(&org(), 0, 1000).await.unwrap();
        assert!(last > told);
        assert_eq!(seen.iter().map(|event| event.seq).collect::<Vec<_>>(), (1..=last).collect::<Vec<_>>());
        for event in &seen[..seen.len() - 1] {
            let made = event.workload_id.as_ref().unwrap();
            assert!(store.workload(&org(), made).await.unwrap().is_some(), "together or not at all");
        }
        assert!(told > 0, "some got through");
    }
}
