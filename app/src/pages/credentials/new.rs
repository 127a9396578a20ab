//! Adding a credential. The type says which fields there are, so it is chosen first.

use handover::{access::may_create, model::CredentialKind};
use leptos::{prelude::*, server_fn::ServerFn};

use super::{kind_choice, values, words};
use crate::{
    actions::{CreateCredential, CredentialForm},
    components::{
        curl::{ApiCall, call},
        field::Field,
        notice::Refused,
    },
    context,
    pages::{
        layout::{Crumbs, Layout, Part},
        query,
    },
};

#[component]
pub fn NewCredentialPage() -> impl IntoView {
    let asked: Option<CredentialKind> = query("type").and_then(|word| word.parse().ok());
    context::page(async move {
        let (_, caller) = context::door()?;
        may_create(&caller)?;
        let (form, refusal) = match context::take_kept::<CredentialForm>("create-credential").await
        {
            Some((form, why)) => (form, Some(why)),
            None => (CredentialForm::default(), None),
        };
        let kind = asked.or(form.kind.parse().ok()).unwrap_or(CredentialKind::ApiToken);
        let at = refusal.clone().unwrap_or_default();
        let mut body = serde_json::json!({ "name": "registry", "credentialType": kind });
        for field in kind.fields() {
            body[field.name] = "…".into();
        }
        let example = call("POST", "/credentials/", Some(&body));
        Ok(view! {
            <Layout title="Add a credential" part=Part::Account width="middle">
                <Crumbs links=vec![("/credentials".into(), "Credentials".into())] here="Add"/>
                <div class="head"><h1>"Add a credential"</h1></div>
                <Refused refusal=refusal.clone()/>
                {refusal.is_some().then(|| view! { <p class="small quiet">"Values are not kept when a form is refused: type them again."</p> })}
                <div class="card form-card">
                    <form class="search gap-below" action="/credentials/new" data-check="/credentials/new">
                        {kind_choice(Some(kind), false)}
                        <button type="submit">"Use this type"</button>
                    </form>
                    <form method="post" action=CreateCredential::url() data-inline="" data-guard="">
                        <input type="hidden" name="form[kind]" value=kind.word()/>
                        <Field label="Name" name="form[name]" field="name" value=form.name required=true refusal=at.clone() hint="Unique in the organisation. Artifacts show it."/>
                        <Field label="Description" name="form[description]" field="description" value=form.description/>
                        <fieldset id=format!("values-{kind}")><legend>{words::kind(kind)}</legend>{values(kind, true, Some(&at))}</fieldset>
                        <p class="small quiet">"Values are sealed before they are stored and can't be read here again, by anybody. They can be replaced."</p>
                        <div class="foot">
                            <button type="submit" class="solid">"Store"</button>
                            <a class="btn" href="/credentials" data-close="">"Back"</a>
                            <ApiCall text=example/>
                        </div>
                    </form>
                </div>
            </Layout>
        })
    })
}
