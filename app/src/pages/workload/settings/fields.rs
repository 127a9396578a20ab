//! The fields of the settings. What belongs to the choice that is not taken is hidden by the stylesheet alone,
//! so that it works with scripts off.

use handover::model::{ArtifactKind, Bundle, Bytes};
use leptos::{prelude::*, server_fn::ServerFn};

use super::form::{CPU, FIXED, SCALED};
use crate::{
    actions::{PolicyForm, SettingsForm, ShapeSettings},
    components::{
        field::{Field, fault},
        spec::metric_words,
    },
    refusal::Refusal,
};

/// The metrics of every artifact, and those of model servers.
const METRICS: [&str; 2] = [CPU, "httpRequestsConcurrency"];
const GPU_METRICS: [&str; 2] = ["gpuCacheUtilization", "gpuRequestQueueDepth"];

#[component]
pub fn Replicas(form: SettingsForm, kind: ArtifactKind, wrong: Refusal) -> impl IntoView {
    let radio = |value: &'static str, text: &'static str| {
        let checked = form.scaling == value;
        let id = format!("scaling-{value}");
        view! {
            <label for=id.clone() class="choice">
                <input type="radio" id=id.clone() name="form[scaling]" value=value checked=checked/>{text}
            </label>
        }
    };
    let (fixed, scaled) = (radio(FIXED, "A fixed number"), radio(SCALED, "Autoscaling"));
    let nim = kind == ArtifactKind::Nim;
    let none = form.policies.is_empty();
    let missing = fault(Some(&wrong), "policies");
    let rows = form
        .policies
        .into_iter()
        .enumerate()
        .map(|(at, policy)| view! { <Policy at policy nim wrong=wrong.clone()/> })
        .collect_view();
    view! {
        <section class="card replica-settings">
            <header><h2>"Replicas"</h2></header>
            <div class="form-card">
                <div class="choices" role="radiogroup" aria-label="Fixed or scaled">{fixed}{scaled}</div>
                <div class="when-fixed">
                    <Field label="Replicas" name="form[replicas]" field="replicas" value=form.replicas kind="number" refusal=wrong.clone()/>
                </div>
                <div class="when-scaled">
                    <div class="scroll"><table class="folds policies">
                        <thead><tr><th scope="col">"Metric"</th><th scope="col">"Target"</th><th scope="col">"Minimum"</th>
                            <th scope="col">"Maximum"</th><th scope="col"><span class="aside">"Remove"</span></th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table></div>
                    {none.then(|| view! { <p class="quiet">"No policy yet."</p> })}
                    {missing.map(|why| view! { <p class="wrong">{why}</p> })}
                    <p class="hint">"Targets are per replica. The policy that asks for the most replicas decides. From a minimum of 0, "
                        "a workload that is scaled by HTTP requests sleeps while nobody calls, and the first request wakes it."</p>
                    <button type="submit" formaction=ShapeSettings::url() name="step" value="add" formnovalidate>"Add policy"</button>
                </div>
            </div>
        </section>
    }
}

