//! A few clients that keep calling an endpoint, each on a connection of its own.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use reqwest::Client;
use tokio::task::JoinSet;

use crate::server::{Server, invoke};

pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    clients: JoinSet<Vec<Result<String, String>>>,
}

/// What the clients got.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Answers per version.
    pub versions: BTreeMap<String, u64>,
    pub failures: Vec<String>,
}

impl Load {
    pub(crate) fn on(server: &Server, workload: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut clients = JoinSet::new();
        for _ in 0..4 {
            let (stop, url) = (Arc::clone(&stop), server.endpoint(workload, ""));
            clients.spawn(async move {
                let client = Client::new();
                let mut answers = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    answers.push(invoke(&client, &url).await);
                }
                answers
            });
        }
        Self { stop, clients }
    }

    pub(crate) async fn end(self) -> Report {
        self.stop.store(true, Ordering::Relaxed);
        let mut report = Report::default();
        for answer in self.clients.join_all().await.into_iter().flatten() {
            match answer {
                Ok(version) => *report.versions.entry(version).or_default() += 1,
                Err(failure) => report.failures.push(failure),
            }
        }
        report
    }
}
