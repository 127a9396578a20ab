//! What a container writes, taken from the engine line by line into our own files, where it stays when the
//! container is gone.
//!
//! After an interruption it goes on behind the last line that was kept. Known limitation: lines of the same
//! microsecond as that one are taken for known.

use std::{path::PathBuf, sync::Arc};

use bollard::{container::LogOutput, query_parameters::LogsOptionsBuilder};
use futures::StreamExt;
use tokio::sync::watch;

use super::link::{Life, Link, is_away, is_missing};
use crate::{
    clock::Clock,
    engine::supervised::log_file::{LogWriter, Newest, Stream},
    model::{Millis, Timestamp},
};

/// How long the news of an end may be behind the end of the log.
const NEWS: Millis = Millis::seconds(1);
/// Between two attempts to read what an ended container has left.
const AGAIN: Millis = Millis(200);
/// The same as the shim of processes: longer lines are cut into pieces.
const LONGEST: usize = 64 * 1024;

pub(super) struct Follower {
    pub(super) link: Arc<Link>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) id: String,
    pub(super) folder: PathBuf,
    pub(super) life: watch::Receiver<Life>,
}

impl Follower {
    /// Returns when the container has ended and all of its log is kept.
    pub(super) async fn follow(mut self) {
        let mut log = LogWriter::open(&self.folder);
        let mut last = Newest::of(&self.folder).next().map(|line| line.at);
        loop {
            let docker = self.link.docker().await;
            // Asked before reading: what is read then is all there is.
            let over = *self.life.borrow() != Life::Runs;
            let since = last.map_or(0, |last| last.micros() / 1_000_000);
            let options = LogsOptionsBuilder::default()
                .follow(true)
                .stdout(true)
                .stderr(true)
                .timestamps(true)
                .since(i32::try_from(since).unwrap_or(0))
                .build();
            let mut lines = Box::pin(docker.logs(&self.id, Some(options)));
            let (mut pieces, known) = ([Vec::new(), Vec::new()], last);
            let mut whole = true;
            while let Some(output) = lines.next().await {
                match output {
                    Ok(output) => last = last.max(take(&output, known, &mut pieces, &mut log)),
                    Err(error) if is_missing(&error) => return,
                    // It is being taken away, and has nothing more to say.
                    Err(error) if over && !is_away(&error) => return,
                    Err(_) => whole = false,
                }
            }
            if over && whole {
                return;
            }
            let clock = Arc::clone(&self.clock);
            if over {
                clock.sleep(AGAIN).await;
                continue;
            }
            tokio::select! {
                _ = self.life.wait_for(|life| *life != Life::Runs) => {}
                () = clock.sleep(NEWS) => {}
            }
        }
    }
}

/// Writes what a frame holds, a time and a line or a piece of one, unless it is `known`. Gives its time.
fn take(
    output: &LogOutput,
    known: Option<Timestamp>,
    pieces: &mut [Vec<u8>; 2],
    log: &mut LogWriter,
) -> Option<Timestamp> {
    let (stream, message, piece) = match output {
        LogOutput::StdErr { message } => (Stream::Err, message, &mut pieces[1]),
        LogOutput::StdOut { message } | LogOutput::Console { message } => {
            (Stream::Out, message, &mut pieces[0])
        }
        LogOutput::StdIn { .. } => return None,
    };
    let (at, text) = stamped(message)?;
    if known.is_some_and(|known| at <= known) {
        return None;
    }
    piece.extend_from_slice(text);
    let whole = piece.last() == Some(&b'\n');
    if whole || piece.len() >= LONGEST {
        let text = piece.strip_suffix(b"\n").unwrap_or(piece);
        for line in text.split(|byte| *byte == b'\n') {
            log.line(at, stream, line);
        }
        piece.clear();
    }
    Some(at)
}

/// `2026-01-31T12:00:00.123456789Z text`
fn stamped(message: &[u8]) -> Option<(Timestamp, &[u8])> {
    let blank = message.iter().position(|byte| *byte == b' ')?;
    let at: jiff::Timestamp = std::str::from_utf8(&message[..blank]).ok()?.parse().ok()?;
    Some((Timestamp::from_micros(at.as_microsecond()), &message[blank + 1..]))
}

#[cfg(test)]
mod tests {
    use bollard::container::LogOutput;

    use super::{stamped, take};
    use crate::engine::supervised::log_file::{LogWriter, Newest};

    #[test]
    fn pieces_become_lines_and_known_ones_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = LogWriter::open(folder.path());
        let mut pieces = [Vec::new(), Vec::new()];
        let known = stamped(b"2026-01-31T12:00:00.1Z x").map(|(at, _)| at);
        let mut frame = |at: &str, text: &str| {
            let message = format!("2026-01-31T12:00:0{at}Z {text}").into();
            take(&LogOutput::StdOut { message }, known, &mut pieces, &mut log)
        };
        assert_eq!(frame("0.100000001", "known\n"), None);
        assert!(frame("0.4", "first\n") > known);
        frame("0.5", "long ");
        frame("0.6", "line\n");
        frame("0.55", "last\n");
        drop(log);
        let lines: Vec<_> = Newest::of(folder.path()).map(|line| line.text).collect();
        assert_eq!(lines, ["last", "long line", "first"]);
    }
}
