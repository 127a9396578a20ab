//! Saving a field that was edited in place, when somebody else may have edited it meanwhile.
//!
//! What counts is the field: a rollout, a new tag or another field that changed in between is no conflict. The
//! field is compared with what the form was made from, and the write is bound to the revision that was
//! compared, so nobody's edit is overwritten unseen.

use handover::{
    access::{Caller, Expected},
    error::Error,
    house::House,
    model::{EditWorkload, WorkloadId, WorkloadRecord},
    workloads::{self, Edited},
};

use crate::{
    actions::{AboutField, AboutForm},
    components::format::ago,
    context,
    refusal::Refusal,
};

/// A rollout writes the workload too; it never does so many times in a row.
const ATTEMPTS: usize = 5;

/// What a field is called, in the middle of a sentence and by the API.
pub fn word(field: AboutField) -> &'static str {
    match field {
        AboutField::Name => "name",
        AboutField::Description => "description",
        AboutField::Importance => "importance",
    }
}

/// What the field holds, as its form shows it.
pub fn value(workload: &WorkloadRecord, field: AboutField) -> String {
    match field {
        AboutField::Name => workload.name.clone(),
        AboutField::Description => workload.description.clone(),
        AboutField::Importance => workload.importance.word().to_owned(),
    }
}

pub async fn save(
    house: &House,
    mut caller: Caller,
    id: &WorkloadId,
    form: &AboutForm,
) -> Result<(), Refusal> {
    let wanted = wanted(form)?;
    for _ in 0..ATTEMPTS {
        let workload = workloads::get(house, &caller, id).await?;
        let present = value(&workload, form.field);
        if present != form.seen && present != form.value() {
            let last = workloads::last_edit(house, &caller, id).await?;
            return Err(conflict(form.field, &present, last, house));
        }
        caller.expects =
            Some(Expected { entity: id.to_string(), revisions: vec![workload.revision] });
        match workloads::edit(house, &caller, id, wanted.clone()).await {
            Err(Error::Changed) => {}
            outcome => return outcome.map(drop).map_err(at_value),
        }
    }
    Err(Error::Changed.into())
}

fn wanted(form: &AboutForm) -> Result<EditWorkload, Refusal> {
    let value = form.value().to_owned();
    let edit = EditWorkload::default();
    Ok(match form.field {
        AboutField::Name => EditWorkload { name: Some(value.trim().to_owned()), ..edit },
        AboutField::Description => EditWorkload { description: Some(Some(value)), ..edit },
        AboutField::Importance => {
            let importance =
                value.parse().map_err(|_| Refusal::at("value", "choose one of the four"))?;
            EditWorkload { importance: Some(importance), ..edit }
        }
    })
}

/// The form has one control, whatever the use case calls it.
fn at_value(error: Error) -> Refusal {
    let mut refusal = Refusal::from(error);
    for fault in &mut refusal.fields {
        fault.field = "value".into();
    }
    refusal
}

fn conflict(field: AboutField, present: &str, last: Option<Edited>, house: &House) -> Refusal {
    let name = word(field);
    let last = last.filter(|edit| edit.what.contains(name));
    let who = last.as_ref().and_then(|edit| edit.by.as_ref()?.username.clone());
    let who = who.unwrap_or_else(|| "Somebody".into());
    let when = last.map(|edit| format!(" {}", ago(edit.at, house.now()))).unwrap_or_default();
    let now =
        if present.is_empty() { "empty".into() } else { format!("\u{201c}{present}\u{201d}") };
    Refusal::at(
        "value",
        format!(
            "{who} changed the {name}{when}, while you were editing: it is {now} now. What you typed is still here; save again to put it in its place."
        ),
    )
}

/// The result, said in place.
pub fn said(field: AboutField) -> &'static str {
    match field {
        AboutField::Name => "The name was saved.",
        AboutField::Description => "The description was saved.",
        AboutField::Importance => "The importance was saved.",
    }
}

/// The overview after an edit. What was saved is part of the address, so that the form, which the browser would
/// keep open, is a new one there, and closed.
pub fn saved_path(id: &WorkloadId, field: AboutField) -> String {
    format!("/workloads/{id}?saved={}-{}", word(field), context::now().micros())
}

/// The same after a change of tags.
pub fn tags_path(id: &WorkloadId) -> String {
    format!("/workloads/{id}?saved=tags-{}", context::now().micros())
}

#[cfg(test)]
mod tests {
    use super::{AboutField, AboutForm, wanted};
    use handover::model::Importance;

    #[test]
    fn one_field_is_edited_and_no_other() {
        let form = |field, value: &str| AboutForm {
            field,
            seen: "before".into(),
            name: value.into(),
            description: value.into(),
            importance: value.into(),
        };
        let name = wanted(&form(AboutField::Name, " checkout ")).expect("a name");
        assert_eq!(
            (name.name.as_deref(), name.description, name.importance),
            (Some("checkout"), None, None)
        );
        let empty = wanted(&form(AboutField::Description, "")).expect("a description");
        assert_eq!((empty.name, empty.description), (None, Some(Some(String::new()))));
        let high = wanted(&form(AboutField::Importance, "high")).expect("an importance");
        assert_eq!(high.importance, Some(Importance::High));
        let wrong = wanted(&form(AboutField::Importance, "huge")).expect_err("no such importance");
        assert_eq!(wrong.fields[0].field, "value");
    }
}
