//! Does one thing to several workloads, and says what came of each.

use handover::{
    access::Caller,
    error::Error,
    house::House,
    model::{
        RecipientKind, RoleChange, RoleWord, ShareOperation, ShareRequest, WorkloadId,
        WorkloadRecord,
    },
    sharing,
    store::{Paging, WorkloadFilter},
    workloads::{self, WithStats},
};

use crate::{
    actions::{BulkForm, Many, Outcome, Outcomes, asks_for_name},
    refusal::{Fault, Refusal},
};

/// The most that are done at once: as many as a page of the list can show.
pub const MOST: usize = 100;

/// More names than this are not read in a line.
const NAMED: usize = 5;

/// Those of the ids that the caller sees, by name.
pub async fn chosen(
    house: &House,
    caller: &Caller,
    ids: &[WorkloadId],
) -> Result<Vec<WorkloadRecord>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let filter = WorkloadFilter {
        ids: ids.iter().take(MOST).cloned().collect(),
        ..crate::listing::Wanted::by_name().filter()
    };
    let paging = Paging::first(MOST as u64);
    Ok(workloads::list(house, caller, &filter, paging, WithStats::No).await?.items)
}

/// # Errors
/// A refusal before anything was done: nothing was chosen, a name is missing, a recipient is not said.
pub async fn run(house: &House, caller: &Caller, form: &BulkForm) -> Result<Outcomes, Refusal> {
    let all = chosen(house, caller, &form.ids).await?;
    if all.is_empty() {
        return Err(Refusal::new("Nothing is left to do it to: choose workloads on the list."));
    }
    let share = match form.action {
        Many::Share => Some(share(caller, form)?),
        Many::Delete => {
            names(form, &all)?;
            None
        }
        Many::Start | Many::Stop => None,
    };
    let mut outcomes = gone(form, &all);
    for workload in all {
        let id = &workload.id;
        let done = match (form.action, &share) {
            (Many::Start, _) => workloads::start(house, caller, id).await.map(drop),
            (Many::Stop, _) => workloads::stop(house, caller, id).await.map(drop),
            (Many::Delete, _) => workloads::delete(house, caller, id).await,
            (Many::Share, Some(request)) => {
                sharing::change(house, caller, &id.clone().into(), request).await
            }
            (Many::Share, None) => continue,
        };
        let refusal = done.err().map(|error| Refusal::from(error).message);
        outcomes.push(Outcome { id: workload.id, name: workload.name, refusal });
    }
    if let (Many::Share, Some(why)) = (form.action, refused_for_all(&outcomes)) {
        // Then it is about the recipient or the role, and the form is where that is put right.
        return Err(Refusal::at("username", why));
    }
    Ok(Outcomes { action: form.action, back: form.back.clone(), all: outcomes })
}

/// Those that were chosen and are not there any more.
fn gone(form: &BulkForm, found: &[WorkloadRecord]) -> Vec<Outcome> {
    let missing = form.ids.iter().filter(|id| !found.iter().any(|workload| workload.id == **id));
    let outcome = |id: &WorkloadId| Outcome {
        id: id.clone(),
        name: id.to_string(),
        refusal: Some("It is not there any more, or no longer shared with you.".into()),
    };
    missing.map(outcome).collect()
}

fn refused_for_all(outcomes: &[Outcome]) -> Option<String> {
    let first = outcomes.first()?.refusal.clone()?;
    outcomes.iter().all(|one| one.refusal.is_some()).then_some(first)
}

/// What was done as one sentence; none when it needs more words than that.
pub fn in_a_line(outcomes: &Outcomes) -> Option<String> {
    let all = &outcomes.all;
    if all.iter().any(|one| one.refusal.is_some()) {
        return None;
    }
    let done = outcomes.action.done();
    match &all[..] {
        [] => None,
        [one] => Some(format!("{} {done}.", one.name)),
        some if some.len() <= NAMED => {
            let names: Vec<&str> = some.iter().map(|one| one.name.as_str()).collect();
            Some(format!("Each of these {done}: {}.", names.join(", ")))
        }
        many => Some(format!("Each of the {} chosen workloads {done}.", many.len())),
    }
}

/// A slip must not delete what matters.
fn names(form: &BulkForm, all: &[WorkloadRecord]) -> Result<(), Refusal> {
    let typed = |workload: &WorkloadRecord| {
        let found = form.typed.iter().find(|typed| typed.id == workload.id);
        found.is_some_and(|typed| typed.name.trim() == workload.name)
    };
    let wrong: Vec<Fault> = all
        .iter()
        .filter(|workload| asks_for_name(workload.importance) && !typed(workload))
        .map(|workload| Fault {
            field: workload.name.clone(),
            message: "type its name exactly as it is written above".into(),
        })
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Refusal {
        message: "Nothing was deleted yet: those of high importance are deleted by name.".into(),
        fields: wrong,
    })
}

fn share(caller: &Caller, form: &BulkForm) -> Result<ShareRequest, Refusal> {
    let role =
        RoleWord::try_from(form.role.clone()).map_err(|_| Refusal::at("role", "choose a role"))?;
    let username = form.username.trim();
    let (kind, id, username) = match form.recipient.split_once(':') {
        Some(("group", id)) => (RecipientKind::Group, Some(id.to_owned()), None),
        None if form.recipient == "organization" => {
            (RecipientKind::Organization, Some(caller.org().to_string()), None)
        }
        _ if username.is_empty() => {
            return Err(Refusal::at("username", "say who: the name they sign in with"));
        }
        _ => (RecipientKind::User, None, Some(username.to_owned())),
    };
    Ok(ShareRequest {
        operation: ShareOperation::UpdateRoles,
        roles: vec![RoleChange { share_recipient_type: kind, role, id, username }],
    })
}

#[cfg(test)]
mod tests {
    use super::in_a_line;
    use crate::actions::{Many, Outcome, Outcomes};

    #[test]
    fn what_was_done_is_named_unless_it_is_too_much_or_went_wrong() {
        let outcome = |n: usize, refusal: Option<&str>| Outcome {
            id: format!("{n:024x}").parse().expect("an id"),
            name: format!("w{n}"),
            refusal: refusal.map(Into::into),
        };
        let line = |all: Vec<Outcome>| {
            in_a_line(&Outcomes { action: Many::Stop, back: String::new(), all })
        };
        assert_eq!(line(vec![outcome(1, None)]).as_deref(), Some("w1 is stopping."));
        let two = vec![outcome(1, None), outcome(2, None)];
        assert_eq!(line(two).as_deref(), Some("Each of these is stopping: w1, w2."));
        let many = (1..=6).map(|n| outcome(n, None)).collect();
        assert_eq!(line(many).as_deref(), Some("Each of the 6 chosen workloads is stopping."));
        assert_eq!(line(vec![outcome(1, None), outcome(2, Some("no"))]), None);
    }
}
