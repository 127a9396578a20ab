//! The log of a build while it is made. Lines gather here and are written to the store from time to time, so
//! that a reader sees them come and a talkative build does not make a transaction of every line.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{
    clock::Clock,
    model::{BuildLevel, BuildLine},
};

/// Characters of a line; what is longer is cut.
const LONGEST: usize = 4096;

pub struct BuildLog {
    clock: Arc<dyn Clock>,
    fresh: Mutex<Vec<BuildLine>>,
}

impl BuildLog {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, fresh: Mutex::default() }
    }

    pub fn info(&self, message: impl Into<String>) {
        self.say(BuildLevel::Info, message.into());
    }

    pub fn warning(&self, message: impl Into<String>) {
        self.say(BuildLevel::Warning, message.into());
    }

    pub fn error(&self, message: impl Into<String>) {
        self.say(BuildLevel::Failure, message.into());
    }

    fn say(&self, level: BuildLevel, mut message: String) {
        if let Some((end, _)) = message.char_indices().nth(LONGEST) {
            message.truncate(end);
        }
        let line = BuildLine { at: self.clock.now(), level, message };
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// What has been said since the last time.
    pub(super) fn take(&self) -> Vec<BuildLine> {
        std::mem::take(&mut *self.fresh.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
