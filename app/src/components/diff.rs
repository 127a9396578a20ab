//! Two sides compared line by line: what goes, what comes, what stays. A table, so that both sides of a line
//! stand beside each other however long they are, and are read together by those who listen.

use leptos::{either::Either, prelude::*};

use super::{format::plural, spec::Line};

/// With more lines than this, those that stay the same are folded away.
const SHOW_ALL: usize = 24;

/// One row of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    part: String,
    name: String,
    old: Option<String>,
    new: Option<String>,
}

impl Row {
    fn same(&self) -> bool {
        self.old == self.new
    }
}

/// Lines of the same part and name belong together; what only one side has keeps its place in its part.
fn compare(old: &[Line], new: &[Line]) -> Vec<Row> {
    let row = |line: &Line, old: Option<&Line>, new: Option<&Line>| Row {
        part: line.part.clone(),
        name: line.name.clone(),
        old: old.map(|line| line.value.clone()),
        new: new.map(|line| line.value.clone()),
    };
    let mut rows = Vec::new();
    for part in parts(old, new) {
        let of = |all: &[Line]| all.iter().filter(|l| l.part == part).cloned().collect::<Vec<_>>();
        let (old, new) = (of(old), of(new));
        let mut rest = &new[..];
        for line in &old {
            match rest.iter().position(|other| other.name == line.name) {
                Some(at) => {
                    rows.extend(rest[..at].iter().map(|line| row(line, None, Some(line))));
                    rows.push(row(line, Some(line), Some(&rest[at])));
                    rest = &rest[at + 1..];
                }
                None => rows.push(row(line, Some(line), None)),
            }
        }
        rows.extend(rest.iter().map(|line| row(line, None, Some(line))));
    }
    rows
}

/// The parts of both sides in the order of the new one; a part that is gone keeps its place before the next.
fn parts<'a>(old: &'a [Line], new: &'a [Line]) -> Vec<&'a str> {
    let mut parts: Vec<&str> = Vec::new();
    for line in old {
        if !parts.contains(&line.part.as_str()) {
            parts.push(&line.part);
        }
    }
    let mut place = 0;
    for line in new {
        match parts.iter().position(|part| *part == line.part) {
            Some(at) => place = at + 1,
            None => {
                parts.insert(place, &line.part);
                place += 1;
            }
        }
    }
    parts
}

/// How many lines differ.
pub fn changes(old: &[Line], new: &[Line]) -> usize {
    compare(old, new).iter().filter(|row| !row.same()).count()
}

/// What differs, in words: its name, what it was and what it will be.
pub fn differing(old: &[Line], new: &[Line]) -> Vec<(String, Option<String>, Option<String>)> {
    let rows = compare(old, new).into_iter().filter(|row| !row.same());
    rows.map(|row| (named(&row), row.old, row.new)).collect()
}

/// `cpu`; `cpu of side` when the part is of one of several.
fn named(row: &Row) -> String {
    match row.part.split_once(" of ") {
        Some((_, whose)) => format!("{} of {whose}", row.name),
        None => row.name.clone(),
    }
}

#[component]
pub fn Diff(
    #[prop(into)] old_name: String,
    old: Vec<Line>,
    #[prop(into)] new_name: String,
    new: Vec<Line>,
) -> impl IntoView {
    let rows = compare(&old, &new);
    let differing = rows.iter().filter(|row| !row.same()).count();
    if differing == 0 {
        return Either::Left(view! {
            <p class="pad quiet">"Both are the same, line by line."</p>
            <Folded rows old_name new_name/>
        });
    }
    let (shown, folded): (Vec<_>, Vec<_>) = if rows.len() <= SHOW_ALL {
        (rows, Vec::new())
    } else {
        rows.into_iter().partition(|row| !row.same())
    };
    Either::Right(view! {
        {table(&shown, &old_name, &new_name)}
        <Folded rows=folded old_name new_name/>
    })
}

/// What stays the same, behind a line that says how much that is.
#[component]
fn Folded(rows: Vec<Row>, old_name: String, new_name: String) -> impl IntoView {
    (!rows.is_empty()).then(|| {
        view! {
            <details class="pad compare-same">
                <summary>{format!("{} the same on both sides", plural(rows.len() as u64, "line"))}</summary>
                {table(&rows, &old_name, &new_name)}
            </details>
        }
    })
}

fn table(rows: &[Row], old_name: &str, new_name: &str) -> impl IntoView + use<> {
    let bodies = rows
        .chunk_by(|one, other| one.part == other.part)
        .map(|part| {
            let lines = part.iter().map(line).collect_view();
            view! {
                <tbody>
                    <tr class="part"><th scope="rowgroup" colspan="3">{part[0].part.clone()}</th></tr>
                    {lines}
                </tbody>
            }
        })
        .collect_view();
    view! {
        <table class="compare">
            <thead><tr><td></td><th scope="col">{old_name.to_owned()}</th><th scope="col">{new_name.to_owned()}</th></tr></thead>
            {bodies}
        </table>
    }
}

