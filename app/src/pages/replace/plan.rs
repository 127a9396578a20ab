//! The second part: what changes, how it is rolled out, and what will happen.

use handover::{
    access::Caller,
    error::Error,
    house::House,
    model::{Bytes, Millis, ReplaceRequest, WorkloadRecord, WorkloadRuntime},
    replacement::{self, Candidate, Preview, Runs},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    blocked,
    consequences::Course,
    fault,
    typed::{self, containers},
};
use crate::{
    actions::{ReplaceArtifact, ReplaceForm},
    components::{
        curl::{ApiCall, call},
        diff::{Diff, changes},
        replicas::runtime_words,
        spec::lines,
    },
    refusal::Refusal,
};

/// Everything the second part shows.
pub(super) struct Planned {
    workload: WorkloadRecord,
    chosen: Candidate,
    form: ReplaceForm,
    preview: Preview,
    /// Of what is typed; none while that has mistakes.
    request: Option<ReplaceRequest>,
    /// What is wrong with what is typed, or why it would be refused.
    wrong: Option<Refusal>,
    drain_cap: Millis,
}

/// `refused` is what the form was sent back with.
pub(super) async fn plan(
    house: &House,
    caller: &Caller,
    workload: &WorkloadRecord,
    chosen: Candidate,
    form: ReplaceForm,
    refused: Option<Refusal>,
) -> Result<Planned, Error> {
    let spec = &chosen.artifact.spec;
    let artifact = chosen.artifact.id.clone();
    let typed = typed::request(&form, artifact.clone(), spec, &workload.runtime);
    let (request, mistakes) = match typed {
        Ok(request) => (Some(request), None),
        Err(refusal) => (None, Some(refusal)),
    };
    // With mistakes, both sides are still shown, as if nothing but the version was chosen.
    let asked = request.clone().map_or_else(
        || typed::request(&ReplaceForm::default(), artifact, spec, &workload.runtime),
        Ok,
    );
    let asked = asked.map_err(|refusal| Error::BadRequest(refusal.message))?;
    let runtime = asked.runtime.clone();
    let mut preview = replacement::preview(house, caller, &workload.id, asked).await?;
    let would = preview
        .refusal
        .take()
        .map(|error| typed::at_fields(Refusal::from(error), spec, runtime.as_ref()));
    Ok(Planned {
        workload: workload.clone(),
        form,
        request,
        wrong: mistakes.or(would).or(refused),
        preview,
        chosen,
        drain_cap: house.settings.drain_cap,
    })
}

/// What the two sides are called. The same draft rolled out again is a copy of itself.
fn names(plan: &Planned) -> (String, String) {
    let (old, new) = (plan.preview.before.label.clone(), plan.preview.after.label.clone());
    if old != new {
        return (old, new);
    }
    match plan.chosen.runs {
        Runs::AsStored => return ("the present copy".into(), "the new copy".into()),
        Runs::Older => return ("the older draft".into(), "the draft as it is now".into()),
        Runs::Not => {}
    }
    (plan.workload.artifact.name.clone(), plan.chosen.artifact.name.clone())
}

pub(super) fn cards(plan: Planned) -> impl IntoView {
    let (old, new) = names(&plan);
    let (before, after) = (&plan.preview.before, &plan.preview.after);
    let old_lines = lines(&before.spec, Some(&before.runtime));
    let new_lines = lines(&after.spec, Some(&after.runtime));
    let how_many = match changes(&old_lines, &new_lines) {
        0 => "nothing".to_owned(),
        1 => "1 line".to_owned(),
        n => format!("{n} lines"),
    };
    let button = match (plan.chosen.runs, plan.chosen.artifact.version) {
        (Runs::Not, _) => format!("Replace {old} with {new}"),
        (Runs::AsStored | Runs::Older, None) => "Roll the draft out again".into(),
        (Runs::AsStored | Runs::Older, Some(version)) => format!("Roll v{version} out again"),
    };
    // Fields say their own; the rest is said above the button.
    let general = plan.wrong.clone().filter(|refusal| {
        refusal.fields.is_empty() || refusal.fields.iter().any(|fault| !is_ours(&fault.field))
    });
    let stands = plan.wrong.is_some() || blocked(&plan.workload).is_some();
    let minutes = |text: &str| match text.trim() {
        "" => Some(0),
        text => text.parse().ok(),
    };
    let course = Course {
        old: &old,
        new: &new,
        runtime: &after.runtime,
        warm_up: minutes(&plan.form.warm_up),
        keep: minutes(&plan.form.keep),
        drain_cap: plan.drain_cap,
    };
    let sentences = course.sentences();
    let example = plan.request.as_ref().map(|request| {
        let body = serde_json::to_value(request).unwrap_or_default();
        call("POST", &format!("/workloads/{}/replacement/", plan.workload.id), Some(&body))
    });
    let id = plan.workload.id.to_string();
    let artifact = format!("/artifacts/{}", plan.chosen.artifact.id);
    let artifact_name = plan.chosen.artifact.name.clone();
    view! {
        <section class="card">
            <header><h2>"What changes"</h2><span class="chip">{how_many}</span>
                <a href=artifact>{artifact_name}</a></header>
            <Diff old_name=format!("Now: {old}") old=old_lines new_name=format!("Then: {new}") new=new_lines/>
        </section>
        <Fields form=plan.form.clone() wrong=plan.wrong.clone() now=plan.workload.runtime.clone()
            names=containers(&plan.chosen.artifact.spec).map(|(group, name)| (group.to_owned(), name.to_owned())).collect()/>
        <div class="then" id="then"><p aria-live="polite"><b>"Then: "</b>{sentences}</p></div>
        {general.map(|refusal| view! { <div class="banner bad" id="refused"><p>{refusal.message}</p></div> })}
        // What the button speaks of. Without scripts another version may be chosen before it is pressed.
        <input type="hidden" name="shown" value=plan.chosen.artifact.id.to_string()/>
        <div class="foot">
            <button type="submit" class="solid" formmethod="post" formaction=ReplaceArtifact::url() name="id" value=id.clone()
                aria-disabled=stands.then_some("true")>{button}</button>
            <a class="btn" href=format!("/workloads/{id}")>"Back"</a>
            {example.map(|text| view! { <ApiCall text/> })}
        </div>
    }
}

