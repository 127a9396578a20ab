//! One container of one replica: what is known of it, on disk and for those who look.
//! [`super::supervise`] is what makes it run.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use super::{
    Context,
    backoff::Backoff,
    logs,
    proton::{Part, Shared},
    record::{self, UNIT, UnitRecord, Wanted},
    runner::{Runner, Running, Used},
};
use crate::model::{
    Container, Exit, Millis, ProbeAttempt, ProbeKind, Replica, ReplicaPhase, Timestamp,
};

/// The reason of a replica that waits for the engine.
const ENGINE_AWAY: &str = "EngineUnavailable";
/// So many exits are kept for the flight record.
const EXITS: usize = 20;

pub struct Unit<R: Runner> {
    pub(in crate::engine) context: Arc<Context<R>>,
    pub(in crate::engine) proton: Arc<Shared>,
    pub(in crate::engine) number: u32,
    /// The name of its folder within the replica's.
    pub(in crate::engine) name: String,
    /// What logs and attempts call it.
    pub(in crate::engine) label: String,
    pub(in crate::engine) container: Container,
    /// It is the one that gets the requests.
    pub(in crate::engine) serves: bool,
    pub(in crate::engine) limits: Limits,
    /// Every container of its replica, itself among them.
    pub(in crate::engine) siblings: Arc<[Container]>,
    pub(in crate::engine) folder: PathBuf,
    pub(super) wanted: watch::Sender<Wanted>,
    state: Mutex<State<R>>,
}

/// The most that a container may use; none where nobody has said.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::engine) struct Limits {
    /// Cores.
    pub(in crate::engine) cpu: Option<f64>,
    /// Bytes.
    pub(in crate::engine) memory: Option<u64>,
}

