//! What a build writes, piece by piece, as lines for its log. It is made for a terminal: a progress bar writes its
//! line again and again, and colours are marked by sequences that nobody wants to read.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::BuildLog;
use crate::engine::docker::Said;

/// A line that does not end is cut after so many bytes.
const LONGEST: usize = 16 * 1024;

/// Puts what the engine says into the log.
pub(super) struct Output<'a> {
    log: &'a BuildLog,
    pieces: Mutex<Pieces>,
}

impl<'a> Output<'a> {
    pub(super) fn new(log: &'a BuildLog) -> Self {
        Self { log, pieces: Mutex::default() }
    }

    pub(super) fn take(&self, said: &Said<'_>) {
        match said {
            Said::Output(piece) => self.pieces().add(piece, |line| self.log.output(line)),
            Said::Note(line) => {
                self.end();
                self.log.output(line.clone());
            }
        }
    }

    /// Nothing more comes of the line that is open.
    pub(super) fn end(&self) {
        self.pieces().end(|line| self.log.output(line));
    }

    fn pieces(&self) -> MutexGuard<'_, Pieces> {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Pieces that have not become a line yet.
#[derive(Debug, Default)]
struct Pieces(String);

impl Pieces {
    /// Gives each line that this piece completes to `line`.
    fn add(&mut self, piece: &str, mut line: impl FnMut(String)) {
        self.0.push_str(piece);
        while let Some(end) = self.0.find('\n') {
            let whole: String = self.0.drain(..=end).collect();
            tell(&whole, &mut line);
        }
        if self.0.len() > LONGEST {
            self.end(line);
        }
    }

    /// Nothing comes any more.
    fn end(&mut self, mut line: impl FnMut(String)) {
        tell(&std::mem::take(&mut self.0), &mut line);
    }
}

fn tell(text: &str, line: &mut impl FnMut(String)) {
    let text = text.trim_end();
    // What was written over is not there any more.
    let last = text.rsplit('\r').next().unwrap_or(text);
    let plain = plain(last);
    if !plain.trim().is_empty() {
        line(plain);
    }
}

/// Without the sequences that a terminal obeys.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(next) = rest.next() {
        if next != '\u{1b}' {
            out.push(next);
            continue;
        }
        match rest.next() {
            // Colours and movements end with a letter or a sign like one.
            Some('[') => drop(rest.by_ref().find(|c| ('@'..='~').contains(c))),
            // Titles and links end with a bell, or with another sequence.
            Some(']') => {
                let end = rest.by_ref().find(|c| matches!(c, '\u{7}' | '\u{1b}'));
                if end == Some('\u{1b}') {
                    rest.next();
                }
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Pieces};

    #[test]
    fn pieces_become_the_lines_that_a_person_would_see() {
        let mut lines = Vec::new();
        let mut pieces = Pieces::default();
        let long = "x".repeat(LONGEST + 1);
        for piece in [
            "Step 1/2 : FROM shop",
            "\n",
            "one\ntw",
            "o\n\n",
            "  10%\r  50%\r 100%\r\n",
            "\u{1b}[1;32mgreen\u{1b}[0m \u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{7}\n",
            &long,
            "\nlast",
        ] {
            pieces.add(piece, |line| lines.push(line));
        }
        pieces.end(|line| lines.push(line));
        pieces.end(|line| lines.push(line));
        let wanted =
            ["Step 1/2 : FROM shop", "one", "two", " 100%", "green link", long.as_str(), "last"];
        assert_eq!(lines, wanted);
    }
}
