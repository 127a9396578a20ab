//! What makes a unit run: adopt, start, watch, stop, start again with growing pauses, for as long as it is
//! wanted. Every step may be the last one of this server: the next one goes on from what is on disk.

use std::sync::Arc;

use super::{
    backoff::Backoff,
    health::{Health, Verdict},
    logs,
    record::{self, Wanted},
    runner::{Blame, Ended, Found, Runner, Running, Unstarted},
    unit::{Course, Unit},
};
use crate::{
    engine::{Given, values},
    model::{CRASH_LOOP, EXEC_FORMAT, Exit, IMAGE_BACK_OFF, IMAGE_ERROR, Millis, Timestamp},
};

/// Why a run is over.
enum End {
    /// It ended by itself, or had to be ended for this.
    Over(Option<Blame>),
    /// It had to leave its address.
    MustMove,
    /// It is not wanted any more.
    Unwanted,
}

/// So many attempts to get an image in a row are too many.
const MOST_PULLS: u32 = 8;
/// The same for one that a registry says it does not have, or does not give.
const MOST_HOPELESS_PULLS: u32 = 3;
/// What was refused is looked at again after this time: the image, or what is allowed, may have changed.
const REFUSED_FOR: Millis = Millis::seconds(60);

/// The work of a unit's task. It returns when the unit is gone.
pub(super) async fn supervise<R: Runner>(unit: Arc<Unit<R>>) {
    let mut alive = adopt(&unit).await.map(Arc::new);
    let mut pulls = Pulls::default();
    loop {
        let (run, number) = match alive.take() {
            Some(run) => (run, unit.record().run),
            None if is_wanted(&unit) => match start(&unit).await {
                Ok(run) => {
                    pulls = Pulls::default();
                    (Arc::new(run), unit.record().run)
                }
                Err(why) => {
                    unit.set_busy(None);
                    unstarted(&unit, why, &mut pulls).await;
                    continue;
                }
            },
            None => {
                unit.keep(|record| {
                    (record.was_ready, record.reason, record.message) = (false, None, None);
                })
                .await;
                unit.proton.flush().await;
                unit.context.runner.clear(&unit).await;
                if unit.leave() {
                    return;
                }
                continue;
            }
        };
        unit.begin_run(&run);
        let end = tend(&unit, &*run).await;
        // Learning how it ended may take a while, and nobody is to be sent there meanwhile.
        unit.set_ready(false).await;
        let found = run.bury().await;
        let ready = unit.end_run();
        let exit = exit(&unit, found.as_ref());
        match end {
            End::Unwanted => unit.keep(|record| record.settle(number, exit)).await,
            End::MustMove => {
                unit.count_move();
                // Not given back: it stays taken, so nobody is to be sent there.
                unit.keep(|record| (record.settled, record.port) = (number, None)).await;
                unit.set_course(Course::Starting);
            }
            End::Over(None) if found.as_ref().is_some_and(|found| found.innocent) => {
                innocent(&unit, number, exit, found).await;
            }
            End::Over(blame) => {
                let blame = blame.unwrap_or_else(|| Blame::of(found.as_ref()));
                let wait = settle(&unit, number, exit, blame, ready).await;
                rest(&unit, wait).await;
            }
        }
    }
}

/// Attempts in a row to get an image.
#[derive(Default)]
struct Pulls {
    backoff: Backoff,
    count: u32,
}

/// Deals with a start that came to nothing.
async fn unstarted<R: Runner>(unit: &Unit<R>, why: Unstarted, pulls: &mut Pulls) {
    let number = unit.record().run;
    match why {
        Unstarted::Failed(blame) => {
            let exit = exit(unit, None);
            let wait = settle(unit, number, exit, blame, Millis::ZERO).await;
            rest(unit, wait).await;
        }
        Unstarted::NoImage { text, hopeless } => {
            pulls.count = pulls.count.saturating_add(1);
            let most = if hopeless { MOST_HOPELESS_PULLS } else { MOST_PULLS };
            let reason = if pulls.count >= most { IMAGE_BACK_OFF } else { IMAGE_ERROR };
            told(unit, number, reason, text).await;
            wait(unit, pulls.backoff.exited(Millis::ZERO)).await;
        }
        Unstarted::Refused(Blame { reason, text }) => {
            told(unit, number, reason, text).await;
            wait(unit, REFUSED_FOR).await;
        }
        Unstarted::Away => {
            unit.keep(|record| record.settled = number).await;
            let mut wanted = unit.wanted.subscribe();
            tokio::select! {
                () = unit.context.runner.back() => {}
                _ = wanted.wait_for(|wanted| *wanted != Wanted::Running) => {}
            }
        }
    }
}