#[component]
fn Policy(at: usize, policy: PolicyForm, nim: bool, wrong: Refusal) -> impl IntoView {
    let name = move |field: &str| format!("form[policies][{at}][{field}]");
    let label = move |what: &str| format!("{what} of policy {}", at + 1);
    let offered = METRICS.iter().chain(GPU_METRICS.iter().filter(|_| nim));
    let mut metrics: Vec<String> = offered.map(|metric| (*metric).to_owned()).collect();
    if !metrics.contains(&policy.metric) {
        metrics.push(policy.metric.clone());
    }
    let chosen = policy.metric.clone();
    let options = metrics
        .into_iter()
        .map(|metric| {
            let selected = metric == chosen;
            let words = metric_words(&metric).to_owned();
            view! { <option value=metric selected=selected>{words}</option> }
        })
        .collect_view();
    let metric_wrong = fault(Some(&wrong), &format!("policies.{at}.metric"));
    let cell = |what: &'static str, field: &'static str, value: String, step: &'static str| {
        view! { <Cell label=label(what) name=name(field) field=format!("policies.{at}.{field}") value step wrong=wrong.clone()/> }
    };
    view! {
        <tr>
            <td data-k="Metric"><div>
                <select name=name("metric") aria-label=label("Metric")>{options}</select>
                {metric_wrong.map(|why| view! { <span class="wrong">{why}</span> })}
                <input type="hidden" name=name("priority") value=policy.priority/>
            </div></td>
            <td data-k="Target">{cell("Target", "target", policy.target, "any")}</td>
            <td data-k="Minimum">{cell("Minimum", "min", policy.min, "1")}</td>
            <td data-k="Maximum">{cell("Maximum", "max", policy.max, "1")}</td>
            <td data-k=""><button type="submit" class="tiny" formaction=ShapeSettings::url() name="step" value=format!("remove.{at}") formnovalidate>
                "Remove"<span class="aside">{format!(" policy {}", at + 1)}</span></button></td>
        </tr>
    }
}

/// A number in a table.
#[component]
fn Cell(
    label: String,
    name: String,
    field: String,
    value: String,
    step: &'static str,
    wrong: Refusal,
) -> impl IntoView {
    let why = fault(Some(&wrong), &field);
    let id = field.replace('.', "-");
    let about = why.is_some().then(|| format!("{id}-wrong"));
    view! {
        <div>
            <input type="number" id=id name=name value=value min="0" step=step aria-label=label
                aria-invalid=why.is_some().then_some("true") aria-describedby=about.clone()/>
            {why.map(|why| view! { <span class="wrong" id=about>{why}</span> })}
        </div>
    }
}

#[component]
pub fn Size(form: SettingsForm, offered: Vec<Bundle>, wrong: Refusal) -> impl IntoView {
    let mut options = vec![(String::new(), "Set for each container".to_owned())];
    options.extend(offered.into_iter().map(|bundle| {
        let memory = Bytes(bundle.memory_bytes);
        let words = format!("{}: {} CPU, {memory} of memory", bundle.name, bundle.cpu_count);
        (bundle.id, words)
    }));
    if !options.iter().any(|(id, _)| *id == form.bundle) {
        options.push((form.bundle.clone(), format!("{} (not offered here now)", form.bundle)));
    }
    let options = options
        .into_iter()
        .map(|(id, words)| {
            let selected = id == form.bundle;
            view! { <option value=id selected=selected>{words}</option> }
        })
        .collect_view();
    let bundle_wrong = fault(Some(&wrong), "bundle");
    let several = form.containers.len() > 1;
    let containers = form.containers.into_iter().enumerate().map(|(at, container)| {
        let name = |field: &str| format!("form[containers][{at}][{field}]");
        let place = |field: &str| format!("containers.{at}.{field}");
        view! {
            <input type="hidden" name=name("name") value=container.name.clone()/>
            {several.then(|| view! { <h3>{format!("Container {}", container.name)}</h3> })}
            <div class="row-fields">
                <Field label="CPU cores" name=name("cpu") field=place("cpu") value=container.cpu refusal=wrong.clone() hint="Empty: as much as there is."/>
                <Field label="Memory" name=name("memory") field=place("memory") value=container.memory refusal=wrong.clone() hint="Bytes, or with a unit: 512MB, 1GiB."/>
            </div>
        }
    }).collect_view();
    view! {
        <section class="card size-settings">
            <header><h2>"Resources of each replica"</h2></header>
            <div class="form-card">
                <div class="field">
                    <label for="bundle">"Bundle"</label>
                    <select id="bundle" name="form[bundle]" aria-invalid=bundle_wrong.is_some().then_some("true")>{options}</select>
                    {bundle_wrong.map(|why| view! { <span class="wrong">{why}</span> })}
                    <span class="hint">"A bundle is a fixed amount for the whole replica, and overrules what its containers say."</span>
                </div>
                <div class="own-size">{containers}</div>
            </div>
        </section>
    }
}
