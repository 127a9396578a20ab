//! The probes of one run: startup gates the others, readiness decides about traffic, liveness about life.
//!
//! Until the first success a probe asks more often than its period, so that nobody waits half a minute for
//! a replica that was ready after a second; failures are counted by the period all the same.

use super::{
    runner::{Runner, Running},
    unit::Unit,
};
use crate::{
    engine::probe::{self, Outcome},
    model::{Millis, Probe, ProbeKind},
};

/// What a probe found that ends the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It must be stopped and started again; the text says why.
    Unhealthy(String),
    /// Another program has its address.
    MustMove,
}

/// How often an unready replica is asked: at once, soon, and after a while.
const FIRST: Millis = Millis(50);
const EAGER: Millis = Millis(250);
const EAGER_FOR: Millis = Millis::seconds(10);
const LESS_EAGER: Millis = Millis::seconds(1);

/// When and how often to ask, and how many answers count.
#[derive(Debug, Clone, Copy)]
struct Rules {
    delay: Millis,
    period: Millis,
    failures: u32,
    successes: u32,
}

impl Rules {
    /// Without a probe, a replica is ready while its port accepts connections.
    const PORT: Self = Self { delay: Millis::ZERO, period: LESS_EAGER, failures: 3, successes: 1 };

    fn of(probe: &Probe) -> Self {
        let seconds = |n: u32| Millis::seconds(u64::from(n));
        Self {
            delay: seconds(probe.initial_delay_seconds),
            period: seconds(probe.period_seconds.max(1)),
            failures: probe.failure_threshold.max(1),
            successes: probe.success_threshold.unwrap_or(1).max(1),
        }
    }
}

pub(super) struct Health<'a, R: Runner> {
    unit: &'a Unit<R>,
    run: &'a R::Run,
    /// Its age when this watch began: an adopted run does not wait out its delays again.
    age: Millis,
    since: Millis,
}

impl<'a, R: Runner> Health<'a, R> {
    pub(super) fn new(unit: &'a Unit<R>, run: &'a R::Run) -> Self {
        Self { unit, run, age: run.age(), since: unit.context.clock.monotonic() }
    }

    /// Keeps the unit's readiness true, until the run must end.
    pub(super) async fn watch(&self) -> Verdict {
        if let Some(startup) = &self.unit.container.startup_probe
            && let Err(verdict) = self.until_started(startup).await
        {
            return verdict;
        }
        let alive = async {
            match &self.unit.container.liveness_probe {
                Some(probe) => self.while_alive(probe).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            verdict = self.readiness() => verdict,
            verdict = alive => verdict,
        }
    }

    async fn until_started(&self, probe: &Probe) -> Result<(), Verdict> {
        let rules = Rules::of(probe);
        self.wait_for_age(rules.delay).await;
        let begun = self.now();
        let (mut failures, mut counted) = (0, None);
        loop {
            let asked = self.now();
            if self.ask(ProbeKind::Startup, Some(probe)).await? {
                return Ok(());
            }
            self.unit.set_looked_at();
            let due = counted.is_none_or(|last: Millis| asked >= last.saturating_add(rules.period));
            if due {
                counted = Some(asked);
                failures += 1;
            }
            if failures >= rules.failures {
                return Err(self.unhealthy(ProbeKind::Startup, probe, failures));
            }
            self.pause(asked, self.eager(begun, rules)).await;
        }
    }

    async fn readiness(&self) -> Verdict {
        let probe = self.unit.container.readiness_probe.as_ref();
        let (kind, rules) = match probe {
            Some(probe) => (ProbeKind::Readiness, Rules::of(probe)),
            None if self.unit.serves => (ProbeKind::Port, Rules::PORT),
            None => {
                // A helper without probes is ready while it runs.
                self.unit.set_ready(true).await;
                return std::future::pending().await;
            }
        };
        self.wait_for_age(rules.delay).await;
        let begun = self.now();
        let (mut passes, mut failures, mut ever) = (0_u32, 0_u32, false);
        loop {
            let asked = self.now();
            match self.ask(kind, probe).await {
                Err(verdict) => return verdict,
                Ok(true) => {
                    (passes, failures, ever) = (passes.saturating_add(1), 0, true);
                    if passes >= rules.successes {
                        self.unit.set_ready(true).await;
                    }
                }
                Ok(false) => {
                    (passes, failures) = (0, failures.saturating_add(1));
                    if failures >= rules.failures {
                        self.unit.set_ready(false).await;
                    }
                }
            }
            self.unit.set_looked_at();
            let next = if ever { rules.period } else { self.eager(begun, rules) };
            self.pause(asked, next).await;
        }
    }

    async fn while_alive(&self, probe: &Probe) -> Verdict {
        let rules = Rules::of(probe);
        self.wait_for_age(rules.delay).await;
        let mut failures = 0;
        loop {
            let asked = self.now();
            match self.ask(ProbeKind::Liveness, Some(probe)).await {
                Err(verdict) => return verdict,
                Ok(true) => failures = 0,
                Ok(false) => failures += 1,
            }
            if failures >= rules.failures {
                return self.unhealthy(ProbeKind::Liveness, probe, failures);
            }
            self.pause(asked, rules.period).await;
        }
    }

    /// One attempt, noted for the flight record.
    async fn ask(&self, kind: ProbeKind, probe: Option<&Probe>) -> Result<bool, Verdict> {
        let clock = &*self.unit.context.clock;
        let mut must_move = false;
        let attempt = probe::attempt(clock, kind, &self.unit.label, async {
            if let Some(astray) = self.run.astray().await {
                must_move = astray.must_move;
                if let Some(reason) = astray.reason {
                    self.unit.explain(reason, &astray.text);
                }
                return Outcome::failed(astray.text);
            }
            match probe {
                Some(probe) => probe::http(clock, probe, self.run.probed(probe.port)).await,
                None => probe::connect(clock, self.run.address(), LESS_EAGER).await,
            }
        })
        .await;
        let passed = attempt.passed;
        if !passed {
            self.run.doubt();
        }
        self.unit.note(attempt).await;
        if must_move && self.unit.may_move() { Err(Verdict::MustMove) } else { Ok(passed) }
    }

    fn unhealthy(&self, kind: ProbeKind, probe: &Probe, failures: u32) -> Verdict {
        let last = self.unit.last_attempt(kind);
        let answer = last.map_or_else(String::new, |last| {
            let status = last.status.map(|status| status.to_string());
            let parts: Vec<String> = status.into_iter().chain(last.head).collect();
            format!(": {}", parts.join(" "))
        });
        let times = if failures == 1 { "once".to_owned() } else { format!("{failures} times") };
        Verdict::Unhealthy(format!("{kind} probe {} failed {times}{answer}", probe.path))
    }

    fn now(&self) -> Millis {
        self.unit.context.clock.monotonic()
    }

    fn eager(&self, begun: Millis, rules: Rules) -> Millis {
        let waited = self.now().saturating_sub(begun);
        let pause = if waited < EAGER_FOR { waited.clamp(FIRST, EAGER) } else { LESS_EAGER };
        pause.min(rules.period)
    }

    async fn wait_for_age(&self, age: Millis) {
        let left = age.saturating_sub(self.age);
        if left > Millis::ZERO {
            self.unit.set_looked_at();
        }
        self.pause(self.since, left).await;
    }

    /// Until `length` after `since`.
    async fn pause(&self, since: Millis, length: Millis) {
        let end = since.saturating_add(length);
        loop {
            let left = end.saturating_sub(self.now());
            if left == Millis::ZERO {
                return;
            }
            self.unit.context.clock.sleep(left).await;
        }
    }
}