/// Nothing ran: no exit and no restart to count, but a reason to tell.
async fn told<R: Runner>(unit: &Unit<R>, number: u64, reason: &str, text: String) {
    unit.set_course(Course::Resting);
    unit.keep(|record| {
        record.settled = number;
        tracing::warn!(replica = unit.label, reason, "{text}");
        (record.reason, record.message) = (Some(reason.to_owned()), Some(text));
    })
    .await;
}

/// It ended with what it depends on: it comes back at once, and that is not held against it.
async fn innocent<R: Runner>(unit: &Unit<R>, number: u64, exit: Exit, found: Option<Ended>) {
    unit.set_course(Course::Starting);
    unit.keep(|record| {
        record.settle(number, exit);
        record.restarts = record.restarts.saturating_add(1);
        if let Some(Blame { reason, text }) = found.and_then(|found| found.blame) {
            tracing::info!(replica = unit.label, "{text}");
            (record.reason, record.message) = (Some(reason.to_owned()), Some(text));
        }
    })
    .await;
}

fn is_wanted<R: Runner>(unit: &Unit<R>) -> bool {
    *unit.wanted.borrow() == Wanted::Running
}

/// Takes over what a former server left: a run that still lives, or the news of its end.
async fn adopt<R: Runner>(unit: &Unit<R>) -> Option<R::Run> {
    let before = unit.record();
    if before.run == 0 {
        return None;
    }
    let found = unit.context.runner.find(unit, before.run).await;
    if let Found::Alive(run) = found {
        tracing::info!(replica = unit.label, "adopted");
        return Some(run);
    }
    if before.settled >= before.run {
        return None;
    }
    let Found::Over { started_at, ended } = found else {
        unit.keep(|record| record.settled = before.run).await;
        return None;
    };
    let exit = exit(unit, ended.as_ref());
    if !is_wanted(unit) {
        unit.keep(|record| record.settle(before.run, exit)).await;
        return None;
    }
    if ended.as_ref().is_some_and(|ended| ended.innocent) {
        innocent(unit, before.run, exit, ended).await;
        return None;
    }
    // Nobody measured its readiness; at most it was ready all its life.
    let life =
        started_at.filter(|_| before.was_ready).map_or(Millis::ZERO, |since| exit.at.since(since));
    let blame = Blame::of(ended.as_ref());
    let wait = settle(unit, before.run, exit, blame, life).await;
    rest(unit, wait).await;
    None
}

async fn start<R: Runner>(unit: &Unit<R>) -> Result<R::Run, Unstarted> {
    unit.set_course(Course::Starting);
    let runner = &unit.context.runner;
    let failed = |text: String| Unstarted::Failed(Blame { reason: "Error", text });
    let mut wanted = unit.wanted.subscribe();
    tokio::select! {
        prepared = runner.prepare(unit) => prepared?,
        _ = wanted.wait_for(|wanted| *wanted != Wanted::Running) => return Err(Unstarted::Away),
    }
    let mut reserved = unit.record();
    runner.reserve(&mut reserved).map_err(failed)?;
    let number = unit
        .keep(|record| {
            record.port = reserved.port;
            record.run += 1;
            record.run
        })
        .await;
    let given = if values::names_any(&unit.container) {
        let asked = unit.context.values.of(&unit.proton.workload, &unit.container).await;
        asked.map_err(|why| failed(why.to_string()))?
    } else {
        Given::new()
    };
    let run = runner.start(unit, number, &given).await?;
    unit.set_busy(None);
    tracing::info!(replica = unit.label, address = %run.address(), "started");
    Ok(run)
}

/// Watches a run until it is over.
async fn tend<R: Runner>(unit: &Unit<R>, run: &R::Run) -> End {
    let health = Health::new(unit, run);
    let mut wanted = unit.wanted.subscribe();
    let end = tokio::select! {
        biased;
        () = run.ended() => {
            let robbed = unit.serves && run.was_robbed() && unit.may_move();
            return if robbed { End::MustMove } else { End::Over(None) };
        }
        // The sender lives as long as the unit.
        _ = wanted.wait_for(|wanted| *wanted != Wanted::Running) => End::Unwanted,
        verdict = health.watch() => match verdict {
            Verdict::Unhealthy(text) => End::Over(Some(Blame { reason: "Unhealthy", text })),
            Verdict::MustMove => End::MustMove,
        },
    };
    unit.set_ready(false).await;
    let grace = match &end {
        End::MustMove => Millis::ZERO,
        End::Over(_) | End::Unwanted => unit.context.stop_grace,
    };
    stop(unit, run, grace).await;
    end
}

