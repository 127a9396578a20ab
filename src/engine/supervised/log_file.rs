//! A unit's log on disk: one line each, `<microseconds> <o|e> <text>`, in two files of at most 8 MiB.
//!
//! Known limitation: what is older than the two files is gone. A disk that is full loses lines, never
//! holds up the replica.

use std::{
    collections::VecDeque,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use crate::model::Timestamp;

const FILE_BYTES: u64 = 8 * 1024 * 1024;
const BLOCK_BYTES: u64 = 64 * 1024;
const NEWER: &str = "log";
const OLDER: &str = "log.1";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Stream {
    Out,
    Err,
}

/// Appends lines and begins a new file when one is full.
pub(in crate::engine) struct LogWriter {
    folder: PathBuf,
    file: Option<File>,
    bytes: u64,
    limit: u64,
}

impl LogWriter {
    pub(in crate::engine) fn open(folder: &Path) -> Self {
        Self::with_limit(folder, FILE_BYTES)
    }

    fn with_limit(folder: &Path, limit: u64) -> Self {
        let mut writer = Self { folder: folder.to_owned(), file: None, bytes: 0, limit };
        writer.reopen();
        writer
    }

    fn reopen(&mut self) {
        let path = self.folder.join(NEWER);
        self.file = File::options().create(true).append(true).open(path).ok();
        self.bytes = self.file.as_ref().and_then(|f| f.metadata().ok()).map_or(0, |m| m.len());
    }

    /// Writes one line, losing it when that can't be done.
    pub(in crate::engine) fn line(&mut self, at: Timestamp, stream: Stream, text: &[u8]) {
        if self.bytes >= self.limit {
            drop(fs::rename(self.folder.join(NEWER), self.folder.join(OLDER)));
            self.reopen();
        }
        if self.file.is_none() {
            self.reopen();
        }
        let Some(file) = &mut self.file else { return };
        let letter = match stream {
            Stream::Out => 'o',
            Stream::Err => 'e',
        };
        let mut line = format!("{} {letter} ", at.micros()).into_bytes();
        line.extend(text.iter().filter(|byte| **byte != b'\r'));
        line.push(b'\n');
        // One write, so that a reader never sees half a line of a moment ago.
        match file.write_all(&line) {
            Ok(()) => self.bytes += line.len() as u64,
            Err(_) => self.file = None,
        }
    }
}

/// One line as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) struct RawLine {
    pub(in crate::engine) at: Timestamp,
    pub(in crate::engine) text: String,
}

impl RawLine {
    fn parse(line: &[u8]) -> Option<Self> {
        let line = String::from_utf8_lossy(line);
        let (micros, rest) = line.split_once(' ')?;
        let (_, text) = rest.split_once(' ')?;
        Some(Self { at: Timestamp::from_micros(micros.parse().ok()?), text: text.to_owned() })
    }
}

/// The lines of a folder's log, newest first, read in blocks from the end.
pub(in crate::engine) struct Newest {
    files: VecDeque<PathBuf>,
    /// Newer lines than this are not wanted; most of them are passed over without being read.
    until: Option<Timestamp>,
    /// Bytes that may still be read.
    left: u64,
    current: Option<(File, u64)>,
    /// Bytes from the present position up to the next line that was given out.
    buffer: Vec<u8>,
    lines: Vec<RawLine>,
}

