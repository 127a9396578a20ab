//! Who may do what with an entity. Every list that people see is narrowed here, in SQL, so that its pages and
//! totals are those of what the caller may see.

use std::collections::HashMap;

use super::{
    Store, StoreError, Write,
    cell::Origin,
    list::Conditions,
    sql::{Link, composed, sql},
};
use crate::model::{
    EntityKind, Grant, OrgId, Recipient, RecipientKind, ShareRole, Timestamp, UserId,
};

#[derive(sqlx::FromRow)]
struct Row {
    entity_id: String,
    recipient: String,
    role: String,
    granted_at: i64,
}

impl TryFrom<&Row> for Grant {
    type Error = StoreError;
    fn try_from(row: &Row) -> Result<Self, StoreError> {
        let from = Origin { table: "grants", id: &row.entity_id };
        let (kind, id) = row.recipient.split_once(':').ok_or_else(|| from.corrupt("recipient"))?;
        Ok(Self {
            recipient: match from.text("recipient", kind)? {
                RecipientKind::User => Recipient::User(from.text("recipient", id)?),
                RecipientKind::Group => Recipient::Group(from.text("recipient", id)?),
                RecipientKind::Organization => Recipient::Organization(from.text("recipient", id)?),
                RecipientKind::Role => Recipient::Role(from.text("recipient", id)?),
            },
            role: from.text("role", &row.role)?,
            granted_at: Timestamp::from_micros(row.granted_at),
        })
    }
}

fn cell(recipient: &Recipient) -> String {
    format!("{}:{}", recipient.kind(), recipient.id())
}

/// Through whose eyes a list is seen: everything of which any of these recipients has any of these roles.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Viewer {
    pub recipients: Vec<Recipient>,
    /// Without one, nothing is seen.
    pub roles: Vec<ShareRole>,
}

impl Conditions {
    /// Only what was granted to the viewer; no viewer, no condition. `id` is the entity's column.
    pub(super) fn granted(&mut self, kind: EntityKind, id: &str, viewer: Option<&Viewer>) {
        let Some(condition) = self.grant_of(kind, id, viewer) else { return };
        self.push(condition);
    }

    /// Only what was not.
    pub(super) fn not_granted(&mut self, kind: EntityKind, id: &str, viewer: Option<&Viewer>) {
        let Some(condition) = self.grant_of(kind, id, viewer) else { return };
        self.push(format!("NOT ({condition})"));
    }

    /// The same for artifacts: whoever may view a workload may view what it runs and is about to run
    /// (rules.md L12).
    pub(super) fn granted_or_run(&mut self, id: &str, viewer: Option<&Viewer>) {
        let Some(own) = self.grant_of(EntityKind::Artifact, id, viewer) else { return };
        let Some(runs) = self.grant_of(EntityKind::Workload, "gw.id", viewer) else { return };
        self.push(format!(
            "({own} OR EXISTS (SELECT 1 FROM workloads gw WHERE (gw.artifact_id = {id} OR gw.id IN \
             (SELECT gr.workload_id FROM replacements gr WHERE gr.candidate_artifact = {id} \
             AND gr.stage <> 'done')) AND gw.wanted <> 'deleted' AND {runs}))"
        ));
    }

    fn grant_of(&mut self, kind: EntityKind, id: &str, viewer: Option<&Viewer>) -> Option<String> {
        let viewer = viewer?;
        if viewer.roles.is_empty() || viewer.recipients.is_empty() {
            return Some("1 = 0".to_owned());
        }
        let kind = self.place(kind.word().into());
        let places: Vec<String> =
            viewer.recipients.iter().map(|recipient| self.place(cell(recipient).into())).collect();
        let roles: Vec<String> =
            viewer.roles.iter().map(|role| self.place(role.word().into())).collect();
        Some(format!(
            "EXISTS (SELECT 1 FROM grants g WHERE g.entity_id = {id} AND g.entity_kind = {kind} \
             AND g.recipient IN ({}) AND g.role IN ({}))",
            places.join(", "),
            roles.join(", ")
        ))
    }
}

async fn on(link: Link<'_>, kind: EntityKind, id: &str) -> Result<Vec<Grant>, StoreError> {
    let rows: Vec<Row> = sql("SELECT entity_id, recipient, role, granted_at FROM grants \
         WHERE entity_id = $1 AND entity_kind = $2 ORDER BY granted_at, recipient")
    .bind(id)
    .bind(kind.word())
    .all(link)
    .await?;
    rows.iter().map(Grant::try_from).collect()
}