struct State<R: Runner> {
    record: UnitRecord,
    /// What takes long at the moment: a reason and a sentence.
    busy: Option<(&'static str, String)>,
    /// What its task is doing; none when it has no task.
    course: Course,
    run: Option<Arc<R::Run>>,
    ready: bool,
    ready_changed_at: Option<Timestamp>,
    /// Monotonic time since which it is ready.
    ready_since: Option<Millis>,
    /// Its health has been asked for in this run, or it is too early to ask.
    looked_at: bool,
    /// Longest uninterrupted readiness of this run.
    longest_ready: Millis,
    /// How often it had to leave its port since it was last ready.
    moves: u32,
}

impl<R: Runner> State<R> {
    fn new(record: UnitRecord) -> Self {
        Self {
            record,
            busy: None,
            course: Course::Gone,
            run: None,
            ready: false,
            ready_changed_at: None,
            ready_since: None,
            looked_at: false,
            longest_ready: Millis::ZERO,
            moves: 0,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    /// Nothing runs and nobody is on it.
    Gone,
    /// Finding out what a former server left.
    Adopting,
    Starting,
    Running,
    /// Waits to be started again.
    Resting,
}

/// What others see; a change of it is told to those who watch.
#[derive(PartialEq, Eq)]
struct Face {
    course: Course,
    ready: bool,
    restarts: u32,
    reason: Option<String>,
    busy: Option<(&'static str, String)>,
}

impl<R: Runner> Unit<R> {
    pub(super) fn open(
        context: &Arc<Context<R>>,
        proton: &Arc<Shared>,
        number: u32,
        part: &Part<'_>,
    ) -> Self {
        let folder = proton.folder.join(number.to_string()).join(&part.name);
        let mut record: UnitRecord = record::load(&folder, UNIT).unwrap_or_default();
        context.runner.reopen(&folder, &mut record);
        Self {
            context: context.clone(),
            proton: proton.clone(),
            number,
            name: part.name.clone(),
            label: logs::label(&proton.id, number, &part.name),
            container: part.container.clone(),
            serves: part.serves,
            limits: part.limits,
            siblings: Arc::clone(&part.siblings),
            folder,
            wanted: watch::Sender::new(Wanted::Running),
            state: Mutex::new(State::new(record)),
        }
    }

    pub(super) fn is(&self, number: u32, name: &str) -> bool {
        self.number == number && self.name == name
    }

    pub(in crate::engine) fn replica(&self) -> String {
        format!("{}-{}", self.proton.id, self.number)
    }

    fn state(&self) -> MutexGuard<'_, State<R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn face(state: &State<R>) -> Face {
        Face {
            course: state.course,
            ready: state.ready,
            restarts: state.record.restarts,
            reason: state.record.reason.clone(),
            busy: state.busy.clone(),
        }
    }

    /// Changes what is known, and tells when others would see a difference.
    fn change<T>(&self, how: impl FnOnce(&mut State<R>) -> T) -> T {
        let (before, result, after) = {
            let mut state = self.state();
            let before = Self::face(&state);
            let result = how(&mut state);
            (before, result, Self::face(&state))
        };
        if before != after {
            self.context.tell(&self.proton.id);
        }
        result
    }

    /// Changes what is kept, and writes it.
    pub(super) async fn keep<T>(&self, how: impl FnOnce(&mut UnitRecord) -> T) -> T {
        let (result, record) = self.change(|state| (how(&mut state.record), state.record.clone()));
        let folder = self.folder.clone();
        super::on_disk("write a replica's record", move || {
            record::create_folder(&folder)?;
            record::save(&folder, UNIT, &record)
        })
        .await;
        result
    }

    pub(in crate::engine) fn record(&self) -> UnitRecord {
        self.state().record.clone()
    }

    /// Says what should be; true when a task has to be started for it.
    pub(super) fn want(&self, wanted: Wanted) -> bool {
        self.change(|state| {
            self.wanted.send_if_modified(|now| std::mem::replace(now, wanted) != wanted);
            let start = state.course == Course::Gone && wanted == Wanted::Running;
            if start {
                state.course = Course::Adopting;
                state.record.backoff = Backoff::default();
                (state.record.reason, state.record.message) = (None, None);
            }
            start
        })
    }

    /// Begins to look at what a former server left, whatever is wanted of it.
    pub(super) fn resume(&self, wanted: Wanted) {
        self.wanted.send_replace(wanted);
        self.change(|state| state.course = Course::Adopting);
    }

    /// Ends the task's work, unless it is wanted again in the meantime.
    pub(super) fn leave(&self) -> bool {
        self.change(|state| {
            let leaves = *self.wanted.borrow() != Wanted::Running;
            if leaves {
                state.course = Course::Gone;
                self.context.runner.release(&mut state.record);
            }
            leaves
        })
    }

    pub(super) fn is_gone(&self) -> bool {
        self.state().course == Course::Gone
    }

    /// What a former server left has been found out: an adopted run has been looked at and, if it is known
    /// to have been ready, found ready again.
    pub(super) fn is_settled(&self) -> bool {
        let state = self.state();
        match state.course {
            Course::Adopting => false,
            Course::Running => state.ready || (state.looked_at && !state.record.was_ready),
            Course::Gone | Course::Starting | Course::Resting => true,
        }
    }

    pub(super) fn set_course(&self, course: Course) {
        self.change(|state| state.course = course);
    }

    pub(super) fn begin_run(&self, run: &Arc<R::Run>) {
        let now = self.context.clock.now();
        self.change(|state| {
            state.course = Course::Running;
            state.run = Some(Arc::clone(run));
            state.looked_at = false;
            state.longest_ready = Millis::ZERO;
            state.ready_changed_at.get_or_insert(now);
        });
    }

    /// The run is over; gives the longest time it was ready without a break.
    pub(super) fn end_run(&self) -> Millis {
        let now = self.context.clock.now();
        let monotonic = self.context.clock.monotonic();
        self.change(|state| {
            state.run = None;
            Self::unready(state, now, monotonic);
            state.longest_ready
        })
    }

    fn unready(state: &mut State<R>, now: Timestamp, monotonic: Millis) {
        if let Some(since) = state.ready_since.take() {
            state.longest_ready = state.longest_ready.max(monotonic.saturating_sub(since));
        }
        if std::mem::take(&mut state.ready) {
            state.ready_changed_at = Some(now);
        }
    }

    pub(super) async fn set_ready(&self, ready: bool) {
        let (now, monotonic) = (self.context.clock.now(), self.context.clock.monotonic());
        let news = self.change(|state| {
            if !ready {
                let news = state.ready;
                Self::unready(state, now, monotonic);
                return news;
            }
            let news = !state.ready;
            if news {
                (state.ready, state.ready_changed_at) = (true, Some(now));
                state.ready_since = Some(monotonic);
                state.moves = 0;
                (state.record.reason, state.record.message) = (None, None);
            }
            news
        });
        if news {
            self.keep(|record| record.was_ready = ready).await;
        }
    }

    pub(super) fn set_looked_at(&self) {
        self.state().looked_at = true;
    }

    /// Says why it is not ready, until it is.
    pub(super) fn explain(&self, reason: &str, message: &str) {
        self.change(|state| {
            if !state.ready && state.record.reason.as_deref() != Some(crate::model::CRASH_LOOP) {
                state.record.reason = Some(reason.to_owned());
                state.record.message = Some(message.to_owned());
            }
        });
    }

    /// Leaving the port helps only when somebody else has it; a few times must do.
    pub(super) fn may_move(&self) -> bool {
        self.state().moves < 5
    }

    pub(super) fn count_move(&self) {
        self.change(|state| state.moves += 1);
    }

    pub(super) async fn note(&self, attempt: ProbeAttempt) {
        self.proton.note(attempt, self.context.clock.monotonic()).await;
    }

    pub(super) fn last_attempt(&self, kind: ProbeKind) -> Option<ProbeAttempt> {
        self.proton.last(&self.label, kind)
    }

    /// Says what takes long at the moment, or that nothing does.
    pub(in crate::engine) fn set_busy(&self, busy: Option<(&'static str, String)>) {
        self.change(|state| state.busy = busy);
    }

    /// What its run uses; nothing while it does not run.
    pub(super) async fn used(&self, now: Millis) -> Used {
        let run = self.state().run.clone();
        match run {
            Some(run) => run.used(now).await,
            None => Used::default(),
        }
    }

    /// How it looks to the rollout; `helper` names a container that is not the one that serves.
    pub(super) fn view(&self, helper: Option<&str>) -> Replica {
        let state = self.state();
        let message = state.record.message.as_ref().map(|message| match helper {
            Some(name) => format!("{name}: {message}"),
            None => message.clone(),
        });
        let (reason, message) = match (&state.busy, self.context.runner.trouble()) {
            (_, Some(trouble)) if !state.ready => (Some(ENGINE_AWAY.to_owned()), Some(trouble)),
            (Some((reason, text)), _) => (Some((*reason).to_owned()), Some(text.clone())),
            _ => (state.record.reason.clone(), message),
        };
        Replica {
            name: self.replica(),
            number: self.number,
            address: state.run.as_ref().map(|run| run.address()),
            phase: match state.course {
                Course::Gone | Course::Adopting | Course::Starting => ReplicaPhase::Pending,
                Course::Running => ReplicaPhase::Running,
                Course::Resting => ReplicaPhase::Failed,
            },
            ready: state.ready,
            started_at: state.run.as_ref().map(|run| run.started_at()),
            ready_changed_at: state.ready_changed_at,
            restarts: state.record.restarts,
            reason,
            message,
            last_exit: state.record.exits.last().cloned(),
            container: self.container.name.clone().unwrap_or_else(|| "main".to_owned()),
            image: self.container.image_uri.clone().unwrap_or_default(),
            cpu_millis: None,
            memory_bytes: None,
            network: None,
        }
    }
}

impl UnitRecord {
    /// Takes note of an exit, dropping the oldest.
    pub(super) fn add_exit(&mut self, exit: Exit) {
        self.exits.push(exit);
        let surplus = self.exits.len().saturating_sub(EXITS);
        self.exits.drain(..surplus);
    }
}
