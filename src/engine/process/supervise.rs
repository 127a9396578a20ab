//! What makes a unit run: adopt, start, watch, stop, start again with growing pauses, for as long as it is
//! wanted. Every step may be the last one of this server: the next one goes on from what is on disk.

use std::sync::Arc;

use rustix::process::Signal;

use super::{
    health::{Health, Verdict},
    launch::{self, Place},
    logs, ports,
    record::{self, EXIT, ExitRecord, Launch, RUN, Run, Wanted},
    spawn::{self, Alive, Left},
    unit::{Course, Unit},
};
use crate::{
    engine::{Given, values},
    model::{CRASH_LOOP, Exit, Millis, Timestamp},
};

/// Why a run is over.
enum End {
    /// It ended by itself, or had to be ended for this.
    Over(Option<Blame>),
    /// It had to leave its port.
    PortTaken,
    /// It is not wanted any more.
    Unwanted,
}

/// What people are told about an end that nobody asked for.
struct Blame {
    /// In CamelCase.
    reason: &'static str,
    text: String,
}

/// The work of a unit's task. It returns when the unit is gone.
pub(super) async fn supervise(unit: Arc<Unit>) {
    let mut alive = adopt(&unit).await;
    loop {
        let run = match alive.take() {
            Some(run) => run,
            None if is_wanted(&unit) => match start(&unit).await {
                Ok(run) => run,
                Err(why) => {
                    let number = unit.record().run;
                    let exit = exit(&unit, None);
                    let blame = Blame { reason: "Error", text: why };
                    let wait = settle(&unit, number, exit, blame, Millis::ZERO).await;
                    rest(&unit, wait).await;
                    continue;
                }
            },
            None => {
                unit.keep(|record| {
                    (record.was_ready, record.reason, record.message) = (false, None, None);
                })
                .await;
                unit.proton.flush().await;
                if unit.leave() {
                    return;
                }
                continue;
            }
        };
        unit.begin_run(&run.run);
        let end = tend(&unit, &run).await;
        spawn::bury(&run.run).await;
        let ready = unit.end_run();
        let found = ended(&unit, run.run.run);
        let exit = exit(&unit, found.as_ref());
        match end {
            End::Unwanted => unit.keep(|record| record.settle(run.run.run, exit)).await,
            End::PortTaken => {
                unit.count_move();
                // Not given back: it stays taken, so nobody is to be sent there.
                unit.keep(|record| (record.settled, record.port) = (run.run.run, None)).await;
                unit.set_course(Course::Starting);
            }
            End::Over(blame) => {
                let blame = blame.unwrap_or_else(|| Blame::of(found.as_ref()));
                let wait = settle(&unit, run.run.run, exit, blame, ready).await;
                rest(&unit, wait).await;
            }
        }
    }
}

fn is_wanted(unit: &Unit) -> bool {
    *unit.wanted.borrow() == Wanted::Running
}

/// Takes over what a former server left: a run that still lives, or the news of its end.
async fn adopt(unit: &Unit) -> Option<Alive> {
    let before = unit.record();
    if before.run == 0 {
        return None;
    }
    if let Left::Alive(alive) = spawn::find(&*unit.context.clock, &unit.folder, before.run).await {
        tracing::info!(replica = unit.label, pid = alive.run.child.pid, "adopted");
        return Some(alive);
    }
    if before.settled >= before.run {
        return None;
    }
    let run = record::load::<Run>(&unit.folder, RUN).filter(|run| run.run == before.run);
    let found = ended(unit, before.run);
    if run.is_none() && found.is_none() {
        // The server ended before the shim began.
        unit.keep(|record| record.settled = before.run).await;
        return None;
    }
    if let Some(run) = &run {
        spawn::bury(run).await;
    }
    let exit = exit(unit, found.as_ref());
    if !is_wanted(unit) {
        unit.keep(|record| record.settle(before.run, exit)).await;
        return None;
    }
    // Nobody measured its readiness; at most it was ready all its life.
    let life =
        run.filter(|_| before.was_ready).map_or(Millis::ZERO, |r| exit.at.since(r.started_at));
    let blame = Blame::of(found.as_ref());
    let wait = settle(unit, before.run, exit, blame, life).await;
    rest(unit, wait).await;
    None
}

async fn start(unit: &Unit) -> Result<Alive, String> {
    unit.set_course(Course::Starting);
    let context = &unit.context;
    let port = match unit.record().port {
        Some(port) if ports::is_free(port) => port,
        old => {
            let new = context.ports.pick(&*context.random).ok_or("found no free port for it")?;
            if let Some(old) = old {
                context.ports.give_back(old);
            }
            new
        }
    };
    let number = unit
        .keep(|record| {
            record.port = Some(port);
            record.run += 1;
            record.run
        })
        .await;
    let replica = unit.replica();
    let images = &context.images;
    let place = Place { workload: &unit.proton.workload, replica: &replica, port, images };
    let given = if values::names_any(&unit.container) {
        let asked = context.values.of(&unit.proton.workload, &unit.container).await;
        asked.map_err(|why| why.to_string())?
    } else {
        Given::new()
    };
    let executable = &context.config.executable;
    let order = launch::launch(&unit.container, executable, &place, &given)
        .map_err(|refused| refused.to_string())?;
    let launch = Launch { run: number, port };
    let alive = spawn::spawn(&*context.clock, executable, &unit.folder, launch, &order).await?;
    tracing::info!(replica = unit.label, pid = alive.run.child.pid, port, "started");
    Ok(alive)
}

