//! The audit trail (rules.md L15, L16.4): who did what, from where, with what outcome.
//!
//! What was done is written in the transaction that did it: [`done`]. What was refused has no transaction, so
//! it gets one of its own: every use case that changes something runs inside [`attempt`]. Nothing in an
//! entry is secret: values of the environment and of headers are replaced in [`shown`].
//!
//! Entries are chained by keyed marks ([`Trail`]), and the newest mark is kept outside the database too, so
//! that [`verify`] finds what was changed, removed, added or put in another order, also at the end, and also
//! by somebody who recomputes the whole chain without the key.
//!
//! Known limitation: whoever has the key, the data folder and the database can rewrite all of it. Against
//! that helps only a mark that was remembered elsewhere (`--expect`).

mod read;
mod shown;
mod trail;
mod verify;

pub use read::{before, get, list, names, of_deployment, of_workload};
pub use shown::shown;
pub use trail::Trail;
pub use verify::{Finding, Verified, verify};

use std::future::Future;

use serde_json::Value;

use crate::{
    access::{Caller, Origin, Via},
    error::Error,
    house::House,
    model::{
        ArtifactId, AuditAction, AuditActor, AuditEntry, AuditOutcome, AuditSource, AuditedEntity,
        AuditedKind, CatalogId, CredentialId, DeploymentId, GroupId, OrgId, RepositoryId, TokenId,
        User, UserId, WorkloadId,
    },
    store::Write,
};

/// What somebody does, and to what.
#[derive(Debug, Clone)]
pub struct Act {
    action: AuditAction,
    entity: AuditedEntity,
    workloads: Vec<WorkloadId>,
}

/// An id that names what an entry is about.
pub trait Audited {
    const KIND: AuditedKind;
    fn text(&self) -> &str;
    fn workload(&self) -> Option<WorkloadId> {
        None
    }
}

macro_rules! audited {
    ($($id:ty: $kind:ident;)*) => {$(
        impl Audited for $id {
            const KIND: AuditedKind = AuditedKind::$kind;
            fn text(&self) -> &str {
                self.as_str()
            }
        }
    )*};
}

audited! {
    ArtifactId: Artifact;
    RepositoryId: Repository;
    UserId: User;
    GroupId: Group;
    TokenId: Token;
    CredentialId: Credential;
    DeploymentId: Deployment;
    CatalogId: Files;
}

impl Audited for WorkloadId {
    const KIND: AuditedKind = AuditedKind::Workload;
    fn text(&self) -> &str {
        self.as_str()
    }
    fn workload(&self) -> Option<WorkloadId> {
        Some(self.clone())
    }
}

impl Act {
    pub fn on<I: Audited>(action: AuditAction, id: &I) -> Self {
        Self {
            action,
            entity: AuditedEntity { kind: I::KIND, id: Some(id.text().to_owned()) },
            workloads: id.workload().into_iter().collect(),
        }
    }

    /// On something that has no id yet.
    pub fn new(action: AuditAction, kind: AuditedKind) -> Self {
        let entity = AuditedEntity { kind, id: None };
        Self { action, entity, workloads: Vec::new() }
    }

    /// It concerns this workload too. Those that run an artifact, or that a deployment governs, are found by the
    /// store, as long as they are there when the transaction commits.
    #[must_use]
    pub fn with_workload(mut self, id: &WorkloadId) -> Self {
        self.workloads.push(id.clone());
        self
    }

    fn entry(self, house: &House, who: Who<'_>, what: What) -> AuditEntry {
        AuditEntry {
            timestamp: house.now(),
            actor: who.actor(),
            source: who.source(),
            action: self.action,
            entity: self.entity,
            workload_ids: self.workloads,
            before: what.before,
            after: what.after,
            outcome: what.outcome,
            reason: what.reason,
            request_id: who.request_id(),
        }
    }
}

struct What {
    before: Option<Value>,
    after: Option<Value>,
    outcome: AuditOutcome,
    reason: Option<String>,
}

enum Who<'a> {
    Caller(&'a Caller),
    /// Nobody asked for it: a deadline, the end of a replacement.
    Itself,
}

