//! Tags: a short list on each thing that can carry them, and the conditions that find things by them.

use std::collections::HashMap;

use super::{
    Store, StoreError, Write,
    cell::Origin,
    list::Conditions,
    sql::{Link, composed, sql},
};
use crate::model::{EntityKind, OrgId, Tag};

/// Keeps what has any of the names, any of the values and each of `each`; what is empty does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagFilter {
    pub names: Vec<String>,
    pub values: Vec<String>,
    /// A name, or a name and a value with `=` between them.
    pub each: Vec<String>,
}

impl Conditions {
    /// `id` is the column that holds the id of the thing.
    pub(super) fn tagged(
        &mut self,
        org: &OrgId,
        kind: EntityKind,
        id: &'static str,
        wanted: &TagFilter,
    ) {
        if *wanted == TagFilter::default() {
            return;
        }
        let (org, kind) = (self.place(org.into()), kind.word());
        for (column, among) in [("name", &wanted.names), ("value", &wanted.values)] {
            if among.is_empty() {
                continue;
            }
            let places: Vec<String> =
                among.iter().map(|text| self.place(text.as_str().into())).collect();
            self.push(format!(
                "{id} IN (SELECT t.entity_id FROM tags t WHERE t.org_id = {org} \
                 AND t.entity_kind = '{kind}' AND t.{column} IN ({}))",
                places.join(", ")
            ));
        }
        for text in &wanted.each {
            let whole = self.place(text.as_str().into());
            let mut ways = vec![format!("t.name = {whole}")];
            match text.split_once('=') {
                // Names and values may hold the sign, too.
                Some((_, value)) if value.contains('=') => {
                    ways.push(format!("t.name || '=' || t.value = {whole}"));
                }
                Some((name, value)) => {
                    let (name, value) = (self.place(name.into()), self.place(value.into()));
                    ways.push(format!("t.name = {name} AND t.value = {value}"));
                }
                None => {}
            }
            // One after the other: each is a search in an index, and "or" is none.
            let ways: Vec<String> = ways
                .iter()
                .map(|way| {
                    format!(
                        "SELECT t.entity_id FROM tags t WHERE t.org_id = {org} \
                         AND t.entity_kind = '{kind}' AND {way}"
                    )
                })
                .collect();
            self.push(format!("{id} IN ({})", ways.join(" UNION ALL ")));
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    entity_id: String,
    id: String,
    name: String,
    value: String,
}

impl TryFrom<Row> for Tag {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let from = Origin { table: "tags", id: &row.entity_id };
        Ok(Self { id: from.text("id", &row.id)?, name: row.name, value: row.value })
    }
}

async fn on(link: Link<'_>, kind: EntityKind, id: &str) -> Result<Vec<Tag>, StoreError> {
    let rows: Vec<Row> = sql("SELECT entity_id, id, name, value FROM tags \
         WHERE entity_kind = $1 AND entity_id = $2 ORDER BY position")
    .bind(kind.word())
    .bind(id)
    .all(link)
    .await?;
    rows.into_iter().map(Tag::try_from).collect()
}

impl Store {
    /// In the order in which they were given.
    pub async fn tags_on(&self, kind: EntityKind, id: &str) -> Result<Vec<Tag>, StoreError> {
        on(self.link(), kind, id).await
    }

    /// Those of a page's records at once, by the record's id.
    pub async fn tags_among(
        &self,
        kind: EntityKind,
        ids: impl IntoIterator<Item = &str>,
    ) -> Result<HashMap<String, Vec<Tag>>, StoreError> {
        let mut wanted = Conditions::among("entity_id", ids);
        wanted.when("entity_kind =", Some(kind.word()));
        let (conditions, args) = wanted.into_parts();
        let text = format!(
            "SELECT entity_id, id, name, value FROM tags WHERE {conditions} ORDER BY position"
        );
        let rows: Vec<Row> = composed(text, args).all(self.link()).await?;
        let mut all: HashMap<String, Vec<Tag>> = HashMap::new();
        for row in rows {
            all.entry(row.entity_id.clone()).or_default().push(row.try_into()?);
        }
        Ok(all)
    }
}

impl Write<'_> {
    pub async fn tags_on(&mut self, kind: EntityKind, id: &str) -> Result<Vec<Tag>, StoreError> {
        on(self.link(), kind, id).await
    }

    /// These and no others, in this order.
    pub async fn set_tags(
        &mut self,
        org: &OrgId,
        kind: EntityKind,
        id: &str,
        tags: &[Tag],
    ) -> Result<(), StoreError> {
        self.forget_tags(kind, id).await?;
        self.recounts(org);
        for (position, tag) in (0_i64..).zip(tags) {
            sql("INSERT INTO tags (org_id, entity_kind, entity_id, position, id, name, value) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .bind(org)
            .bind(kind.word())
            .bind(id)
            .bind(position)
            .bind(&tag.id)
            .bind(&tag.name)
            .bind(&tag.value)
            .run(self.link())
            .await
            .map_err(StoreError::naming("tag"))?;
        }
        Ok(())
    }

    /// Of something that is gone.
    pub async fn forget_tags(&mut self, kind: EntityKind, id: &str) -> Result<(), StoreError> {
        sql("DELETE FROM tags WHERE entity_kind = $1 AND entity_id = $2")
            .bind(kind.word())
            .bind(id)
            .run(self.link())
            .await?;
        Ok(())
    }
}