fn line(row: &Row) -> impl IntoView + use<> {
    let name = row.name.clone();
    let class = if row.same() { "" } else { "differs" };
    let cells = match (row.old.clone(), row.new.clone()) {
        (Some(old), Some(new)) if old != new => {
            let (gone, come) = emphasised(&old, &new);
            Either::Left(view! {
                <td class="gone"><span class="aside">"before: "</span>{gone}</td>
                <td class="come"><span class="aside">"after: "</span>{come}</td>
            })
        }
        (old, new) => {
            let gone = if new.is_none() { "gone" } else { "" };
            let come = if old.is_none() { "come" } else { "" };
            Either::Right(view! {
                <td class=gone>{old.unwrap_or_else(|| "not set".into())}</td>
                <td class=come>{new.unwrap_or_else(|| "not set".into())}</td>
            })
        }
    };
    view! { <tr class=class><th scope="row">{name}</th>{cells}</tr> }
}

/// Both values with what differs between them marked, so that `1.4.2` and `1.5.2` need no second look.
fn emphasised(old: &str, new: &str) -> (impl IntoView + use<>, impl IntoView + use<>) {
    let (head, tail) = common(old, new);
    // An empty text would be written as a blank.
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let cut = |text: &str| {
        let middle = some(&text[head..text.len() - tail]).map(|it| view! { <mark>{it}</mark> });
        view! { {some(&text[..head])}{middle}{some(&text[text.len() - tail..])} }
    };
    (cut(old), cut(new))
}

/// How many bytes both begin and end with, never splitting a character and never overlapping.
fn common(old: &str, new: &str) -> (usize, usize) {
    let same = |(a, b): &(char, char)| a == b;
    let head: usize =
        old.chars().zip(new.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let (old, new) = (&old[head..], &new[head..]);
    let backwards = old.chars().rev().zip(new.chars().rev());
    (head, backwards.take_while(same).map(|(c, _)| c.len_utf8()).sum())
}

#[cfg(test)]
mod tests {
    use super::{Line, changes, common, compare, differing};

    fn lines(all: &[(&str, &str, &str)]) -> Vec<Line> {
        let line = |(part, name, value): &(&str, &str, &str)| Line {
            part: (*part).into(),
            name: (*name).into(),
            value: (*value).into(),
        };
        all.iter().map(line).collect()
    }

    fn seen(old: &[(&str, &str, &str)], new: &[(&str, &str, &str)]) -> Vec<String> {
        let text = |side: Option<String>| side.unwrap_or_else(|| "-".into());
        compare(&lines(old), &lines(new))
            .into_iter()
            .map(|row| format!("{} {} {} {}", row.part, row.name, text(row.old), text(row.new)))
            .collect()
    }

    #[test]
    fn a_changed_an_added_and_a_removed_line_keep_their_places() {
        let old =
            [("c", "image", "a:1"), ("c", "port", "80"), ("e", "GONE", "x"), ("r", "cpu", "1")];
        let new = [("c", "image", "a:2"), ("c", "port", "80"), ("p", "up", "/"), ("r", "cpu", "1")];
        assert_eq!(
            seen(&old, &new),
            ["c image a:1 a:2", "c port 80 80", "p up - /", "e GONE x -", "r cpu 1 1"]
        );
        assert_eq!(changes(&lines(&old), &lines(&new)), 3);
    }

    #[test]
    fn the_same_name_in_two_parts_is_not_mixed_up() {
        let old = [("one", "image", "a:1"), ("two", "image", "b:1")];
        let new = [("two", "image", "b:1")];
        assert_eq!(seen(&old, &new), ["one image a:1 -", "two image b:1 b:1"]);
    }

    #[test]
    fn only_what_differs_is_told_and_whose_it_is() {
        let old = [("Resources of main", "cpu", "1"), ("Replicas", "replicas", "2")];
        let new = [("Resources of main", "cpu", "2"), ("Replicas", "replicas", "2")];
        let told = differing(&lines(&old), &lines(&new));
        assert_eq!(told, [("cpu of main".into(), Some("1".into()), Some("2".into()))]);
    }

    #[test]
    fn what_two_values_share_is_found_without_overlap() {
        assert_eq!(common("demo:1.0", "demo:2.0"), (5, 2));
        assert_eq!(common("aa", "aaa"), (2, 0));
        assert_eq!(common("grün", "grau"), (2, 0));
        assert_eq!(common("", "x"), (0, 0));
    }
}
