//! The process between the server and a replica: `handover shim <folder>`.
//!
//! It has a session of its own, holds the replica's output pipes and log files, and records durably how the
//! replica ended. So the replica outlives the server and goes on writing its log, and a server that comes
//! back knows what happened. What it starts it is told over its standard input, which never touches the
//! disk: a server that ends in the middle of telling starts nothing. One thread, no configuration, a few
//! megabytes.
//!
//! Known limitation: a shim that is killed with SIGKILL takes the pipes with it; the server then ends the
//! replica and starts it again.

use std::{
    fs::File,
    io::{self, Read},
    os::{fd::OwnedFd, unix::process::CommandExt},
    path::Path,
    process::{Child, Command, ExitCode, ExitStatus, Stdio},
};

use rustix::process::{Signal, kill_process_group, setsid};
use tokio::{
    net::unix::pipe,
    signal::unix::{SignalKind, signal},
};

use super::{
    procfs::{self, Identity, Watch},
    record::{self, EXIT, ExitRecord, LAUNCH, LOCK, Launch, Order, RUN, Run, WORK},
};
use crate::{
    clock::{Clock, SystemClock},
    engine::supervised::log_file::{LogWriter, Stream},
    model::Millis,
};

/// Runs what it is told until that ends, with this folder for its records. Meant to be the whole of a
/// process.
pub fn shim(folder: &Path) -> ExitCode {
    // Fails only for the leader of a process group, which is one already.
    setsid().ok();
    let done = File::create(folder.join(LOCK)).and_then(|lock| {
        // Another shim lives here: it does the work. The lock ends with this process.
        lock.try_lock().map_err(io::Error::from)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let clock = SystemClock::new();
        let done = runtime.block_on(tend(folder, &clock));
        drop(lock);
        done
    });
    if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn tend(folder: &Path, clock: &dyn Clock) -> io::Result<()> {
    let Some(launch) = record::load::<Launch>(folder, LAUNCH) else {
        // Withdrawn before we came to it.
        return Ok(());
    };
    let mut order = Vec::new();
    io::stdin().read_to_end(&mut order)?;
    let order: Order = serde_json::from_slice(&order)?;
    let ended =
        |code, signal, error| ExitRecord { run: launch.run, code, signal, at: clock.now(), error };
    match start(folder, &launch, &order, clock) {
        Ok(mut child) => {
            tell_the_server()?;
            let status = follow(&mut child, folder, clock).await?;
            let signal = std::os::unix::process::ExitStatusExt::signal(&status);
            record::save(folder, EXIT, &ended(status.code(), signal, None))
        }
        Err(error) => {
            let why = format!("{} could not be started: {error}", order.program.display());
            record::save(folder, EXIT, &ended(None, None, Some(why)))
        }
    }
}

fn start(folder: &Path, launch: &Launch, order: &Order, clock: &dyn Clock) -> io::Result<Child> {
    let work = folder.join(WORK);
    record::create_folder(&work)?;
    let own = Identity::of(i32::try_from(std::process::id()).unwrap_or(-1));
    let mut child = Command::new(&order.program)
        .args(&order.arguments)
        .env_clear()
        .envs(order.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(order.folder.as_deref().unwrap_or(&work))
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // Even a child that has ended already keeps its entry until we have waited for it.
    let known = Identity::of(i32::try_from(child.id()).unwrap_or(-1));
    let saved = match (own, known) {
        (Some(shim), Some(identity)) => record::save(
            folder,
            RUN,
            &Run {
                run: launch.run,
                port: launch.port,
                boot: procfs::boot_id(),
                shim,
                child: identity,
                started_at: clock.now(),
            },
        ),
        _ => Err(io::Error::other("no /proc")),
    };
    if let Err(error) = saved {
        // A replica that no record leads to would be an orphan.
        drop(child.kill());
        drop(child.wait());
        return Err(error);
    }
    Ok(child)
}

/// The server reads our standard output until it ends.
fn tell_the_server() -> io::Result<()> {
    let null = File::options().write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdout(&null)?;
    Ok(())
}

/// Writes the log until the child has ended, ends what it left behind, and waits for it.
async fn follow(child: &mut Child, folder: &Path, clock: &dyn Clock) -> io::Result<ExitStatus> {
    let mut log = LogWriter::open(folder);
    let mut out = Output::new(child.stdout.take().map(OwnedFd::from), Stream::Out);
    let mut err = Output::new(child.stderr.take().map(OwnedFd::from), Stream::Err);
    let pid = i32::try_from(child.id()).unwrap_or(-1);
    let watch = Identity::of(pid).map(Watch::open).transpose()?.flatten();
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    let mut hup = signal(SignalKind::hangup())?;
    loop {
        tokio::select! {
            () = ended(watch.as_ref()) => break,
            () = out.read() => out.write_to(&mut log, clock),
            () = err.read() => err.write_to(&mut log, clock),
            // Whoever ends the shim means the replica.
            _ = term.recv() => send(pid, Signal::TERM),
            _ = int.recv() => send(pid, Signal::TERM),
            // A terminal that closes means nobody here.
            _ = hup.recv() => {}
        }
    }
    // Not waited for yet, so its pid can't have come to mean another process.
    send(pid, Signal::KILL);
    let own = i32::try_from(std::process::id()).unwrap_or(-1);
    for left in procfs::members(&procfs::all(), own, pid).filter(|stat| stat.pid != pid) {
        if let Some(left) = rustix::process::Pid::from_raw(left.pid) {
            rustix::process::kill_process(left, Signal::KILL).ok();
        }
    }
    // Nobody writes any more: what is in the pipes now is all there is.
    for output in [&mut out, &mut err] {
        output.drain(clock, &mut log).await;
    }
    child.wait()
}

async fn ended(watch: Option<&Watch>) {
    if let Some(watch) = watch {
        watch.ended().await;
    }
}

fn send(group: i32, signal: Signal) {
    if let Some(group) = rustix::process::Pid::from_raw(group) {
        kill_process_group(group, signal).ok();
    }
}

/// One of the child's two outputs.
struct Output {
    pipe: Option<pipe::Receiver>,
    stream: Stream,
    /// What has been read and is not in the log yet.
    fresh: Vec<u8>,
    /// The beginning of a line whose end has not come.
    partial: Vec<u8>,
}

/// Longer lines are cut into pieces, so that a program without line ends can't fill our memory.
const LONGEST_LINE: usize = 16 * 1024;
const CHUNK: usize = 8 * 1024;

impl Output {
    fn new(pipe: Option<OwnedFd>, stream: Stream) -> Self {
        let pipe = pipe.and_then(|fd| pipe::Receiver::from_owned_fd(fd).ok());
        Self { pipe, stream, fresh: Vec::new(), partial: Vec::new() }
    }

    /// Waits until there is something; for ever once the output has ended. Safe to give up at any moment.
    async fn read(&mut self) {
        loop {
            let Some(pipe) = &self.pipe else { return std::future::pending().await };
            if pipe.readable().await.is_err() {
                self.pipe = None;
                continue;
            }
            let mut chunk = [0; CHUNK];
            match pipe.try_read(&mut chunk) {
                Ok(0) => self.pipe = None,
                Ok(count) => {
                    self.fresh.extend_from_slice(&chunk[..count]);
                    return;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => self.pipe = None,
            }
        }
    }

    fn write_to(&mut self, log: &mut LogWriter, clock: &dyn Clock) {
        let fresh = std::mem::take(&mut self.fresh);
        for piece in fresh.split_inclusive(|byte| *byte == b'\n') {
            let (text, whole) = match piece.split_last() {
                Some((b'\n', text)) => (text, true),
                _ => (piece, false),
            };
            self.partial.extend_from_slice(text);
            if whole || self.partial.len() >= LONGEST_LINE {
                log.line(clock.now(), self.stream, &self.partial);
                self.partial.clear();
            }
        }
    }

    /// Takes what is left, up to a limit of time: a process that escaped may hold the pipe open.
    async fn drain(&mut self, clock: &dyn Clock, log: &mut LogWriter) {
        let end = clock.monotonic().saturating_add(Millis(500));
        while self.pipe.is_some() && clock.monotonic() < end {
            let mut rest = [0; CHUNK];
            match self.pipe.as_ref().map(|pipe| pipe.try_read(&mut rest)) {
                Some(Ok(count)) if count > 0 => {
                    self.fresh.extend_from_slice(&rest[..count]);
                    self.write_to(log, clock);
                }
                Some(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    clock.sleep(Millis(5)).await;
                }
                _ => self.pipe = None,
            }
        }
        if !self.partial.is_empty() {
            log.line(clock.now(), self.stream, &self.partial);
            self.partial.clear();
        }
    }
}
