//! The settings of a workload: how many replicas, and how large. The page says what a change would do before
//! it is made, and goes on saying it while one types.

pub mod effect;
pub mod fields;
pub mod form;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use handover::{
    access::{Caller, Expected},
    artifacts, bundles,
    error::Error,
    house::House,
    live,
    model::{
        Action, ReplacementRecord, SettingsRequest, WorkloadId, WorkloadRecord, WorkloadRuntime,
    },
    replacement, settings,
    store::Paging,
    workloads,
};
use leptos::{prelude::*, server_fn::ServerFn};

pub use form::stepped;

use super::{
    super::{id, query},
    Frame,
};
use crate::{
    actions::{ChangeSettings, EditWorkload, SettingsForm, ShapeSettings},
    components::{
        curl::{ApiCall, call},
        field::{Choice, Field, importances},
        header::refusal,
        notice::Refused,
        tabs::Tab,
        zone::day_time,
    },
    context,
    refusal::Refusal,
};

/// The name under which a refused form is kept.
pub const KEPT: &str = "settings";

/// Entries of the history looked at for who changed the settings.
const RECENT: u64 = 20;

/// More bundles than are ever offered.
const BUNDLES: u64 = 100;

#[component]
pub fn Settings() -> impl IntoView {
    let id = id::<WorkloadId>("id", "workload");
    let typed = query("form").and_then(|text| read(&text));
    context::page(async move {
        let (house, caller) = context::door()?;
        let live = live::workload(&house, &caller, &id?).await?;
        let workload = live.workload.clone();
        let spec = artifacts::get(&house, &caller, &workload.artifact_id).await?.spec;
        let kept = context::take_kept::<SettingsForm>(KEPT).await;
        // The fields say what is wrong with them; this says the rest.
        let said = kept.map(|(_, refusal)| Refusal::new(refusal.message));
        let form = match typed {
            Some(typed) => form::fitted(typed, &workload.runtime, &spec),
            None => form::present(&workload.runtime, &spec),
        };
        let wanted = form::runtime(&form, &workload.runtime);
        let checked = match &wanted {
            Ok(runtime) => settings::preview(&house, &caller, &workload.id, runtime)
                .await
                .map_err(|error| form::at_fields(error.into(), &form, &workload.runtime)),
            Err(refusal) => Err(refusal.clone()),
        };
        let wrong = checked.as_ref().err().cloned().unwrap_or_default();
        let others = match &checked {
            // Who wants the same is in nobody's way.
            Ok(preview) if effect::is_same(preview) => None,
            _ if is_made_from(&form, &workload.runtime) => None,
            _ => Some(Others {
                who: who_changed(&house, &caller, &workload).await?,
                runtime: seen(&workload.runtime),
                told: said.is_some(),
            }),
        };
        let body =
            serde_json::json!({ "runtime": wanted.unwrap_or_else(|_| workload.runtime.clone()) });
        let example = call("PATCH", &format!("/workloads/{}/settings/", workload.id), Some(&body));
        let offered = bundles::list(&house, Paging::first(BUNDLES)).items;
        let base = format!("/workloads/{}", workload.id);
        Ok(view! {
            <Frame live tab=Tab::Settings>
                <form id="settings" method="post" action=ChangeSettings::url() data-inline data-guard data-check=ShapeSettings::url() class="settings">
                    <Refused refusal=said/>
                    // Enter in a field means what it says on the last button, not "remove the first policy".
                    <button type="submit" class="aside" tabindex="-1" aria-hidden="true">"Save"</button>
                    <input type="hidden" name="id" value=workload.id.to_string()/>
                    <input type="hidden" name="form[seen]" value=form.seen.clone()/>
                    <div class="cols">
                        <div class="stack">
                            <fields::Replicas form=form.clone() kind=workload.kind wrong=wrong.clone()/>
                            <fields::Size form offered wrong/>
                        </div>
                        <div class="stack">
                            <effect::Effect workload=workload.clone() checked others example base/>
                        </div>
                    </div>
                </form>
                <Details workload/>
            </Frame>
        })
    })
}

/// Somebody else changed the settings while the form was open.
#[derive(Debug, Clone)]
pub struct Others {
    /// Who, what and when, without a full stop.
    who: String,
    /// What they set, as JSON.
    runtime: String,
    /// Whether the page says so already.
    told: bool,
}

/// The page with this form on it. What a button said is not a part of that.
pub fn address(id: &WorkloadId, form: &SettingsForm) -> String {
    let form = SettingsForm { over: String::new(), restart: String::new(), ..form.clone() };
    let text = serde_json::to_vec(&form).unwrap_or_default();
    format!("/workloads/{id}/settings?form={}", URL_SAFE_NO_PAD.encode(text))
}

