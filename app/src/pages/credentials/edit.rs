//! Changing a credential: what it is called, or all of its values.

use handover::{credentials, model::CredentialId};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{values, words};
use crate::{
    actions::{CredentialForm, EditCredential},
    components::{
        curl::{ApiCall, call},
        field::Field,
        format::plural,
        notice::Refused,
    },
    context,
    pages::{
        id,
        layout::{Crumbs, Layout, Part},
    },
};

#[component]
pub fn EditCredentialPage() -> impl IntoView {
    let id = id::<CredentialId>("id", "credential");
    context::page(async move {
        let (house, caller) = context::door()?;
        let used = credentials::used(&house, &caller, &id?).await?;
        let record = used.record;
        let (form, refusal) = match context::take_kept::<CredentialForm>("edit-credential").await {
            Some((form, why)) => (form, Some(why)),
            None => {
                let (name, description) = (record.name.clone(), record.description.clone());
                (CredentialForm { name, description, ..CredentialForm::default() }, None)
            }
        };
        let at = refusal.clone().unwrap_or_default();
        let home = format!("/credentials/{}", record.credential_id);
        let body = serde_json::json!({ "name": record.name, "description": record.description });
        let example = call("PATCH", &format!("{home}/"), Some(&body));
        let affected = plural((used.workloads.len() + used.unseen) as u64, "use");
        Ok(view! {
            <Layout title=format!("Edit {}", record.name) part=Part::Account width="middle">
                <Crumbs links=vec![("/credentials".into(), "Credentials".into()), (home.clone(), record.name.clone())] here="Edit"/>
                <div class="head"><h1>{format!("Edit {}", record.name)}</h1></div>
                <Refused refusal=refusal.clone()/>
                {used.fixed.map(|why| view! { <div class="banner warn"><p>{format!("Not by you: {why}.")}</p></div> })}
                <form method="post" action=EditCredential::url() class="card form-card" data-inline="" data-guard="">
                    <input type="hidden" name="id" value=record.credential_id.to_string()/>
                    <Field label="Name" name="form[name]" field="name" value=form.name required=true refusal=at.clone()/>
                    <Field label="Description" name="form[description]" field="description" value=form.description/>
                    <fieldset><legend>{format!("New values ({})", words::kind(record.credential_type))}</legend>
                        <p class="small quiet">"Leave all of them empty to keep the values there are. New ones take the place of all of them."</p>
                        {values(record.credential_type, false, Some(&at))}
                    </fieldset>
                    <p class="small">{format!("Containers get values when they start: what runs now ({affected}) keeps the old ones until it starts anew.")}</p>
                    <div class="foot">
                        <button type="submit" class="solid">"Save"</button>
                        <a class="btn" href=home data-close="">"Back"</a>
                        <ApiCall text=example/>
                    </div>
                </form>
            </Layout>
        })
    })
}
