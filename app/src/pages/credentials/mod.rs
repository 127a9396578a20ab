//! Credentials: the secrets that artifacts name and containers are given. What goes in here never comes out.

pub mod edit;
pub mod new;
pub mod one;
mod words;

pub use edit::EditCredentialPage;
pub use new::NewCredentialPage;
pub use one::{CredentialPage, DeleteCredentialPage};

use handover::{
    credentials,
    model::{CredentialKind, CredentialRecord},
    store::Paging,
};
use leptos::prelude::*;

use super::{
    layout::{Layout, Part},
    offset, query,
};
use crate::{
    components::{
        pager::{PER_PAGE, Place, pager},
        time::When,
    },
    context,
    refusal::Refusal,
};

#[component]
pub fn Credentials() -> impl IntoView {
    let kind: Option<CredentialKind> = query("type").and_then(|word| word.parse().ok());
    let offset = offset();
    context::page(async move {
        let (house, caller) = context::door()?;
        let paging = Paging { offset, limit: PER_PAGE };
        let kinds = kind.into_iter().collect();
        let page = credentials::list(&house, &caller, kinds, paging).await?;
        let place = Place { offset, shown: page.items.len() as u64, total: page.total };
        let word = kind.map_or("", CredentialKind::word);
        let pages = pager(place, |offset| format!("/credentials?type={word}&offset={offset}"));
        let rows = page.items.into_iter().map(row).collect_view();
        let all = if caller.user.is_admin() {
            "Everybody's, because you are an administrator."
        } else {
            "Yours: others, except administrators, neither see nor use them."
        };
        let list = match (place.total, kind) {
            (0, None) => view! {
                <section class="card empty">
                    <h2>"No credential yet"</h2>
                    <p>"A credential is a secret that a container is given as an environment variable when it starts. Artifacts name it and never hold it. It is sealed on the disk, and nobody can read it here again."</p>
                    <a class="btn solid" href="/credentials/new">"Add a credential"</a>
                </section>
            }
            .into_any(),
            _ => view! {
                <section class="card" id="credentials" aria-label="Credentials">
                    <div class="bar">
                        <form class="search" action="/credentials" data-check="/credentials">{kind_choice(kind, true)}<button type="submit">"Show"</button></form>
                        <span class="small quiet end">{all}</span>
                    </div>
                    {(place.shown == 0).then(|| view! { <p class="pad quiet">"None of this type. "<a href="/credentials">"Show all"</a></p> })}
                    <div class="scroll"><table class="folds">
                        <thead><tr><th scope="col">"Name"</th><th scope="col">"Type"</th><th scope="col">"Added"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table></div>
                    <div class="bar under"><span class="k">{place.words()}</span><span class="end actions">{pages}</span></div>
                </section>
            }
            .into_any(),
        };
        Ok(view! {
            <Layout title="Credentials" part=Part::Account>
                <div class="head"><h1>"Credentials"</h1>
                    <div class="actions"><a class="btn solid" href="/credentials/new">"Add a credential"</a></div>
                </div>
                {list}
            </Layout>
        })
    })
}

fn row(credential: CredentialRecord) -> impl IntoView {
    view! {
        <tr data-key=credential.credential_id.to_string()>
            <td class="lead"><a class="row-link" href=format!("/credentials/{}", credential.credential_id)>{credential.name}</a><div class="sub anywhere">{credential.description}</div></td>
            <td data-k="Type">{words::kind(credential.credential_type)}</td>
            <td class="nowrap" data-k="Added"><When at=credential.creation_date/></td>
        </tr>
    }
}

/// A choice of types; with `all`, also of none.
fn kind_choice(chosen: Option<CredentialKind>, all: bool) -> impl IntoView {
    let options = CredentialKind::ALL.iter().map(|kind| {
        let selected = chosen == Some(*kind);
        view! { <option value=kind.word() selected=selected>{words::kind(*kind)}</option> }
    });
    view! {
        <select name="type" id="type" aria-label="Type">
            {all.then(|| view! { <option value="">"All types"</option> })}
            {options.collect_view()}
        </select>
    }
}

/// The values of a type, each in a field of its own. What is typed is never shown again, not even when the
/// form is refused.
fn values(kind: CredentialKind, required: bool, refusal: Option<&Refusal>) -> AnyView {
    let fields = kind.fields().iter().map(|field| {
        let id = format!("value-{}", field.name);
        let name = format!("form[fields][{}]", field.name);
        let fault = refusal.and_then(|why| {
            let found = why.fields.iter().find(|fault| fault.field == field.name)?;
            Some(found.message.clone())
        });
        let wrong = fault.map(|why| view! { <span class="wrong" id=format!("{id}-wrong")>{why}</span> });
        let invalid = wrong.is_some().then_some("true");
        let described = wrong.is_some().then(|| format!("{id}-wrong"));
        let label = words::field(field.name);
        let label = if field.required { label } else { format!("{label} (if there is one)") };
        // A name is no secret, and keys have several lines, which a password field would join.
        let control = match field.name {
            "gcpKey" | "privateKeyStr" | "azureConnectionString" => view! {
                <textarea id=id.clone() name=name rows=4 spellcheck="false" autocomplete="off" required=required && field.required aria-invalid=invalid aria-describedby=described></textarea>
            }
            .into_any(),
            _ => {
                let open = matches!(field.name, "registry" | "user" | "clientId" | "azureTenantId" | "enterpriseId" | "publicKeyId" | "awsAccessKeyId");
                let (kind, complete) = if open { ("text", "off") } else { ("password", "new-password") };
                view! {
                    <input id=id.clone() name=name type=kind autocomplete=complete required=required && field.required aria-invalid=invalid aria-describedby=described/>
                }
                .into_any()
            }
        };
        view! { <div class="field"><label for=id>{label}</label>{control}{wrong}</div> }
    });
    fields.collect_view().into_any()
}