impl Who<'_> {
    fn actor(&self) -> Option<AuditActor> {
        let Self::Caller(caller) = self else { return None };
        let (token_id, token_name) = match &caller.via {
            Via::Token { id, name, .. } => (Some(id.clone()), Some(name.clone())),
            Via::Session => (None, None),
        };
        let (id, username) = (caller.user.id.clone(), caller.user.username.clone());
        Some(AuditActor { id, username, token_id, token_name })
    }

    fn source(&self) -> AuditSource {
        match self {
            Self::Caller(caller) => AuditSource {
                ip: caller.origin.address.map(|address| address.to_string()),
                user_agent: caller.origin.client.clone(),
                channel: caller.origin.channel.word().to_owned(),
            },
            Self::Itself => {
                AuditSource { ip: None, user_agent: None, channel: "system".to_owned() }
            }
        }
    }

    fn request_id(&self) -> Option<String> {
        let Self::Caller(caller) = self else { return None };
        caller.origin.request_id.clone()
    }
}

/// Writes down what this transaction does. `before` and `after` hold what is no secret; see [`shown`].
pub fn done(
    write: &mut Write<'_>,
    house: &House,
    caller: &Caller,
    act: Act,
    before: Option<Value>,
    after: Option<Value>,
) {
    let what = What { before, after, outcome: AuditOutcome::Done, reason: None };
    write.audit(caller.org(), act.entry(house, Who::Caller(caller), what));
}

/// Writes down what happens by itself.
pub(crate) fn happened(
    write: &mut Write<'_>,
    house: &House,
    org: &OrgId,
    act: Act,
    after: Option<Value>,
) {
    let what = What { before: None, after, outcome: AuditOutcome::Done, reason: None };
    write.audit(org, act.entry(house, Who::Itself, what));
}

/// Writes down that somebody came in, or that somebody tried to with a wrong password.
pub(crate) async fn signed_in(house: &House, user: &User, origin: &Origin, outcome: AuditOutcome) {
    let reason = (outcome == AuditOutcome::Refused).then(|| "wrong password".to_owned());
    let what = What { before: None, after: None, outcome, reason };
    let act = Act::on(AuditAction::SignIn, &user.id);
    // Who knows the password is that person; who does not is nobody we know.
    let known = outcome == AuditOutcome::Done;
    let caller = Caller {
        user: user.clone(),
        groups: Vec::new(),
        via: Via::Session,
        origin: origin.clone(),
        expects: None,
    };
    let mut entry = act.entry(house, Who::Caller(&caller), what);
    if !known {
        entry.actor = None;
    }
    write_alone(house, &user.org_id, entry).await;
}

/// Writes an entry that belongs to nothing else that is written.
async fn write_alone(house: &House, org: &OrgId, entry: AuditEntry) {
    let written = async {
        let mut write = house.store.write().await?;
        write.audit(org, entry);
        write.commit().await
    };
    // Nothing was done, so there is nothing to take back when this fails.
    if let Err(error) = written.await {
        tracing::warn!(%error, "an entry could not be written to the audit trail");
    }
}

/// Runs a use case, and writes down when it was refused.
pub async fn attempt<T>(
    house: &House,
    caller: &Caller,
    act: Act,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let outcome = work.await;
    let Some(reason) = outcome.as_ref().err().and_then(refusal) else { return outcome };
    let what =
        What { before: None, after: None, outcome: AuditOutcome::Refused, reason: Some(reason) };
    let entry = act.entry(house, Who::Caller(caller), what);
    write_alone(house, caller.org(), entry).await;
    outcome
}

/// Why it was refused; none for a fault of ours. Of wrong fields only the names: their values may be secret.
fn refusal(error: &Error) -> Option<String> {
    match error {
        Error::Forbidden(_)
        | Error::NotFound(_)
        | Error::BadRequest(_)
        | Error::Conflict(_)
        | Error::Refused(_) => Some(error.to_string()),
        Error::Invalid(fields) => {
            let names: Vec<String> = fields.iter().map(crate::error::FieldError::dotted).collect();
            Some(format!("wrong fields: {}", names.join(", ")))
        }
        _ => None,
    }
}