/// Watches a run until it is over.
async fn tend(unit: &Unit, alive: &Alive) -> End {
    let port = alive.run.port;
    let health = Health::new(unit, &alive.run);
    let mut wanted = unit.wanted.subscribe();
    let end = tokio::select! {
        biased;
        () = alive.ended() => {
            let robbed = unit.serves && !health.has_listened() && !ports::is_free(port);
            return if robbed && unit.may_move() { End::PortTaken } else { End::Over(None) };
        }
        // The sender lives as long as the unit.
        _ = wanted.wait_for(|wanted| *wanted != Wanted::Running) => End::Unwanted,
        verdict = health.watch() => match verdict {
            Verdict::Unhealthy(text) => End::Over(Some(Blame { reason: "Unhealthy", text })),
            Verdict::PortTaken => End::PortTaken,
        },
    };
    unit.set_ready(false).await;
    let grace = match &end {
        End::PortTaken => Millis::ZERO,
        End::Over(_) | End::Unwanted => unit.context.config.stop_grace,
    };
    stop(unit, alive, grace).await;
    end
}

/// SIGTERM, grace, SIGKILL. A removal that comes later may shorten the grace.
async fn stop(unit: &Unit, alive: &Alive, usual: Millis) {
    let clock = &*unit.context.clock;
    let mut wanted = unit.wanted.subscribe();
    let begun = clock.monotonic();
    let mut told = false;
    loop {
        let grace = match *wanted.borrow_and_update() {
            Wanted::Gone { grace } => grace,
            Wanted::Running => usual,
        };
        let left = begun.saturating_add(grace).saturating_sub(clock.monotonic());
        if left == Millis::ZERO {
            break;
        }
        if !told {
            told = true;
            alive.signal(Signal::TERM);
        }
        tokio::select! {
            () = alive.ended() => return,
            () = clock.sleep(left) => {}
            _ = wanted.changed() => {}
        }
    }
    alive.signal(Signal::KILL);
    alive.ended().await;
}

/// What the shim has recorded of the end of run `number`.
fn ended(unit: &Unit, number: u64) -> Option<ExitRecord> {
    record::load::<ExitRecord>(&unit.folder, EXIT).filter(|exit| exit.run == number)
}

fn exit(unit: &Unit, found: Option<&ExitRecord>) -> Exit {
    let at = |found: &ExitRecord| -> Timestamp { found.at };
    Exit {
        replica: unit.label.clone(),
        code: found.and_then(|found| found.code),
        signal: found.and_then(|found| found.signal),
        at: found.map_or_else(|| unit.context.clock.now(), at),
    }
}

impl Blame {
    fn of(found: Option<&ExitRecord>) -> Self {
        let (reason, text) = match found {
            Some(ExitRecord { error: Some(error), .. }) => ("Error", error.clone()),
            // A service is not meant to end, however content it is.
            Some(ExitRecord { code: Some(0), .. }) => {
                ("Completed", "exited with code 0".to_owned())
            }
            Some(ExitRecord { code: Some(code), .. }) => {
                ("Error", format!("exited with code {code}"))
            }
            Some(ExitRecord { signal: Some(signal), .. }) => ("Error", ended_by(*signal)),
            _ => ("Error", "ended, and nobody saw how".to_owned()),
        };
        Self { reason, text }
    }
}

fn ended_by(signal: i32) -> String {
    match signal {
        6 => "aborted (SIGABRT)".to_owned(),
        9 => "was killed (SIGKILL)".to_owned(),
        11 => "crashed (SIGSEGV)".to_owned(),
        15 => "was ended (SIGTERM)".to_owned(),
        other => format!("was ended by signal {other}"),
    }
}

/// Takes note of an end that was not asked for, and says how long to wait before the next start.
async fn settle(unit: &Unit, run: u64, exit: Exit, blame: Blame, ready: Millis) -> Millis {
    unit.set_course(Course::Resting);
    let last_line = logs::last_line(&unit.folder);
    unit.keep(|record| {
        let wait = record.backoff.exited(ready);
        let streak = record.backoff.streak;
        record.settle(run, exit);
        let mut message = blame.text;
        if streak > 1 {
            message = format!("{message}, {streak} times in a row");
        }
        if let Some(line) = last_line {
            let line: String = line.chars().take(300).collect();
            message = format!("{message}; last line: {line}");
        }
        let reason = if record.backoff.is_crash_loop() { CRASH_LOOP } else { blame.reason };
        tracing::warn!(replica = unit.label, "{message}");
        (record.reason, record.message) = (Some(reason.to_owned()), Some(message));
        wait
    })
    .await
}

/// Waits before the next start, for as long as it is wanted.
async fn rest(unit: &Unit, wait: Millis) {
    let clock = &*unit.context.clock;
    let mut wanted = unit.wanted.subscribe();
    let end = clock.monotonic().saturating_add(wait);
    loop {
        let left = end.saturating_sub(clock.monotonic());
        if *wanted.borrow_and_update() != Wanted::Running {
            return;
        }
        if left == Millis::ZERO {
            break;
        }
        tokio::select! {
            () = clock.sleep(left) => {}
            _ = wanted.changed() => {}
        }
    }
    unit.keep(|record| record.restarts = record.restarts.saturating_add(1)).await;
}

impl record::UnitRecord {
    /// The end of this run has been dealt with.
    fn settle(&mut self, run: u64, exit: Exit) {
        self.settled = run;
        self.was_ready = false;
        self.add_exit(exit);
    }
}