/// Whether a field of this form shows it.
fn is_ours(field: &str) -> bool {
    matches!(field, "warm_up" | "keep" | "replicas")
        || field.starts_with("cpu[")
        || field.starts_with("memory[")
}

/// The waits, and how much of it runs.
#[component]
fn Fields(
    form: ReplaceForm,
    wrong: Option<Refusal>,
    now: WorkloadRuntime,
    /// Group and name of every container.
    names: Vec<(String, String)>,
) -> impl IntoView {
    let wrong_at = |field: &str| fault(wrong.as_ref(), field);
    let changed = !form.replicas.is_empty()
        || form.cpu.iter().chain(&form.memory).any(|text| !text.is_empty());
    let as_now = runtime_words(&now);
    let scaled = now.bounds().0 != now.bounds().1;
    let replicas_hint = if scaled {
        "Empty: scaled as now. A number switches autoscaling off.".to_owned()
    } else {
        format!("Empty: {}, as now.", now.replicas())
    };
    let several = names.len() > 1;
    let sizes = names.into_iter().enumerate().map(|(at, (group, name))| {
        let sized = now.container_groups.iter().find(|known| known.name == group);
        let sized = sized.and_then(|group| group.containers.iter().find(|c| c.name == name));
        let allocation = sized.map(|sized| sized.resource_allocation.clone()).unwrap_or_default();
        let typed = |all: &[String]| all.get(at).cloned().unwrap_or_default();
        let (cpu, memory) = (format!("cpu[{at}]"), format!("memory[{at}]"));
        let of = if several { format!(" of {name}") } else { String::new() };
        let empty = |now: Option<String>| match now {
            Some(now) => format!("Empty: {now}, as now."),
            None => "Empty: not limited, as now.".to_owned(),
        };
        view! {
            <Row label=format!("CPU cores{of}") hint=empty(allocation.cpu.map(|cpu| cpu.to_string()))
                value=typed(&form.cpu) wrong=wrong_at(&cpu) name=cpu kind="text"/>
            <Row label=format!("Memory{of}") hint=empty(allocation.memory.map(|Bytes(b)| Bytes(b).to_string()))
                value=typed(&form.memory) wrong=wrong_at(&memory) name=memory kind="text"/>
        }
    }).collect_view();
    view! {
        <section class="card rollout-fields">
            <Row label="Warm up" hint="minutes the new version must stay ready before it takes traffic" name="warm_up" value=form.warm_up.clone() wrong=wrong_at("warm_up") kind="number"/>
            <Row label="Keep the old version" hint="minutes it stays warm after the switch, so that going back is instant" name="keep" value=form.keep.clone() wrong=wrong_at("keep") kind="number"/>
            <details class="runtime" open=changed>
                <summary><span class="strong">"Runtime"</span>" "<span class="k">{format!("{as_now}, as now; change")}</span></summary>
                <Row label="Replicas" hint=replicas_hint name="replicas" value=form.replicas.clone() wrong=wrong_at("replicas") kind="number"/>
                {sizes}
            </details>
            <div class="opt grow">
                <span><span class="strong">"Strategy"</span><br/><span class="k">"rolling: the new version comes up beside the old one, traffic moves when it is ready"</span></span>
            </div>
        </section>
    }
}

/// A label with its hint on the left, what is typed on the right.
#[component]
fn Row(
    #[prop(into)] label: String,
    #[prop(into)] hint: String,
    #[prop(into)] name: String,
    value: String,
    wrong: Option<String>,
    kind: &'static str,
) -> impl IntoView {
    let id: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let hint_id = format!("{id}-hint");
    let invalid = wrong.is_some().then_some("true");
    let number = kind == "number";
    let placeholder = if matches!(name.as_str(), "warm_up" | "keep") { "0" } else { "" };
    view! {
        <div class="opt grow">
            <span><label for=id.clone() class="strong">{label}</label><br/>
                <span class="k" id=hint_id.clone()>{hint}{wrong.map(|wrong| view! { <span class="wrong">" "{wrong}</span> })}</span></span>
            <input class="minutes" type=kind inputmode=(!number).then_some("decimal") id=id name=name min=number.then_some("0")
                value=value placeholder=placeholder
                aria-describedby=hint_id aria-invalid=invalid autocomplete="off"/>
        </div>
    }
}
