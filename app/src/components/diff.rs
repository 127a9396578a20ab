//! Two specifications side by side: what goes, what comes, what stays.

use leptos::prelude::*;

use super::spec::Line;

/// One row of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Row {
    Same(Line),
    Changed(Line, Line),
    Gone(Line),
    New(Line),
}

/// Lines with the same name belong together; what only one side has keeps its place.
fn compare(old: &[Line], new: &[Line]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut rest = new;
    for line in old {
        match rest.iter().position(|other| other.name == line.name) {
            Some(at) => {
                rows.extend(rest[..at].iter().cloned().map(Row::New));
                let other = &rest[at];
                rows.push(if other == line {
                    Row::Same(line.clone())
                } else {
                    Row::Changed(line.clone(), other.clone())
                });
                rest = &rest[at + 1..];
            }
            None => rows.push(Row::Gone(line.clone())),
        }
    }
    rows.extend(rest.iter().cloned().map(Row::New));
    rows
}

#[component]
pub fn Diff(old_name: String, old: Vec<Line>, new_name: String, new: Vec<Line>) -> impl IntoView {
    let rows = compare(&old, &new);
    let same = rows.iter().all(|row| matches!(row, Row::Same(_)));
    let left = rows.iter().map(|row| match row {
        Row::Same(line) => cell("line", " ", Some(line)),
        Row::Changed(line, _) | Row::Gone(line) => cell("line gone", "-", Some(line)),
        Row::New(_) => cell("line", "", None),
    });
    let right = rows.iter().map(|row| match row {
        Row::Same(line) => cell("line", " ", Some(line)),
        Row::Changed(_, line) | Row::New(line) => cell("line new", "+", Some(line)),
        Row::Gone(_) => cell("line", "", None),
    });
    view! {
        {same.then(|| view! { <p class="pad quiet">"The two specifications are the same: the same version is rolled out again."</p> })}
        <div class="two">
            <div class="diff"><div class="title">{old_name}</div>{left.collect_view()}</div>
            <div class="diff"><div class="title">{new_name}</div>{right.collect_view()}</div>
        </div>
    }
}

fn cell(class: &'static str, sign: &'static str, line: Option<&Line>) -> impl IntoView + use<> {
    let text = line.map(|line| format!("{sign} {:<12} {}", line.name, line.value));
    view! { <div class=class>{text}</div> }
}

#[cfg(test)]
mod tests {
    use super::{Line, Row, compare};

    fn lines(pairs: &[(&str, &str)]) -> Vec<Line> {
        pairs.iter().map(|(n, v)| Line { name: (*n).into(), value: (*v).into() }).collect()
    }

    #[test]
    fn a_changed_an_added_and_a_removed_line() {
        let old = lines(&[("image", "a:1"), ("GONE", "x"), ("port", "80")]);
        let new = lines(&[("image", "a:2"), ("NEW", "y"), ("port", "80")]);
        let [image, gone, added, port] = &compare(&old, &new)[..] else { panic!("four rows") };
        assert!(matches!(image, Row::Changed(..)));
        assert_eq!(*gone, Row::Gone(old[1].clone()));
        assert_eq!(*added, Row::New(new[1].clone()));
        assert_eq!(*port, Row::Same(old[2].clone()));
    }
}