impl Newest {
    pub(in crate::engine) fn of(folder: &Path) -> Self {
        let files = [folder.join(NEWER), folder.join(OLDER)].into();
        Self {
            files,
            until: None,
            left: u64::MAX,
            current: None,
            buffer: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// Begins near this moment instead of at the end; some newer lines may still come.
    pub(in crate::engine) fn until(mut self, moment: Option<Timestamp>) -> Self {
        self.until = moment;
        self
    }

    /// Ends after about so many bytes.
    pub(in crate::engine) fn at_most(mut self, bytes: u64) -> Self {
        self.left = bytes;
        self
    }

    /// It has ended before the beginning of the log was reached.
    pub(in crate::engine) fn was_cut(&self) -> bool {
        self.left == 0 && (self.current.is_some() || !self.files.is_empty())
    }

    /// Reads one more block; false at the beginning of the oldest file.
    fn fill(&mut self) -> bool {
        let Some((file, position)) = &mut self.current else {
            let Some(path) = self.files.pop_front() else { return false };
            if let Ok(mut file) = File::open(path)
                && let Ok(end) = end(&mut file, self.until)
            {
                self.current = Some((file, end));
            }
            return true;
        };
        if self.left == 0 {
            return false;
        }
        let length = BLOCK_BYTES.min(*position);
        self.left = self.left.saturating_sub(length);
        *position -= length;
        let mut block = vec![0; usize::try_from(length).unwrap_or(0)];
        let read = file.seek(SeekFrom::Start(*position)).and_then(|_| file.read_exact(&mut block));
        let at_start = *position == 0;
        if read.is_err() {
            self.current = None;
            self.buffer.clear();
            return true;
        }
        block.append(&mut self.buffer);
        // The first line of the block may have begun before it.
        let whole = if at_start {
            0
        } else {
            block.iter().position(|b| *b == b'\n').map_or(block.len(), |n| n + 1)
        };
        self.lines = block[whole..].split(|b| *b == b'\n').filter_map(RawLine::parse).collect();
        block.truncate(whole);
        self.buffer = block;
        if at_start {
            self.current = None;
        }
        true
    }
}

/// Where the lines up to this moment end, give or take a block. Lines stand in order of time.
fn end(file: &mut File, until: Option<Timestamp>) -> io::Result<u64> {
    let length = file.seek(SeekFrom::End(0))?;
    let Some(until) = until else { return Ok(length) };
    let (mut low, mut high, mut end) = (0, length, length);
    while high - low > BLOCK_BYTES {
        let middle = low + (high - low) / 2;
        match first_line_from(file, middle)? {
            Some((start, at)) if at > until => (high, end) = (middle, start),
            _ => low = middle,
        }
    }
    Ok(end)
}

/// The first line that begins at or after a position: where, and when it was written.
fn first_line_from(file: &mut File, position: u64) -> io::Result<Option<(u64, Timestamp)>> {
    file.seek(SeekFrom::Start(position))?;
    let mut block = Vec::new();
    file.take(BLOCK_BYTES).read_to_end(&mut block)?;
    let Some(before) = block.iter().position(|byte| *byte == b'\n') else { return Ok(None) };
    let line = block[before + 1..].split(|byte| *byte == b'\n').next().unwrap_or_default();
    let found = RawLine::parse(line).map(|line| (position + before as u64 + 1, line.at));
    Ok(found)
}

impl Iterator for Newest {
    type Item = RawLine;

    fn next(&mut self) -> Option<RawLine> {
        loop {
            if let Some(line) = self.lines.pop() {
                return Some(line);
            }
            if !self.fill() {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LogWriter, Newest, Stream};
    use crate::model::Timestamp;

    #[test]
    fn lines_come_back_newest_first_across_blocks_and_files() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = LogWriter::with_limit(folder.path(), 400_000);
        let text = |n: i64| format!("line {n} {}", "x".repeat(usize::try_from(n % 997).unwrap()));
        for n in 0..1000 {
            let stream = if n % 2 == 0 { Stream::Out } else { Stream::Err };
            writer.line(Timestamp::from_micros(n), stream, text(n).as_bytes());
        }
        let mut expected = 999;
        for line in Newest::of(folder.path()) {
            assert_eq!((line.at.micros(), line.text), (expected, text(expected)));
            expected -= 1;
        }
        assert_eq!(expected, -1);
        // A reopened writer goes on where the last one stopped, and rotation drops only the oldest.
        let mut writer = LogWriter::with_limit(folder.path(), 1000);
        for n in 1000..1010 {
            writer.line(Timestamp::from_micros(n), Stream::Out, text(n).as_bytes());
        }
        let newest: Vec<i64> = Newest::of(folder.path()).map(|line| line.at.micros()).collect();
        assert!(newest.windows(2).all(|pair| pair[0] == pair[1] + 1), "{newest:?}");
        assert_eq!(newest[0], 1009);
    }

    #[test]
    fn what_is_newer_is_passed_over_and_reading_ends_in_time() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = LogWriter::with_limit(folder.path(), 3_000_000);
        for n in 0..50_000 {
            writer.line(Timestamp::from_micros(n), Stream::Out, "x".repeat(80).as_bytes());
        }
        for until in [49_999, 40_000, 31_111, 12_345, 3] {
            let mut newest = Newest::of(folder.path()).until(Some(Timestamp::from_micros(until)));
            let passed = newest.by_ref().take_while(|line| line.at.micros() > until).count();
            assert!(passed < 4000, "{passed} lines after {until} were read");
            // The line that ended the passing over was `until` itself.
            assert_eq!(newest.next().map(|line| line.at.micros()), Some(until - 1));
            assert!(!newest.was_cut());
        }
        let mut some = Newest::of(folder.path()).at_most(200_000);
        let read = some.by_ref().count();
        assert!((1000..4000).contains(&read) && some.was_cut(), "{read}");
    }

    #[test]
    fn no_log_is_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Newest::of(folder.path()).count(), 0);
    }
}
