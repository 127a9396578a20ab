//! One question for several workloads: it names each, and says for which it can't be done and why.

use handover::{
    access::Caller,
    error::Error,
    house::House,
    model::{Action, GroupRecord, WorkloadId, WorkloadRecord},
    people::groups,
    store::{GroupFilter, Paging},
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    super::layout::{Crumbs, Layout, Part},
    several::{MOST, chosen},
    values,
};
use crate::{
    actions::{BulkForm, BulkWorkloads, Many, asks_for_name},
    components::{
        chip::{StatusChip, version_label},
        curl::{ApiCall, call},
        field::{Choice, Field},
        header::{refusal, share_refusal},
        notice::Refused,
    },
    context,
    format::plural,
    refusal::Refusal,
};

#[component]
pub fn BulkPage() -> impl IntoView {
    let action = values("action").pop().unwrap_or_default();
    let ids: Vec<WorkloadId> = values("id").iter().filter_map(|id| id.parse().ok()).collect();
    let back = values("back").pop().unwrap_or_default();
    context::page(async move {
        let (house, caller) = context::door()?;
        let back = context::own_path(&back).to_owned();
        let Some(action) = Many::of(&action) else {
            return Err(Error::BadRequest("choose what to do on the list of workloads".into()));
        };
        let kept = context::take_kept::<BulkForm>("bulk-workloads").await;
        let (form, refusal) = match kept.filter(|(form, _)| form.action == action) {
            Some((form, refusal)) => (Some(form), Some(refusal)),
            None => (None, None),
        };
        let all = chosen(&house, &caller, &ids).await?;
        let missing = ids.len() - all.len();
        let (no, yes): (Vec<_>, Vec<_>) =
            all.into_iter().map(|w| (why_not(&w, action), w)).partition(|(why, _)| why.is_some());
        let yes: Vec<WorkloadRecord> = yes.into_iter().map(|(_, workload)| workload).collect();
        let who = match action {
            Many::Share => Some(recipients(&house, &caller).await?),
            _ => None,
        };
        let question = match (&yes[..], &no[..]) {
            ([], []) => view! { <p>"No workload was chosen. Check some on the list first."</p> }.into_any(),
            _ => view! { <Question action yes no missing who form refusal=refusal.clone() back=back.clone()/> }.into_any(),
        };
        let title = title(action);
        Ok(view! {
            <Layout title part=Part::Workloads width="middle">
                <Crumbs links=vec![(back.clone(), "Workloads".into())] here=title/>
                <div class="head"><h1>{title}</h1></div>
                <Refused refusal/>
                {question}
            </Layout>
        })
    })
}

fn title(action: Many) -> &'static str {
    match action {
        Many::Start => "Start workloads",
        Many::Stop => "Stop workloads",
        Many::Share => "Share workloads",
        Many::Delete => "Delete workloads",
    }
}

/// Why it can't be done to this one now.
fn why_not(workload: &WorkloadRecord, action: Many) -> Option<String> {
    let action = match action {
        Many::Start => Action::Start,
        Many::Stop => Action::Stop,
        Many::Delete => Action::Delete,
        Many::Share => return share_refusal(workload),
    };
    refusal(&workload.allowed, action)
}

/// Whom they can be shared with, besides single people.
async fn recipients(house: &House, caller: &Caller) -> Result<Vec<GroupRecord>, Error> {
    Ok(groups::list(house, caller, &GroupFilter::default(), Paging::first(MOST as u64))
        .await?
        .items)
}

