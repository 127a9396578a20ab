//! How far the layers of an image are, while a build pulls or pushes them, in a line now and then.

use bollard::models::{BuildInfo, CreateImageInfo};

use super::pull::Layers;
use crate::{clock::Clock, model::Millis};

/// It is told at most so often.
const TELL_EVERY: Millis = Millis::seconds(5);

pub(super) struct Progress<'a> {
    clock: &'a dyn Clock,
    told_at: Option<Millis>,
    told: String,
    layers: Layers,
    sending: usize,
    sent: usize,
}

impl<'a> Progress<'a> {
    pub(super) fn new(clock: &'a dyn Clock) -> Self {
        Self {
            clock,
            told_at: None,
            told: String::new(),
            layers: Layers::default(),
            sending: 0,
            sent: 0,
        }
    }

    pub(super) fn of_pull(&mut self, word: BuildInfo) -> Option<String> {
        let status = word.status?;
        if word.id.is_none() || status.starts_with("Pulling from") {
            return Some(status);
        }
        self.layers.note(CreateImageInfo {
            id: word.id,
            status: Some(status),
            progress_detail: word.progress_detail,
            ..CreateImageInfo::default()
        });
        let line = format!("pulling{}", self.layers);
        self.now_and_then(line)
    }

    pub(super) fn of_push(&mut self, status: &str) -> Option<String> {
        match status {
            "Preparing" => self.sending += 1,
            "Pushed" | "Layer already exists" => self.sent += 1,
            _ if status.starts_with("Mounted from") => self.sent += 1,
            "Waiting" | "Pushing" | "" => return None,
            other => return Some(other.to_owned()),
        }
        let line = format!("pushed {} of {} layers", self.sent, self.sending);
        if self.sent == 0 { None } else { self.now_and_then(line) }
    }

    fn now_and_then(&mut self, line: String) -> Option<String> {
        let now = self.clock.monotonic();
        let soon = self.told_at.is_some_and(|at| now < at.saturating_add(TELL_EVERY));
        if soon || line == self.told {
            return None;
        }
        self.told_at = Some(now);
        self.told.clone_from(&line);
        Some(line)
    }
}
