//! Starting a shim, and what it tells: the run, or why there is none.

use std::{path::Path, process::Stdio};

use rustix::process::{Signal, kill_process_group};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
};
use zeroize::Zeroizing;

use super::{
    procfs::{self, Watch},
    record::{self, EXIT, ExitRecord, LAUNCH, LOCK, Launch, Order, RUN, Run},
};
use crate::{clock::Clock, model::Millis};

/// A busy machine may take long to start a process; a shim that takes longer than this is stuck.
const PATIENCE: Millis = Millis::seconds(30);

/// A run whose shim lived when we looked.
pub(super) struct Alive {
    pub(super) run: Run,
    /// None when the shim has ended by now.
    watch: Option<Watch>,
}

impl Alive {
    fn open(run: Run) -> std::io::Result<Self> {
        let watch = Watch::open(run.shim)?;
        Ok(Self { run, watch })
    }

    /// Returns when the shim has ended, and with it, normally, the replica.
    pub(super) async fn ended(&self) {
        if let Some(watch) = &self.watch {
            watch.ended().await;
        }
    }

    /// Signals the replica's process group.
    pub(super) fn signal(&self, signal: Signal) {
        signal_run(&self.run, signal);
    }
}

fn signal_run(run: &Run, signal: Signal) {
    if run.child.is_alive()
        && let Some(group) = run.child.raw()
    {
        kill_process_group(group, signal).ok();
    }
}

/// Starts what `order` says, under a shim. The error is a sentence for people.
pub(super) async fn spawn(
    clock: &dyn Clock,
    executable: &Path,
    folder: &Path,
    launch: Launch,
    order: &Order,
) -> Result<Alive, String> {
    let number = launch.run;
    let order = serde_json::to_vec(order).map_err(|error| format!("can't be told: {error}"))?;
    let order = Zeroizing::new(order);
    let target = folder.to_owned();
    let saved = tokio::task::spawn_blocking(move || {
        record::create_folder(&target)?;
        record::save(&target, LAUNCH, &launch)
    });
    match saved.await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => return Err(format!("could not be prepared: {error}")),
        Err(error) => return Err(format!("could not be prepared: {error}")),
    }
    let mut shim = Command::new(executable)
        .arg("shim")
        .arg(folder)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("could not be started: {error}"))?;
    let (input, output) = (shim.stdin.take(), shim.stdout.take());
    // Whoever starts a process has to wait for it, or its entry stays.
    tokio::spawn(async move { shim.wait().await });
    if let (Some(mut input), Some(mut output)) = (input, output) {
        let end = clock.monotonic().saturating_add(PATIENCE);
        let mut told = std::pin::pin!(async move {
            // When this fails the shim has ended, and what it says of that is read below.
            input.write_all(&order).await.ok();
            // It starts nothing before it has seen the end of its order.
            drop(input);
            output.read_to_end(&mut Vec::new()).await
        });
        loop {
            let left = end.saturating_sub(clock.monotonic());
            tokio::select! {
                _ = &mut told => break,
                () = clock.sleep(left) => if left == Millis::ZERO { break },
            }
        }
    }
    // The leave was for this once.
    std::fs::remove_file(folder.join(LAUNCH)).ok();
    if let Some(run) = record::load::<Run>(folder, RUN).filter(|run| run.run == number) {
        return Alive::open(run).map_err(|error| format!("can't be watched: {error}"));
    }
    // A shim that is very late must not start anything that nobody knows of.
    if let Left::Alive(alive) = find(clock, folder, number).await {
        return Ok(alive);
    }
    let exit = record::load::<ExitRecord>(folder, EXIT).filter(|exit| exit.run == number);
    Err(exit.and_then(|exit| exit.error).unwrap_or_else(|| "could not be started".to_owned()))
}

/// What a former server left of run `number`.
pub(super) enum Left {
    /// It runs.
    Alive(Alive),
    /// It has ended, or was never started.
    Ended,
}

/// Finds out what is left. A shim on its way is either kept from starting anything (it finds no
/// `launch.json`) or waited for (it holds the lock before it looks).
pub(super) async fn find(clock: &dyn Clock, folder: &Path, number: u64) -> Left {
    std::fs::remove_file(folder.join(LAUNCH)).ok();
    let end = clock.monotonic().saturating_add(PATIENCE);
    while is_locked(folder) && clock.monotonic() < end {
        let run = record::load::<Run>(folder, RUN).filter(|run| run.run == number);
        if let Some(run) = run.filter(|run| run.boot == procfs::boot_id())
            && let Ok(alive) = Alive::open(run)
            && alive.watch.is_some()
        {
            return Left::Alive(alive);
        }
        clock.sleep(Millis(20)).await;
    }
    Left::Ended
}

fn is_locked(folder: &Path) -> bool {
    let Ok(lock) = std::fs::File::open(folder.join(LOCK)) else { return false };
    matches!(lock.try_lock(), Err(std::fs::TryLockError::WouldBlock))
}

/// Ends a replica whose shim was killed: its output leads nowhere, so it can't be kept.
pub(super) async fn bury(run: &Run) {
    if run.boot != procfs::boot_id() {
        return;
    }
    while let Ok(Some(watch)) = Watch::open(run.child) {
        signal_run(run, Signal::KILL);
        watch.ended().await;
    }
}