#[component]
fn Question(
    action: Many,
    yes: Vec<WorkloadRecord>,
    no: Vec<(Option<String>, WorkloadRecord)>,
    /// How many of the chosen ones the caller does not see, or are gone.
    missing: usize,
    who: Option<Vec<GroupRecord>>,
    form: Option<BulkForm>,
    refusal: Option<Refusal>,
    back: String,
) -> impl IntoView {
    let number = yes.len() as u64;
    let (heading, button, class) = match action {
        Many::Start => ("Will start", "Start", "solid"),
        Many::Stop => ("Will stop", "Stop", "solid danger"),
        Many::Share => ("Will be shared", "Share", "solid"),
        Many::Delete => ("Will be deleted for good", "Delete for good", "solid danger"),
    };
    let refused = (!no.is_empty()).then(|| view! { <Refusals no/> });
    let gone = (missing > 0).then(|| view! {
        <p class="banner warn">{format!("{} of those you chose can't be found any more.", plural(missing as u64, "workload"))}</p>
    });
    if yes.is_empty() {
        return view! {
            {gone}{refused}
            <div class="foot"><a class="btn" href=back data-close="">"Back"</a></div>
        }
        .into_any();
    }
    let ids = yes.iter().enumerate().map(|(n, workload)| {
        view! { <input type="hidden" name=format!("form[ids][{n}]") value=workload.id.to_string()/> }
    });
    let example = calls(action, &yes);
    let named: Vec<WorkloadRecord> = match action {
        Many::Delete => yes.iter().filter(|w| asks_for_name(w.importance)).cloned().collect(),
        _ => Vec::new(),
    };
    view! {
        {gone}
        <form method="post" action=BulkWorkloads::url() data-inline="">
            <input type="hidden" name="form[action]" value=action.word()/>
            <input type="hidden" name="form[back]" value=back.clone()/>
            {ids.collect_view()}
            {who.map(|groups| view! { <Recipient groups form=form.clone() refusal=refusal.clone()/> })}
            <section class="card">
                <header><h2>{format!("{heading}: {}", plural(number, "workload"))}</h2></header>
                <ul class="chosen">{yes.iter().map(|workload| one(workload, None)).collect_view()}</ul>
                <div class="pad">{effects(action)}</div>
            </section>
            {(!named.is_empty()).then(|| view! { <Names named form refusal/> })}
            {refused}
            <div class="foot">
                <button type="submit" class=class>{format!("{button} ({number})")}</button>
                <a class="btn" href=back data-close="">"Back"</a>
                <ApiCall text=example/>
            </div>
        </form>
    }
    .into_any()
}

/// The same for a shell: one call for each.
fn calls(action: Many, all: &[WorkloadRecord]) -> String {
    let ids: Vec<&str> = all.iter().map(|workload| workload.id.as_str()).collect();
    let one = match action {
        Many::Start => call("POST", "/workloads/$id/start/", None),
        Many::Stop => call("POST", "/workloads/$id/stop/", None),
        Many::Delete => call("DELETE", "/workloads/$id/", None),
        Many::Share => {
            let role = serde_json::json!({
                "shareRecipientType": "user", "username": "who", "role": "CONSUMER",
            });
            let body = serde_json::json!({ "operation": "updateRoles", "roles": [role] });
            call("PATCH", "/workloads/$id/sharedRoles/", Some(&body))
        }
    };
    format!("for id in {}; do\n{one}\ndone", ids.join(" "))
}

/// One workload, by what tells it from others.
fn one(workload: &WorkloadRecord, why: Option<String>) -> impl IntoView + use<> {
    let label = format!("{} of {}", version_label(workload), workload.artifact.name);
    view! {
        <li data-key=workload.id.to_string()>
            <a class="row-link" href=format!("/workloads/{}", workload.id)>{workload.name.clone()}</a>
            <StatusChip status=workload.status/>
            <span class="quiet small anywhere">{label}</span>
            {why.map(|why| view! { <span class="why small">{why}</span> })}
        </li>
    }
}

#[component]
fn Refusals(no: Vec<(Option<String>, WorkloadRecord)>) -> impl IntoView {
    let number = no.len() as u64;
    let items = no.into_iter().map(|(why, workload)| one(&workload, why)).collect_view();
    view! {
        <section class="card">
            <header><h2>{format!("Stays as it is: {}", plural(number, "workload"))}</h2></header>
            <ul class="chosen">{items}</ul>
        </section>
    }
}

