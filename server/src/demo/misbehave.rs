//! Misbehaviour on request, by environment variables, so that a bad rollout can be shown on purpose.

use std::sync::Arc;

use handover::{clock::Clock, model::Millis};

use super::{Demo, say};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misbehaviour {
    ready_after: Millis,
    never_ready: bool,
    crash_after: Option<Millis>,
    exit_code: i32,
    /// Added to every answer but those of `/healthz`.
    pub(super) latency: Millis,
    pub(super) ignores_sigterm: bool,
    /// Ready and not ready in turns of this length.
    flap: Option<Millis>,
}

impl Misbehaviour {
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let number = |name: &str| variable(name).and_then(|text| text.trim().parse::<u64>().ok());
        let flag = |name: &str| {
            variable(name).is_some_and(|text| !matches!(text.trim(), "" | "0" | "false" | "no"))
        };
        Self {
            ready_after: Millis(number("DEMO_READY_AFTER_MS").unwrap_or(0)),
            never_ready: flag("DEMO_NEVER_READY"),
            crash_after: number("DEMO_CRASH_AFTER_MS").map(Millis),
            exit_code: variable("DEMO_EXIT_CODE")
                .and_then(|text| text.trim().parse().ok())
                .unwrap_or(1),
            latency: Millis(number("DEMO_LATENCY_MS").unwrap_or(0)),
            ignores_sigterm: flag("DEMO_IGNORE_SIGTERM"),
            flap: number("DEMO_FLAP_MS").filter(|length| *length > 0).map(Millis),
        }
    }

    /// Why it is not ready `uptime` after its start; none when it is.
    pub(super) fn unready(&self, uptime: Millis) -> Option<&'static str> {
        if self.never_ready {
            return Some("never gets ready (DEMO_NEVER_READY)");
        }
        if uptime < self.ready_after {
            return Some("still warming up (DEMO_READY_AFTER_MS)");
        }
        let turn = self.flap.map_or(0, |flap| uptime.saturating_sub(self.ready_after).0 / flap.0);
        (turn % 2 == 1).then_some("not ready for a while (DEMO_FLAP_MS)")
    }

    /// How long after `uptime` readiness may be another than now; none when it stays.
    fn next_change(&self, uptime: Millis) -> Option<Millis> {
        if self.never_ready {
            return None;
        }
        if uptime < self.ready_after {
            return Some(self.ready_after.saturating_sub(uptime));
        }
        let flap = self.flap?;
        Some(Millis(flap.0 - uptime.saturating_sub(self.ready_after).0 % flap.0))
    }
}

/// Ends the process by itself when it was asked to crash.
pub(super) async fn crash_when_due(demo: Arc<Demo>) {
    let Some(after) = demo.misbehaviour.crash_after else { return };
    sleep_until(&*demo.clock, after).await;
    let code = demo.misbehaviour.exit_code;
    say(&format!("ERROR crashes as asked, with exit code {code} (DEMO_CRASH_AFTER_MS)"));
    std::process::exit(code);
}

/// Logs every change of readiness.
pub(super) async fn tell_readiness(demo: Arc<Demo>) {
    loop {
        let now = demo.clock.monotonic();
        match demo.misbehaviour.unready(now) {
            None => say("INFO is ready"),
            Some(why) => say(&format!("WARNING is not ready: {why}")),
        }
        let Some(length) = demo.misbehaviour.next_change(now) else { return };
        sleep_until(&*demo.clock, now.saturating_add(length)).await;
    }
}

/// The demo's clock starts with the demo, so its monotonic time is its age.
pub(super) async fn sleep_until(clock: &dyn Clock, moment: Millis) {
    loop {
        let left = moment.saturating_sub(clock.monotonic());
        if left == Millis::ZERO {
            return;
        }
        clock.sleep(left).await;
    }
}

#[cfg(test)]
mod tests {
    use handover::model::Millis;

    use super::Misbehaviour;

    fn with(settings: &[(&str, &str)]) -> Misbehaviour {
        let settings: Vec<_> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Misbehaviour::read(|name| settings.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()))
    }

    #[test]
    fn readiness_follows_the_settings() {
        let well = with(&[]);
        assert_eq!((well.unready(Millis(0)), well.next_change(Millis(0))), (None, None));

        let never = with(&[("DEMO_NEVER_READY", "1")]);
        assert!(never.unready(Millis::hours(1)).is_some());

        let flapping = with(&[("DEMO_READY_AFTER_MS", "100"), ("DEMO_FLAP_MS", "50")]);
        let ready: Vec<bool> = [0, 99, 100, 149, 150, 199, 200]
            .map(|uptime| flapping.unready(Millis(uptime)).is_none())
            .to_vec();
        assert_eq!(ready, [false, false, true, true, false, false, true]);
        assert_eq!(flapping.next_change(Millis(40)), Some(Millis(60)));
        assert_eq!(flapping.next_change(Millis(170)), Some(Millis(30)));
    }
}