impl Store {
    /// The grants on one entity, oldest first.
    pub async fn grants_on(&self, kind: EntityKind, id: &str) -> Result<Vec<Grant>, StoreError> {
        on(self.link(), kind, id).await
    }

    /// How many roles a recipient was given.
    pub async fn grants_to(&self, recipient: &Recipient) -> Result<u64, StoreError> {
        let count = sql("SELECT COUNT(*) FROM grants WHERE recipient = $1")
            .bind(cell(recipient))
            .number(self.link())
            .await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// The grants on all these entities, by the entity's id.
    pub async fn grants_among(
        &self,
        kind: EntityKind,
        ids: impl IntoIterator<Item = &str>,
    ) -> Result<HashMap<String, Vec<Grant>>, StoreError> {
        let mut wanted = Conditions::among("entity_id", ids);
        wanted.when("entity_kind =", Some(kind.word()));
        let (conditions, args) = wanted.into_parts();
        grouped(
            composed(
                format!(
                    "SELECT entity_id, recipient, role, granted_at FROM grants WHERE {conditions} \
                     ORDER BY granted_at, recipient"
                ),
                args,
            )
            .all(self.link())
            .await?,
        )
    }

    /// Every grant on entities of this kind, of all organisations, by the entity's id.
    pub async fn all_grants(
        &self,
        kind: EntityKind,
    ) -> Result<HashMap<String, Vec<Grant>>, StoreError> {
        grouped(
            sql("SELECT entity_id, recipient, role, granted_at FROM grants \
                 WHERE entity_kind = $1 ORDER BY granted_at, recipient")
            .bind(kind.word())
            .all(self.link())
            .await?,
        )
    }
}

fn grouped(rows: Vec<Row>) -> Result<HashMap<String, Vec<Grant>>, StoreError> {
    let mut grants: HashMap<String, Vec<Grant>> = HashMap::new();
    for row in &rows {
        grants.entry(row.entity_id.clone()).or_default().push(Grant::try_from(row)?);
    }
    Ok(grants)
}

impl Write<'_> {
    pub async fn grants_on(
        &mut self,
        kind: EntityKind,
        id: &str,
    ) -> Result<Vec<Grant>, StoreError> {
        on(self.link(), kind, id).await
    }

    /// Gives the recipient this role and no other.
    pub async fn grant(
        &mut self,
        org: &OrgId,
        kind: EntityKind,
        id: &str,
        grant: &Grant,
    ) -> Result<(), StoreError> {
        sql("INSERT INTO grants (org_id, entity_kind, entity_id, recipient, role, granted_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (entity_id, entity_kind, recipient) \
             DO UPDATE SET role = excluded.role, granted_at = excluded.granted_at")
        .bind(org)
        .bind(kind.word())
        .bind(id)
        .bind(cell(&grant.recipient))
        .bind(grant.role.word())
        .bind(grant.granted_at)
        .run(self.link())
        .await?;
        self.recounts(org);
        Ok(())
    }

    /// The creator of a new entity owns it.
    pub async fn own(
        &mut self,
        org: &OrgId,
        kind: EntityKind,
        id: &str,
        owner: &UserId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let grant = Grant {
            recipient: Recipient::User(owner.clone()),
            role: ShareRole::Owner,
            granted_at: at,
        };
        self.grant(org, kind, id, &grant).await
    }

    /// Takes the recipient's role away.
    pub async fn ungrant(
        &mut self,
        org: &OrgId,
        kind: EntityKind,
        id: &str,
        recipient: &Recipient,
    ) -> Result<(), StoreError> {
        sql("DELETE FROM grants WHERE entity_id = $1 AND entity_kind = $2 AND recipient = $3")
            .bind(id)
            .bind(kind.word())
            .bind(cell(recipient))
            .run(self.link())
            .await?;
        self.recounts(org);
        Ok(())
    }

    /// Forgets the grants of an entity that is gone.
    pub async fn forget_grants(&mut self, kind: EntityKind, id: &str) -> Result<(), StoreError> {
        sql("DELETE FROM grants WHERE entity_id = $1 AND entity_kind = $2")
            .bind(id)
            .bind(kind.word())
            .run(self.link())
            .await?;
        Ok(())
    }
}