/// SIGTERM, grace, SIGKILL. A removal that comes later may shorten the grace.
async fn stop<R: Runner>(unit: &Unit<R>, run: &R::Run, usual: Millis) {
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
            run.terminate().await;
        }
        tokio::select! {
            () = run.ended() => return,
            () = clock.sleep(left) => {}
            _ = wanted.changed() => {}
        }
    }
    run.kill().await;
    run.ended().await;
}

fn exit<R: Runner>(unit: &Unit<R>, found: Option<&Ended>) -> Exit {
    let at: Option<Timestamp> = found.and_then(|found| found.at);
    Exit {
        replica: unit.label.clone(),
        code: found.and_then(|found| found.code),
        signal: found.and_then(|found| found.signal),
        at: at.unwrap_or_else(|| unit.context.clock.now()),
    }
}

impl Blame {
    fn of(found: Option<&Ended>) -> Self {
        let (reason, text) = match found {
            Some(Ended { blame: Some(blame), .. }) => return blame.clone(),
            Some(Ended { signal: Some(signal), .. }) => ("Error", ended_by(*signal)),
            // A service is not meant to end, however content it is.
            Some(Ended { code: Some(0), .. }) => ("Completed", "exited with code 0".to_owned()),
            Some(Ended { code: Some(code), .. }) => ("Error", format!("exited with code {code}")),
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

/// What runs containers says so in the place of the program, and only there.
fn is_alien(line: &str) -> bool {
    line.starts_with("exec ") && line.ends_with(": exec format error")
}

const ALIEN: &str = "exec format error: its program is for another kind of machine";

/// Takes note of an end that was not asked for, and says how long to wait before the next start.
async fn settle<R: Runner>(
    unit: &Unit<R>,
    run: u64,
    exit: Exit,
    blame: Blame,
    ready: Millis,
) -> Millis {
    unit.set_course(Course::Resting);
    let last_line = logs::last_line(&unit.folder);
    unit.keep(|record| {
        let wait = record.backoff.exited(ready);
        let streak = record.backoff.streak;
        record.settle(run, exit);
        let alien = last_line.as_deref().is_some_and(is_alien);
        let mut message = blame.text;
        if alien {
            message = format!("{ALIEN}; {message}");
        }
        if streak > 1 {
            message = format!("{message}, {streak} times in a row");
        }
        if let Some(line) = last_line {
            let line: String = line.chars().take(300).collect();
            message = format!("{message}; last line: {line}");
        }
        let usual = if record.backoff.is_crash_loop() { CRASH_LOOP } else { blame.reason };
        let reason = if alien { EXEC_FORMAT } else { usual };
        tracing::warn!(replica = unit.label, "{message}");
        (record.reason, record.message) = (Some(reason.to_owned()), Some(message));
        wait
    })
    .await
}

/// Waits before the next start, and counts it, for as long as it is wanted.
async fn rest<R: Runner>(unit: &Unit<R>, length: Millis) {
    if wait(unit, length).await {
        unit.keep(|record| record.restarts = record.restarts.saturating_add(1)).await;
    }
}

/// False when it is not wanted any more.
async fn wait<R: Runner>(unit: &Unit<R>, length: Millis) -> bool {
    let clock = &*unit.context.clock;
    let mut wanted = unit.wanted.subscribe();
    let end = clock.monotonic().saturating_add(length);
    loop {
        let left = end.saturating_sub(clock.monotonic());
        if *wanted.borrow_and_update() != Wanted::Running {
            return false;
        }
        if left == Millis::ZERO {
            return true;
        }
        tokio::select! {
            () = clock.sleep(left) => {}
            _ = wanted.changed() => {}
        }
    }
}

impl record::UnitRecord {
    /// The end of this run has been dealt with.
    fn settle(&mut self, run: u64, exit: Exit) {
        self.settled = run;
        self.was_ready = false;
        self.add_exit(exit);
    }
}
