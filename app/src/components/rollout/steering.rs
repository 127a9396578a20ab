//! The ways to steer a replacement. Every button is there for the whole of its phase, so that the keyboard
//! never loses its place; one that can't be pressed now says why, and stays reachable so that the reason can
//! be heard.

use handover::model::{Action, Allowed, ReplacementRecord, WorkloadId};
use leptos::{form::ActionForm, prelude::*};

use super::road::{Way, is_over, way};
use crate::actions::{Extend, Steer};

/// One button.
struct Knob {
    action: Action,
    label: &'static str,
    class: &'static str,
}

const BUTTONS: [Knob; 6] = [
    Knob { action: Action::Switch, label: "Switch now", class: "" },
    Knob { action: Action::Hold, label: "Hold before the switch", class: "" },
    Knob { action: Action::Release, label: "Release", class: "" },
    Knob { action: Action::Rollback, label: "Switch back", class: "" },
    Knob { action: Action::Finish, label: "Finish now", class: "" },
    Knob { action: Action::Cancel, label: "Cancel", class: "danger" },
];

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
    match action {
        Action::Cancel | Action::Switch => !after,
        Action::Hold => !after && !permits(record, Action::Release),
        Action::Release => !after && permits(record, Action::Release),
        Action::Rollback | Action::Finish => after,
        _ => true,
    }
}

#[component]
pub fn Steering(
    workload: WorkloadId,
    record: Signal<Option<ReplacementRecord>>,
    steer: ServerAction<Steer>,
    extend: ServerAction<Extend>,
) -> impl IntoView {
    let id = workload.to_string();
    let same_id = id.clone();
    let closed =
        move || record.with(|record| record.as_ref().is_none_or(|r| !belongs(r, Action::Extend)));
    view! {
        <div hidden=closed>
            <div class="steer" role="group" aria-label="Steer this replacement">
                <div aria-busy=move || steer.pending().get().to_string()>
                    <ActionForm action=steer attr:class="actions">
                        <input type="hidden" name="id" value=id.clone()/>
                        {BUTTONS.map(|button| view! { <Button button record/> }).into_iter().collect_view()}
                    </ActionForm>
                </div>
                <div aria-busy=move || extend.pending().get().to_string()>
                    <ActionForm action=extend attr:class="unit">
                        <input type="hidden" name="id" value=same_id/>
                        <label for="extend-minutes">"Wait"</label>
                        <input class="minutes" id="extend-minutes" type="number" name="minutes" min="1" max="1440" value="5" required=true/>
                        "min"
                        <Button button=Knob { action: Action::Extend, label: "longer", class: "" } record/>
                    </ActionForm>
                </div>
            </div>
            <ul class="whys">{move || record.with(|record| record.as_ref().map(reasons))}</ul>
        </div>
    }
}

#[component]
fn Button(button: Knob, record: Signal<Option<ReplacementRecord>>) -> impl IntoView {
    let Knob { action, label, class } = button;
    let hidden = move || record.with(|r| r.as_ref().is_none_or(|r| !belongs(r, action)));
    let refused = Memo::new(move |_| {
        record.with(|record| record.as_ref().is_none_or(|record| !permits(record, action)))
    });
    let reason = move || record.with(|r| r.as_ref().and_then(|r| find(r, action)?.reason.clone()));
    view! {
        <button
            type="submit"
            name="action"
            value=action.word()
            class=class
            hidden=hidden
            aria-disabled=move || refused.get().then_some("true")
            aria-describedby=move || refused.get().then(|| format!("why-{action}"))
            title=reason
            on:click=move |event| if refused.get() { event.prevent_default() }
        >
            {label}
        </button>
    }
}

/// Why each button that is seen can't be pressed.
fn reasons(record: &ReplacementRecord) -> impl IntoView + use<> {
    BUTTONS
        .iter()
        .map(|button| (button.action, button.label))
        .chain([(Action::Extend, "Wait longer")])
        .filter(|(action, _)| belongs(record, *action))
        .filter_map(|(action, label)| {
            let reason = find(record, action)?.reason.clone()?;
            Some(view! { <li id=format!("why-{action}")>{format!("{label}: {reason}.")}</li> })
        })
        .collect_view()
}