fn effects(action: Many) -> impl IntoView {
    let effects: &[&str] = match action {
        Many::Start => &[
            "Each starts on the present specification of its artifact, and answers once its replicas are ready.",
            "A draft gets its full time again.",
        ],
        Many::Stop => &[
            "Their endpoints no longer answer: callers get an error until they are started again.",
            "Requests that are open finish first, then the replicas stop. A replacement that is going on ends.",
            "Everything else is kept: settings, history, statistics and logs.",
        ],
        Many::Share => &[
            "The recipient gets this role on each of them, in place of the one they have. Nobody else's changes.",
            "Nothing is restarted.",
        ],
        Many::Delete => &[
            "Their endpoints are gone. Requests that are open finish first, then the replicas stop.",
            "The workloads, their history and their statistics can't be brought back. Their artifacts stay.",
        ],
    };
    let items = effects.iter().map(|text| view! { <li>{*text}</li> }).collect_view();
    view! { <ul class="effects">{items}</ul> }
}

/// The names of those that matter, to be typed.
#[component]
fn Names(
    named: Vec<WorkloadRecord>,
    form: Option<BulkForm>,
    refusal: Option<Refusal>,
) -> impl IntoView {
    let fields = named.into_iter().enumerate().map(|(n, workload)| {
        let typed = form.as_ref().and_then(|form| form.typed.iter().find(|t| t.id == workload.id));
        let typed = typed.map(|typed| typed.name.clone()).unwrap_or_default();
        let faults = refusal.iter().flat_map(|refusal| &refusal.fields);
        let wrong = faults.filter(|fault| fault.field == workload.name).map(|f| f.message.clone());
        let wrong = wrong.collect::<Vec<_>>().pop();
        let id = format!("typed-{}", workload.id);
        let told = format!("{id}-wrong");
        let (described_by, invalid) =
            (wrong.as_ref().map(|_| told.clone()), wrong.as_ref().map(|_| "true"));
        view! {
            <div class="field">
                <label for=id.clone()>"Type "<b>{workload.name.clone()}</b>" to delete it: it is of "{workload.importance.to_string()}" importance"</label>
                <input type="hidden" name=format!("form[typed][{n}][id]") value=workload.id.to_string()/>
                <input id=id name=format!("form[typed][{n}][name]") value=typed autocomplete="off" aria-describedby=described_by aria-invalid=invalid/>
                {wrong.map(|wrong| view! { <span class="wrong" id=told>{wrong}</span> })}
            </div>
        }
    });
    view! { <section class="card form-card gap-above">{fields.collect_view()}</section> }
}

#[component]
fn Recipient(
    groups: Vec<GroupRecord>,
    form: Option<BulkForm>,
    refusal: Option<Refusal>,
) -> impl IntoView {
    let form = form.unwrap_or_else(|| BulkForm {
        action: Many::Share,
        ids: Vec::new(),
        back: String::new(),
        typed: Vec::new(),
        recipient: "user".into(),
        username: String::new(),
        role: "CONSUMER".into(),
    });
    let selected = form.recipient.clone();
    let option = |value: String, words: String| {
        let chosen = value == selected;
        view! { <option value=value selected=chosen>{words}</option> }
    };
    let groups = groups
        .into_iter()
        .map(|group| option(format!("group:{}", group.id), format!("The group {}", group.name)))
        .collect_view();
    let wrong = refusal.unwrap_or_default();
    view! {
        <section class="card form-card">
            <div class="row-fields">
                <div class="field">
                    <label for="recipient">"With"</label>
                    <select id="recipient" name="form[recipient]">
                        {option("user".into(), "A person".into())}
                        {groups}
                        {option("organization".into(), "Everybody in the organisation".into())}
                    </select>
                </div>
                <Field label="Their username" name="form[username]" field="username" value=form.username refusal=wrong
                    hint="For a person: the name they sign in with."/>
                <Choice label="Role" name="form[role]" value=form.role options=roles() hint="Owners may do everything; users look and call; consumers only call."/>
            </div>
        </section>
    }
}

fn roles() -> Vec<(&'static str, &'static str)> {
    vec![
        ("OWNER", "Owner"),
        ("EDITOR", "Editor"),
        ("USER", "User"),
        ("OBSERVER", "Observer"),
        ("CONSUMER", "Consumer"),
        ("NO_ROLE", "No role: take it away"),
    ]
}
