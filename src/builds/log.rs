//! The log of a build while it is made. Lines gather here and are written to the store from time to time, so
//! that a reader sees them come and a talkative build does not make a transaction of every line.
//!
//! What a build writes is anything at all: it is cut where it is too long or too much, so that its end, which
//! says how it went, is kept.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{
    clock::Clock,
    model::{BuildLevel, BuildLine},
};

/// Characters of a line; what is longer is cut.
const LONGEST: usize = 4096;
/// Lines of output that one attempt may write.
pub(super) const MOST_OUTPUT: usize = 6000;

pub struct BuildLog {
    clock: Arc<dyn Clock>,
    written: Mutex<Written>,
}

#[derive(Default)]
struct Written {
    fresh: Vec<BuildLine>,
    output: usize,
}

impl BuildLog {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, written: Mutex::default() }
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

    /// A line that the build itself has written.
    pub fn output(&self, line: String) {
        let number = {
            let mut written = self.written();
            written.output += 1;
            written.output
        };
        match number {
            ..=MOST_OUTPUT => self.info(line),
            n if n == MOST_OUTPUT + 1 => {
                self.warning(format!(
                    "more than {MOST_OUTPUT} lines of output: the others are left out"
                ));
            }
            _ => {}
        }
    }

    fn say(&self, level: BuildLevel, mut message: String) {
        if let Some((end, _)) = message.char_indices().nth(LONGEST) {
            message.truncate(end);
        }
        // No store takes every control character, and no reader wants one.
        if message.contains(char::is_control) {
            message = message.replace(|c: char| c.is_control() && c != '\t', " ");
        }
        let line = BuildLine { at: self.clock.now(), level, message };
        self.written().fresh.push(line);
    }

    /// What has been said since the last time.
    pub(super) fn take(&self) -> Vec<BuildLine> {
        std::mem::take(&mut self.written().fresh)
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{BuildLog, LONGEST, MOST_OUTPUT};
    use crate::clock::SystemClock;

    #[test]
    fn anything_can_be_written_and_the_end_is_kept() {
        let log = BuildLog::new(Arc::new(SystemClock::new()));
        log.output("a\u{0}b\tc".to_owned());
        log.output("ü".repeat(LONGEST + 1));
        for number in 0..2 * MOST_OUTPUT {
            log.output(number.to_string());
        }
        log.error("failed");
        let lines = log.take();
        assert_eq!(lines[0].message, "a b\tc");
        assert_eq!(lines[1].message.chars().count(), LONGEST);
        assert_eq!(lines.len(), MOST_OUTPUT + 2, "one line says that there were more");
        assert_eq!(lines.last().unwrap().message, "failed");
        assert!(log.take().is_empty());
    }
}
