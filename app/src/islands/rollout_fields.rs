//! The waits of a rollout, and the sentence that says what they come to, kept true while one types. With
//! scripts off the sentence speaks of the waits in general.

use leptos::prelude::*;

use crate::refusal::Fault;

#[island]
pub fn RolloutFields(
    warm_up: String,
    keep: String,
    /// As typed; empty means as now.
    replicas: String,
    now: u32,
    /// `3 replicas`
    as_now: String,
    old_name: String,
    new_name: String,
    wrong: Vec<Fault>,
) -> impl IntoView {
    let typed = RwSignal::new((minutes(&warm_up), minutes(&keep)));
    let alive = RwSignal::new(false);
    let count = RwSignal::new(replicas.trim().parse().unwrap_or(now));
    Effect::new(move || alive.set(true));
    let fault = |field: &str| {
        wrong.iter().find(|fault| fault.field == field).map(|fault| fault.message.clone())
    };
    let (wrong_warm_up, wrong_keep, wrong_replicas) =
        (fault("warm_up"), fault("keep"), fault("replicas"));
    let sentence = move || match typed.get() {
        (Some(warm_up), Some(keep)) if alive.get() || (warm_up, keep) != (0, 0) => {
            consequences(&old_name, &new_name, count.get(), warm_up, keep)
        }
        _ => general(&old_name, &new_name, count.get()),
    };
    view! {
        <section class="card rollout-fields">
            <Wait name="warm_up" label="Warm up" hint="minutes the new version must stay ready before it takes traffic" value=warm_up wrong=wrong_warm_up
                changed=move |value| typed.update(|typed| typed.0 = minutes(&value))/>
            <Wait name="keep" label="Keep the old version" hint="minutes it stays warm after the switch, so that going back is instant" value=keep wrong=wrong_keep
                changed=move |value| typed.update(|typed| typed.1 = minutes(&value))/>
            <Wait name="replicas" label="Replicas" hint=format!("empty: {as_now}, as now") value=replicas wrong=wrong_replicas
                changed=move |value: String| count.set(value.trim().parse().unwrap_or(now))/>
            <div class="opt grow">
                <span><span class="strong">"Strategy"</span><br/><span class="k">"rolling: the new version comes up beside the old one, traffic moves when it is ready"</span></span>
            </div>
        </section>
        <div class="then"><p aria-live="polite"><b>"Then: "</b>{sentence}</p></div>
    }
}

#[component]
fn Wait(
    name: &'static str,
    label: &'static str,
    #[prop(into)] hint: String,
    value: String,
    wrong: Option<String>,
    changed: impl Fn(String) + 'static,
) -> impl IntoView {
    let hint_id = format!("{name}-hint");
    let invalid = wrong.is_some().then_some("true");
    view! {
        <div class="opt grow">
            <span><label for=name class="strong">{label}</label><br/>
                <span class="k" id=hint_id.clone()>{hint}{wrong.map(|wrong| view! { <span class="wrong">" "{wrong}</span> })}</span></span>
            <input class="minutes" type="number" id=name name=format!("form[{name}]") min="0" value=value placeholder=if name == "replicas" { "" } else { "0" }
                aria-describedby=hint_id aria-invalid=invalid
                on:input=move |event| changed(event_target_value(&event))/>
        </div>
    }
}

/// What was typed, when it is a number of minutes.
fn minutes(text: &str) -> Option<u32> {
    match text.trim() {
        "" => Some(0),
        text => text.parse().ok(),
    }
}

fn begin(old: &str, new: &str, replicas: u32) -> String {
    let more =
        if replicas == 1 { "1 more replica".into() } else { format!("{replicas} more replicas") };
    format!("{new} starts beside {old} ({more} for that time).")
}

fn general(old: &str, new: &str, replicas: u32) -> String {
    format!(
        "{} When all its replicas are ready at once, and have stayed so for the warm-up, traffic moves to {new} at once; open requests finish on {old}. Then {old} stays warm for as long as it is kept. Nothing about the endpoint changes. If {new} does not become ready, nothing changes for callers.",
        begin(old, new, replicas)
    )
}

fn consequences(old: &str, new: &str, replicas: u32, warm_up: u32, keep: u32) -> String {
    let ready = if replicas == 1 {
        "When it is ready".to_owned()
    } else {
        format!("When all {replicas} are ready at once")
    };
    let wait = match warm_up {
        0 => String::new(),
        1 => " and have stayed so for 1 minute".into(),
        n => format!(" and have stayed so for {n} minutes"),
    };
    let wait = if replicas == 1 { wait.replace(" have ", " has ") } else { wait };
    let after = match keep {
        0 => format!("Then {old} is stopped."),
        1 => format!("Then {old} stays warm for 1 minute, so that going back is instant."),
        n => format!("Then {old} stays warm for {n} minutes, so that going back is instant."),
    };
    format!(
        "{} {ready}{wait}, traffic moves to {new} at once; open requests finish on {old}. {after} Nothing about the endpoint changes. If {new} does not become ready, nothing changes for callers.",
        begin(old, new, replicas)
    )
}

#[cfg(test)]
mod tests {
    use super::consequences;

    #[test]
    fn says_what_will_happen() {
        let said = consequences("v3", "v4", 3, 5, 10);
        assert!(said.starts_with("v4 starts beside v3 (3 more replicas for that time). When all 3 are ready at once and have stayed so for 5 minutes, traffic moves to v4 at once"), "{said}");
        assert!(said.contains("v3 stays warm for 10 minutes"), "{said}");
        let said = consequences("what runs", "the draft as it is now", 1, 1, 0);
        assert!(
            said.contains("When it is ready and has stayed so for 1 minute, traffic"),
            "{said}"
        );
        assert!(said.contains("Then what runs is stopped."), "{said}");
    }
}
