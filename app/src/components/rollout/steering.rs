//! The ways to steer a replacement: only those of the phase it is in, each with what it will do said before it
//! is pressed. One that can't be pressed now says why instead, and stays reachable so that the reason can be
//! heard.

use handover::model::{Action, Allowed, ReplacementRecord, WorkloadId};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    road::{Way, is_over, way},
    story::{capital, new_side, old_side},
};
use crate::{
    actions::{Extend, Steer},
    components::curl::{ApiCall, call},
};

/// In the order they are shown. The two ways back are in the last column, never where a way forward has just been: whoever
/// presses once too often does not undo what they have done. Where there is only one column, the second press of a
/// double click is no press (`islands::forms`).
const ACTIONS: [Action; 4] = [Action::Switch, Action::Hold, Action::Release, Action::Finish];
const BACK: [Action; 2] = [Action::Rollback, Action::Cancel];

/// The wait that is offered.
pub const MORE_MINUTES: u32 = 5;

fn label(action: Action) -> &'static str {
    match action {
        Action::Switch => "Switch now",
        Action::Hold => "Hold before the switch",
        Action::Release => "Release the hold",
        Action::Rollback => "Switch back",
        Action::Finish => "Finish now",
        Action::Cancel => "Cancel",
        _ => "Wait longer",
    }
}

fn find(record: &ReplacementRecord, action: Action) -> Option<&Allowed> {
    record.allowed.iter().find(|allowed| allowed.action == action)
}

fn permits(record: &ReplacementRecord, action: Action) -> bool {
    find(record, action).is_some_and(|allowed| allowed.allowed)
}

/// Whether the button belongs to the phase the replacement is in.
fn belongs(record: &ReplacementRecord, action: Action) -> bool {
    if is_over(record) || way(record) != Way::Forward {
        return false;
    }
    let after = record.switched_at.is_some();
    let stage = record.stage.as_str();
    let warms = record.config.warmup_duration_minutes > 0;
    match action {
        Action::Cancel => !after,
        // There is something to skip.
        Action::Switch => !after && (warms || matches!(stage, "warming" | "held")),
        Action::Hold => !after && !permits(record, Action::Release),
        Action::Release => !after && permits(record, Action::Release),
        Action::Rollback => after && stage != "cleaning",
        Action::Finish => stage == "keeping",
        Action::Extend => {
            matches!(stage, "submitted" | "starting" | "warming" | "held" | "draining" | "keeping")
        }
        _ => false,
    }
}

/// What it will do.
fn effect(record: &ReplacementRecord, action: Action) -> String {
    let (old, new) = (old_side(record), new_side(record));
    match action {
        Action::Switch => format!(
            "Skips the rest of the wait: traffic moves to {new} at once, as long as it is ready."
        ),
        Action::Hold => {
            let old = capital(old);
            format!("{new} gets ready and then waits for a release. {old} serves until then.")
        }
        Action::Release => format!("Traffic moves to {new} as soon as it is ready and warm."),
        Action::Rollback => format!(
            "Traffic goes back to {old} at once. Open requests finish on {new}, then it is stopped."
        ),
        Action::Finish => format!(
            "{old} is stopped now instead of later. Going back then takes a new replacement."
        ),
        Action::Cancel => {
            format!("{new} is stopped. {} has all the traffic and keeps it.", capital(old))
        }
        _ => match record.stage.as_str() {
            "warming" => format!("{new} stays ready for longer before it takes traffic."),
            "held" => "The hold may last longer before the replacement is given up.".to_owned(),
            "draining" => "Open requests get longer to finish before they are cut.".to_owned(),
            "keeping" => format!("{old} stays warm for longer as the way back."),
            _ => format!("{new} gets longer to become ready before it is given up."),
        },
    }
}

#[component]
pub fn Steering(workload: WorkloadId, record: ReplacementRecord) -> impl IntoView {
    let knobs = |actions: &[Action]| -> Vec<_> {
        let belong = actions.iter().filter(|action| belongs(&record, **action));
        belong
            .map(|action| view! { <Knob workload=workload.clone() record=record.clone() action=*action/> })
            .collect()
    };
    let (items, back) = (knobs(&ACTIONS), knobs(&BACK));
    let longer = belongs(&record, Action::Extend)
        .then(|| view! { <Longer workload=workload.clone() record=record.clone()/> });
    (!items.is_empty() || !back.is_empty()).then(|| {
        view! {
            <div class="steer" id="steer" role="group" aria-label="Steer this replacement">
                {items}
                {longer}
                {back}
            </div>
        }
    })
}

/// One button and what it does.
#[component]
fn Knob(workload: WorkloadId, record: ReplacementRecord, action: Action) -> impl IntoView {
    let refused = !permits(&record, action);
    let why = format!("why-{action}");
    let class = if action == Action::Cancel { "danger" } else { "" };
    let knob = if BACK.contains(&action) { "knob back" } else { "knob" };
    let current = format!("/workloads/{workload}/replacement/");
    let example = match action {
        Action::Cancel => call("DELETE", &current, None),
        action => call("POST", &format!("{current}{action}/"), None),
    };
    view! {
        <form method="post" action=Steer::url() data-inline id=format!("steer-{action}") class=knob>
            <input type="hidden" name="id" value=workload.to_string()/>
            <button type="submit" name="action" value=action.word() class=class
                aria-disabled=refused.then_some("true") aria-describedby=why.clone()>{label(action)}</button>
            <p id=why>{said(&record, action)}</p>
            <ApiCall text=example/>
        </form>
    }
}

/// Waiting longer asks for how long.
#[component]
fn Longer(workload: WorkloadId, record: ReplacementRecord) -> impl IntoView {
    let refused = !permits(&record, Action::Extend);
    let path = format!("/workloads/{workload}/replacement/extend/");
    let example = call("POST", &path, Some(&serde_json::json!({ "minutes": MORE_MINUTES })));
    view! {
        <form method="post" action=Extend::url() data-inline id="steer-extend" class="knob">
            <input type="hidden" name="id" value=workload.to_string()/>
            <div class="unit">
                <label for="extend-minutes">"Wait"</label>
                <input class="minutes" id="extend-minutes" type="number" name="minutes" min="1" max="1440" value=MORE_MINUTES required=true/>
                "min"
                <button type="submit" aria-disabled=refused.then_some("true") aria-describedby="why-extend">"longer"</button>
            </div>
            <p id="why-extend">{said(&record, Action::Extend)}</p>
            <ApiCall text=example/>
        </form>
    }
}

/// What the button does; when it can't be pressed now, why.
pub fn said(record: &ReplacementRecord, action: Action) -> String {
    match find(record, action).and_then(|allowed| allowed.reason.as_ref()) {
        Some(reason) => format!("Not now: {reason}."),
        None => capital(&effect(record, action)),
    }
}