/// The page with the settings of another time typed in.
pub fn again(id: &WorkloadId, runtime: &WorkloadRuntime) -> String {
    address(id, &form::of_runtime(runtime))
}

/// The form of an address; none when nobody here wrote it.
fn read(text: &str) -> Option<SettingsForm> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

fn seen(runtime: &WorkloadRuntime) -> String {
    serde_json::to_string(runtime).unwrap_or_default()
}

/// Whether the settings are still what the form was made from.
fn is_made_from(form: &SettingsForm, now: &WorkloadRuntime) -> bool {
    let before: Option<WorkloadRuntime> = serde_json::from_str(&form.seen).ok();
    before.is_none_or(|before| before == *now)
}

/// Saves, when the settings are still what the form was made from, or what it knowingly overwrites. Otherwise the form
/// comes back with what was typed.
///
/// # Errors
/// What no form can help with: the workload is gone, or not the caller's.
pub async fn save(
    house: &House,
    mut caller: Caller,
    id: &WorkloadId,
    form: SettingsForm,
) -> Result<Result<ReplacementRecord, (SettingsForm, Refusal)>, Error> {
    let workload = workloads::get(house, &caller, id).await?;
    let runtime = match form::runtime(&form, &workload.runtime) {
        Ok(runtime) => runtime,
        Err(refusal) => return Ok(Err((form, refusal))),
    };
    let preview = match settings::preview(house, &caller, id, &runtime).await {
        Ok(preview) => preview,
        Err(error) => {
            let refusal = form::at_fields(error.into(), &form, &workload.runtime);
            return Ok(Err((form, refusal)));
        }
    };
    let (same, restarts) = (effect::is_same(&preview), !form.restart.is_empty());
    if same && !restarts {
        return Ok(Err((form, Refusal::new(effect::NOTHING_DIFFERS))));
    } else if restarts && !same {
        return Ok(Err((form, Refusal::new(effect::DIFFERS))));
    } else if !same
        && !is_made_from(&form, &workload.runtime)
        && form.over != seen(&workload.runtime)
    {
        let who = who_changed(house, &caller, &workload).await?;
        let refusal = Refusal::new(format!(
            "{who}. Nothing was saved, and what you typed is kept: look at what it would change now, then save it over theirs if you still want it."
        ));
        return Ok(Err((form, refusal)));
    }
    caller.expects = Some(Expected { entity: id.to_string(), revisions: vec![workload.revision] });
    match settings::change(house, &caller, id, SettingsRequest { runtime }).await {
        Ok(record) => Ok(Ok(record)),
        Err(error) => {
            let refusal = form::at_fields(error.into(), &form, &workload.runtime);
            Ok(Err((form, refusal)))
        }
    }
}

/// Who changed what while the form was open.
async fn who_changed(
    house: &House,
    caller: &Caller,
    workload: &WorkloadRecord,
) -> Result<String, Error> {
    let history = replacement::list(house, caller, &workload.id, Paging::first(RECENT)).await?;
    let last = history.items.into_iter().find(|entry| entry.runtime == workload.runtime);
    Ok(match last {
        Some(entry) => format!(
            "{} changed the settings in the meantime ({}, {})",
            entry.user.username.unwrap_or_else(|| "Somebody".into()),
            entry.name,
            day_time(entry.created_at, house.now(), &context::zone()),
        ),
        None => "Somebody changed the settings in the meantime".into(),
    })
}

/// What it is called; takes effect at once.
#[component]
fn Details(workload: WorkloadRecord) -> impl IntoView {
    let body = serde_json::json!({
        "name": workload.name, "description": workload.description, "importance": workload.importance,
    });
    let example = call("PATCH", &format!("/workloads/{}/", workload.id), Some(&body));
    let why = refusal(&workload.allowed, Action::Edit);
    let off = why.is_some().then_some("true");
    view! {
        <section class="card" id="details">
            <header><h2>"Details"</h2><span class="end">"Takes effect at once; nothing is restarted."</span></header>
            <form method="post" action=EditWorkload::url() class="form-card" data-inline data-guard>
                <input type="hidden" name="id" value=workload.id.to_string()/>
                <div class="row-fields">
                    <Field label="Name" name="name" value=workload.name required=true/>
                    <Choice label="Importance" name="importance" value=workload.importance.word() options=importances() hint="Who comes first when there is not enough for all."/>
                </div>
                <Field label="Description" name="description" value=workload.description/>
                <div class="foot"><button type="submit" aria-disabled=off aria-describedby="details-why">"Save details"</button><ApiCall text=example/></div>
                <p id="details-why" class="hint">{why.map(|why| format!("Not now: {why}."))}</p>
            </form>
        </section>
    }
}
