//! Why something can't be done now, in words: a tooltip is nothing for a finger or a keyboard.

use leptos::prelude::*;

/// Below the buttons of a head; what has the same reason is said together. Each button says its own to those who
/// listen.
#[component]
pub fn Reasons(
    /// What the buttons are called, and why each can't be pressed now.
    of: Vec<(&'static str, Option<String>)>,
) -> impl IntoView {
    let lines = grouped(of);
    (!lines.is_empty()).then(|| {
        view! {
            <div class="reasons" aria-hidden="true">
                {lines.into_iter().map(|(names, why)| view! { <p><b>{names.join(", ")}</b>{format!(": not now, {why}.")}</p> }).collect_view()}
            </div>
        }
    })
}

fn grouped(of: Vec<(&'static str, Option<String>)>) -> Vec<(Vec<&'static str>, String)> {
    let mut lines: Vec<(Vec<&'static str>, String)> = Vec::new();
    for (name, why) in of {
        let Some(why) = why else { continue };
        match lines.iter_mut().find(|(_, other)| *other == why) {
            Some((names, _)) => names.push(name),
            None => lines.push((vec![name], why)),
        }
    }
    lines
}

/// In a menu, below what can't be chosen.
#[component]
pub fn Reason(why: String) -> impl IntoView {
    view! { <span class="aside">", "</span><span class="why">{format!("not now: {why}")}</span> }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn what_has_the_same_reason_is_said_together() {
        let role = || Some("ask an owner".to_owned());
        let of = vec![
            ("Share", role()),
            ("Stop", None),
            ("Replace", Some("it is stopped".into())),
            ("Promote", role()),
        ];
        let lines = grouped(of);
        assert_eq!(lines[0], (vec!["Share", "Promote"], "ask an owner".to_owned()));
        assert_eq!(lines[1], (vec!["Replace"], "it is stopped".to_owned()));
        assert_eq!(lines.len(), 2);
    }
}
