//! Where a replacement is, in sentences: what it waits for and what comes next. Every stage has both, so
//! that a page can always say why nothing seems to happen.

use crate::model::{Course, Gate, Health, Millis, Progress, RolloutConfig, Stage};

/// What it waits for now; none when it is over.
pub fn waiting_for(progress: &Progress, candidate: Option<&Health>, open: u64) -> Option<String> {
    let text = match (&progress.course, progress.stage) {
        (_, Stage::Done) => return None,
        (Course::Back(_), Stage::Switching) => {
            "the gateway to send requests to the old version again".into()
        }
        (Course::Back(_), Stage::Draining) => still_open(open, "the new version"),
        (Course::Back(_) | Course::Withdraw(_), _) => "the new version's replicas to stop".into(),
        (Course::Forward, Stage::Submitted) => "the new version's replicas to be started".into(),
        (Course::Forward, Stage::Starting) => match candidate {
            Some(Health::Unready { ready, wanted }) => {
                format!("all replicas of the new version to be ready: {ready} of {wanted} are")
            }
            _ => "the new version's replicas to start".into(),
        },
        (Course::Forward, Stage::Ready) => "a second look at the new version's readiness".into(),
        (Course::Forward, Stage::Warming) => {
            "the warm-up to pass with the new version staying ready".into()
        }
        (Course::Forward, Stage::Held) => "somebody to release the hold".into(),
        (Course::Forward, Stage::Switching) => {
            "the gateway to send requests to the new version".into()
        }
        (Course::Forward, Stage::Draining) => still_open(open, "the old version"),
        (Course::Forward, Stage::Keeping) => {
            "the keep window to pass; the old version stays warm".into()
        }
        (Course::Forward, Stage::Cleaning) => "the old version's replicas to stop".into(),
    };
    Some(text)
}

fn still_open(open: u64, side: &str) -> String {
    match open {
        0 => format!("the last requests on {side}"),
        1 => format!("1 request that is still open on {side}"),
        n => format!("{n} requests that are still open on {side}"),
    }
}

/// What comes next; none when it is over.
pub fn next(progress: &Progress, config: RolloutConfig) -> Option<String> {
    let warm_up = Millis::minutes(config.warmup_duration_minutes.into());
    let keep = Millis::minutes(config.keep_old_version_minutes.into());
    let text = match (&progress.course, progress.stage) {
        (_, Stage::Done) => return None,
        (Course::Back(_), Stage::Switching) => "The new version finishes its open requests, then it is stopped.".into(),
        (Course::Back(_), Stage::Draining) => "Then the new version is stopped.".into(),
        (Course::Back(_) | Course::Withdraw(_), _) => "Then this replacement is over; the old version serves on.".into(),
        (Course::Forward, Stage::Submitted | Stage::Starting) if warm_up > Millis::ZERO => {
            format!("When it is ready it warms up for {warm_up}, then traffic moves to it. The old version serves until then.")
        }
        (Course::Forward, Stage::Submitted | Stage::Starting | Stage::Ready) if progress.gate == Gate::Held => {
            "When it is ready it waits for somebody to release the hold. The old version serves until then.".into()
        }
        (Course::Forward, Stage::Submitted | Stage::Starting | Stage::Ready) => {
            "When it is ready, traffic moves to it at once. The old version serves until then.".into()
        }
        (Course::Forward, Stage::Warming) if progress.gate == Gate::Held => {
            "Then it waits for somebody to release the hold.".into()
        }
        (Course::Forward, Stage::Warming) => "Then traffic moves to it at once. If it loses readiness, the warm-up starts again.".into(),
        (Course::Forward, Stage::Held) => "Then traffic moves to it at once. Without a release the replacement is given up.".into(),
        (Course::Forward, Stage::Switching) => "The old version finishes its open requests.".into(),
        (Course::Forward, Stage::Draining) if keep > Millis::ZERO => {
            format!("Then the old version stays warm for {keep}, so that going back is instant.")
        }
        (Course::Forward, Stage::Draining) => "Then the old version is stopped.".into(),
        (Course::Forward, Stage::Keeping) => "Then the old version is stopped. Until then you can switch back at once.".into(),
        (Course::Forward, Stage::Cleaning) => "Then this replacement is complete.".into(),
    };
    Some(text)
}
