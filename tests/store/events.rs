//! Event numbers: no gap, no repetition, in the order of commits, whoever writes.

use std::time::Duration;

use handover::model::*;
use tokio::time::timeout;

use crate::{
    make::{at, id, org, settle},
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
        let expected: i64 = (0..WRITERS * ROUNDS).filter(|n| n % 3 != 0).map(|n| 1 + (n % 2) as i64).sum();

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
                    if n % 3 == 0 {
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
