//! What saving would do, said before it is done.

use handover::{
    model::{Action, WorkloadRecord, WorkloadRuntime},
    settings::{Roll, SettingsPreview},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::Others;
use crate::{
    actions::ShapeSettings,
    components::{
        curl::ApiCall,
        diff::differing,
        format::{plural, roughly},
        spec::runtime_lines,
    },
    refusal::Refusal,
};

pub const NOTHING_DIFFERS: &str = "Nothing differs from what is set now, so nothing was done. To begin anew with the same settings, press the button that says so.";
pub const DIFFERS: &str = "The button was for the same settings, and others are typed. Nothing was done: look at what saving them does, then save them.";

/// Whether saving would change anything of what the page shows.
pub fn is_same(preview: &SettingsPreview) -> bool {
    differing(&runtime_lines(&preview.before), &runtime_lines(&preview.after)).is_empty()
}

/// What the button does: its words, and what it says beside the form.
struct Knob {
    words: &'static str,
    name: Option<&'static str>,
    value: Option<String>,
}

impl Knob {
    fn of(rolls: bool, same: bool, others: Option<&Others>) -> Self {
        match (others, rolls, same) {
            (Some(others), rolls, _) => Self {
                words: if rolls { "Save over theirs and roll out" } else { "Save over theirs" },
                name: Some("form[over]"),
                value: Some(others.runtime.clone()),
            },
            (None, true, true) => Self {
                words: "Restart with the same settings",
                name: Some("form[restart]"),
                value: Some("true".into()),
            },
            (None, ..) => Self { words: save_words(rolls), name: None, value: None },
        }
    }
}

fn save_words(rolls: bool) -> &'static str {
    if rolls { "Save and roll out" } else { "Save for the next start" }
}

#[component]
pub fn Effect(
    workload: WorkloadRecord,
    checked: Result<SettingsPreview, Refusal>,
    others: Option<Others>,
    example: String,
    base: String,
) -> impl IntoView {
    let held = workload.allowed.iter().find(|allowed| allowed.action == Action::Settings);
    let refusal =
        held.filter(|allowed| !allowed.allowed).and_then(|allowed| allowed.reason.clone());
    let rolls = checked.as_ref().map_or(workload.proton_id.is_some(), |seen| seen.roll.is_some());
    let same = checked.as_ref().is_ok_and(is_same);
    let (told, ok) = match checked {
        Ok(seen) => (told(&seen, &workload, &base).into_any(), true),
        Err(refusal) => (faults(refusal).into_any(), false),
    };
    let off = refusal.is_some() || !ok || same && !rolls;
    let Knob { words, name, value } = Knob::of(rolls, same, others.as_ref());
    let others = others.filter(|others| !others.told).map(|Others { who, .. }| {
        let said = format!("{who}. What you typed is kept: this is what it would change now.");
        view! { <div class="banner warn" id="others"><p>{said}</p></div> }
    });
    view! {
        <section class="card effect" id="effect" aria-live="polite">
            <header><h2>"What saving does"</h2></header>
            <div class="pad">
                {others}
                {told}
                {refusal.clone().map(|why| view! { <div class="banner warn"><p>"Not now: "{why}"."</p></div> })}
                <div class="foot">
                    // With scripts the page follows what is typed.
                    <button type="submit" class="without-scripts" formaction=ShapeSettings::url()>"Show what it does"</button>
                    {(same && refusal.is_none()).then(|| view! { <button type="submit" class="solid without-scripts">{save_words(rolls)}</button> })}
                    <button type="submit" class=if same && !rolls { "solid needs-scripts" } else { "solid" } name=name value=value aria-disabled=off.then_some("true") title=refusal>{words}</button>
                    <a class="btn" href=format!("{base}/settings")>"Start over"</a>
                </div>
                <ApiCall text=example/>
            </div>
        </section>
    }
}

fn faults(refusal: Refusal) -> impl IntoView {
    let message = match refusal.fields.len() {
        0 => refusal.message,
        1 => "Nothing yet: one field is wrong. It says why.".into(),
        many => format!("Nothing yet: {many} fields are wrong. They say why."),
    };
    view! { <p class="bad-text">{message}</p> }
}

fn told(seen: &SettingsPreview, workload: &WorkloadRecord, base: &str) -> impl IntoView + use<> {
    let changes = differing(&runtime_lines(&seen.before), &runtime_lines(&seen.after));
    let same = changes.is_empty();
    let rows = changes
        .into_iter()
        .map(|(name, before, after)| {
            view! {
                <dt>{name}</dt>
                <dd><span class="was">{before.unwrap_or_else(|| "not set".into())}</span>" → "<b>{after.unwrap_or_else(|| "not set".into())}</b></dd>
            }
        })
        .collect_view();
    let edited = (seen.edited_since_start && seen.roll.is_some()).then(|| {
        let compare = format!("{base}/replace?artifact={}", workload.artifact_id);
        view! {
            <div class="banner warn"><p>"The draft was edited since it was started, and a roll brings those edits along. "
                <a href=compare>"See what they change"</a>"."</p></div>
        }
    });
    view! {
        {if same {
            view! { <p class="quiet">"Nothing differs from what is set now."</p> }.into_any()
        } else {
            view! { <dl class="facts changes">{rows}</dl> }.into_any()
        }}
        {edited}
        <ul class="effects">{effects(seen.roll, same, &seen.after).into_iter().map(|effect| view! { <li>{effect}</li> }).collect_view()}</ul>
    }
}

fn effects(roll: Option<Roll>, same: bool, after: &WorkloadRuntime) -> Vec<String> {
    let Some(Roll { present, starts, within }) = roll else {
        return vec![
            "Nothing runs now, so nothing rolls.".into(),
            format!(
                "The next start uses these settings, with {}.",
                plural(after.replicas().into(), "replica")
            ),
        ];
    };
    let what = if same { "with the same settings" } else { "with the new settings" };
    let beside = match present {
        0 => format!("It rolls: {} {what}.", starting(starts)),
        _ => format!(
            "It rolls: {} {what} beside the {present} that {}: {} until traffic has moved.",
            starting(starts),
            if present == 1 { "runs" } else { "run" },
            plural(u64::from(starts) + u64::from(present), "replica"),
        ),
    };
    vec![
        beside,
        "When all of them are ready, traffic moves to them at once. Open requests finish where they began; the address stays.".into(),
        format!("If they are not ready within {}, they are taken away again. What runs now goes on serving, and nothing changes for callers.", roughly(within)),
    ]
}

fn starting(count: u32) -> String {
    if count == 1 { "1 replica starts".into() } else { format!("{count} replicas start") }
}
