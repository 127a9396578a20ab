//! The built-in demo workload, `handover/demo:<version>`: a small HTTP server that says which version and
//! replica answers, and misbehaves on request, so that every course of a rollout can be seen without an
//! image of one's own. Replicas are told apart by `HOSTNAME`, as in a container.
//! It listens on 127.0.0.1 unless it is told another address, as it has to be in a container.

mod misbehave;
mod pages;
mod socket;

use std::{
    io::Write,
    net::{IpAddr, SocketAddr},
    process::ExitCode,
    sync::Arc,
};

use handover::clock::{Clock, SystemClock};
use misbehave::Misbehaviour;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// What every handler needs.
struct Demo {
    version: String,
    replica: String,
    misbehaviour: Misbehaviour,
    clock: Arc<dyn Clock>,
    /// Turns true when the demo has been asked to stop.
    stopping: watch::Receiver<bool>,
}

/// Serves until SIGTERM, then finishes the requests in flight.
pub(crate) async fn demo(version: &str, listen: IpAddr) -> ExitCode {
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(8080);
    let (stop, stopping) = watch::channel(false);
    let demo = Arc::new(Demo {
        version: version.to_owned(),
        replica: std::env::var("HOSTNAME").unwrap_or_else(|_| "demo".to_owned()),
        misbehaviour: Misbehaviour::read(|name| std::env::var(name).ok()),
        clock: Arc::new(SystemClock::new()),
        stopping: stopping.clone(),
    });
    let address = SocketAddr::from((listen, port));
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(error) => {
            say(&format!("ERROR can't listen on {address}: {error}"));
            return ExitCode::FAILURE;
        }
    };
    // With port 0 the system has chosen one.
    let address = listener.local_addr().unwrap_or(address);
    say(&format!("INFO demo {version} listens on {address} as {}", demo.replica));
    tokio::spawn(obey_signals(demo.misbehaviour.ignores_sigterm, stop));
    tokio::spawn(misbehave::crash_when_due(demo.clone()));
    tokio::spawn(misbehave::tell_readiness(demo.clone()));
    let served =
        axum::serve(listener, pages::router(demo)).with_graceful_shutdown(stopped(stopping)).await;
    match served {
        Ok(()) => {
            say(&format!("INFO demo {version} has finished its requests and stops"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&format!("ERROR serving failed: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn obey_signals(ignores_sigterm: bool, stop: watch::Sender<bool>) {
    let (Ok(mut term), Ok(mut int)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        say("WARNING can't listen for signals: SIGTERM ends this at once");
        return;
    };
    loop {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
        if ignores_sigterm {
            say("WARNING told to stop, and ignores it (DEMO_IGNORE_SIGTERM)");
        } else {
            say("INFO told to stop: finishes its requests first");
            stop.send_replace(true);
        }
    }
}

/// Returns once the demo has been asked to stop.
async fn stopped(mut stopping: watch::Receiver<bool>) {
    if stopping.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Writes one line of the log. A log that nobody can take is no reason to stop serving.
fn say(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}
