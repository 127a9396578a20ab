//! What a `.dockerignore` leaves out of a build. Docker's own client reads it, and engines leave that to clients.
//!
//! Each line is a pattern of names between slashes: `*`, `?` and `[a-z]` within a name, `**` for any number of
//! them. What matches a folder matches all below it. A line that begins with `!` takes back what those before
//! it have left out: the last one that matches counts.

use std::{iter::Peekable, str::Chars};

/// The file itself, at the top of the code.
pub(super) const FILE: &str = ".dockerignore";
/// Lines that are read. Each is held against each file.
const MOST: usize = 1000;

/// The lines of such a file.
#[derive(Debug, Default)]
pub(super) struct Ignored(Vec<Line>);

#[derive(Debug)]
struct Line {
    out: bool,
    names: Vec<Name>,
}

/// What stands between two slashes.
#[derive(Debug)]
enum Name {
    /// Any number of names.
    All,
    Like(Vec<Sign>),
}

#[derive(Debug)]
enum Sign {
    /// Any number of letters.
    All,
    Any,
    Letter(char),
    /// From the first of each pair to its last, or none of these.
    Class {
        not: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Ignored {
    /// # Errors
    /// A sentence, when there is more than anybody writes.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let lines = text.lines().filter(|line| !line.starts_with('#')).map(str::trim);
        let lines: Vec<Line> = lines.filter_map(line).take(MOST + 1).collect();
        if lines.len() > MOST {
            return Err(format!("{FILE} has more than {MOST} lines"));
        }
        Ok(Self(lines))
    }

    pub(super) fn has(&self, path: &str) -> bool {
        let path: Vec<&str> = path.split('/').collect();
        let last = self.0.iter().rev().find(|line| {
            (1..=path.len()).any(|length| {
                let is_all = |name: &Name| matches!(name, Name::All);
                matches(&line.names, &path[..length], is_all, |name, given| match name {
                    Name::All => true,
                    Name::Like(signs) => is_like(signs, given),
                })
            })
        });
        last.is_some_and(|line| line.out)
    }
}

fn line(text: &str) -> Option<Line> {
    let (out, pattern) = text.strip_prefix('!').map_or((true, text), |rest| (false, rest.trim()));
    let mut names: Vec<Name> = Vec::new();
    for name in pattern.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()),
            "**" => names.push(Name::All),
            name => names.push(Name::Like(signs(name))),
        }
    }
    (!names.is_empty()).then_some(Line { out, names })
}

fn signs(text: &str) -> Vec<Sign> {
    let mut signs = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        let sign = match letter {
            '*' => Sign::All,
            '?' => Sign::Any,
            '\\' => Sign::Letter(rest.next().unwrap_or(letter)),
            '[' => {
                // One that is never closed is a letter like others.
                let mut ahead = rest.clone();
                match class(&mut ahead) {
                    Some(class) => {
                        rest = ahead;
                        class
                    }
                    None => Sign::Letter(letter),
                }
            }
            plain => Sign::Letter(plain),
        };
        signs.push(sign);
    }
    signs
}

/// What stands between brackets, when they are closed.
fn class(rest: &mut Peekable<Chars<'_>>) -> Option<Sign> {
    let not = rest.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    loop {
        if !ranges.is_empty() && rest.next_if_eq(&']').is_some() {
            return Some(Sign::Class { not, ranges });
        }
        let low = escaped(rest)?;
        let high = if rest.next_if_eq(&'-').is_some() { escaped(rest)? } else { low };
        ranges.push((low, high));
    }
}

fn escaped(rest: &mut Peekable<Chars<'_>>) -> Option<char> {
    match rest.next()? {
        '\\' => rest.next(),
        plain => Some(plain),
    }
}

fn is_like(signs: &[Sign], name: &str) -> bool {
    let letters: Vec<char> = name.chars().collect();
    matches(
        signs,
        &letters,
        |sign| matches!(sign, Sign::All),
        |sign, letter| match sign {
            Sign::All | Sign::Any => true,
            Sign::Letter(wanted) => wanted == letter,
            Sign::Class { not, ranges } => {
                ranges.iter().any(|(low, high)| (low..=high).contains(&letter)) != *not
            }
        },
    )
}

/// Whether all that is given fits, where what `is_all` stands for any number. It only ever goes back to the last of
/// those, so no pattern takes long.
fn matches<P, G>(
    pattern: &[P],
    given: &[G],
    is_all: impl Fn(&P) -> bool,
    fits: impl Fn(&P, &G) -> bool,
) -> bool {
    let (mut at, mut next) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while next < given.len() {
        match pattern.get(at) {
            Some(all) if is_all(all) => {
                back = Some((at, next));
                at += 1;
            }
            Some(one) if fits(one, &given[next]) => (at, next) = (at + 1, next + 1),
            _ => {
                let Some((all, from)) = back else { return false };
                (at, next) = (all + 1, from + 1);
                back = Some((all, next));
            }
        }
    }
    pattern[at..].iter().all(is_all)
}

#[cfg(test)]
mod tests {
    use super::Ignored;

    #[test]
    fn lines_mean_what_they_mean_to_docker() {
        let read = |text: &str| Ignored::read(text).unwrap();
        let ignored = read(
            "\u{feff}# secrets\n/secret\nbuild/\n*.log\n**/*.tmp\ndocs/**\n!docs/read[mM]e.md\n  a?c  \n\
             [^a-c]x\nnode_modules/*/cache\n./here/../there\n\\*star\n",
        );
        let cases = [
            ("secret", true),
            ("sub/secret", false),
            ("secrets", false),
            ("build/a/b", true),
            ("rebuild/a", false),
            ("x.log", true),
            ("sub/x.log", false),
            ("x.tmp", true),
            ("sub/sub/x.tmp", true),
            ("docs/a/b", true),
            ("docs/readme.md", false),
            ("docs/readMe.md", false),
            ("docs/readxe.md", true),
            ("abc", true),
            ("abbc", false),
            ("dx", true),
            ("ax", false),
            ("node_modules/a/cache/b", true),
            ("node_modules/cache", false),
            ("there/a", true),
            ("here", false),
            ("*star", true),
            ("a star", false),
            ("# secrets", false),
        ];
        for (path, wanted) in cases {
            assert_eq!(ignored.has(path), wanted, "{path}");
        }
        let allowed = read("*\n!src\nsrc/private\n");
        assert!(
            allowed.has("Dockerfile") && allowed.has("other/a") && allowed.has("src/private/a")
        );
        assert!(!allowed.has("src/main.rs"));
        assert!(read("[").has("[") && !read("[a").has("a") && read("[]a]").has("]"));
        assert!(!read("").has("a"));
        // Tried one way after the other, these would take for ever.
        let (stars, letters) = ("*a".repeat(100) + "*b", "a".repeat(255));
        let (all, deep) = ("**/a/".repeat(100) + "b", "a/".repeat(400) + "a");
        let long = read(&format!("{stars}\n{all}\n"));
        assert!(!long.has(&letters) && !long.has(&deep));
        assert!(Ignored::read(&"a\n".repeat(1001)).is_err());
    }
}
