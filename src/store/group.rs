//! Groups and who is in them.

use std::collections::HashMap;

use super::{
    Paging, Store, StoreError, Write,
    cell::{Origin, key, search_text},
    list::{Conditions, Source, page},
    sql::{Link, sql},
};
use crate::model::{Group, GroupId, OrgId, Page, Timestamp, UserId};

macro_rules! columns {
    () => {
        "id, org_id, name, created_at"
    };
}

/// Which groups are wanted; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct GroupFilter {
    /// Part of the name, whatever the case.
    pub search: Option<String>,
    /// Only those that this person is in.
    pub member: Option<UserId>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    org_id: String,
    name: String,
    created_at: i64,
}

impl TryFrom<Row> for Group {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let from = Origin { table: "user_groups", id: &row.id };
        Ok(Self {
            id: from.text("id", &row.id)?,
            org_id: from.text("org_id", &row.org_id)?,
            created_at: Timestamp::from_micros(row.created_at),
            name: row.name,
        })
    }
}

async fn find(link: Link<'_>, org: &OrgId, id: &GroupId) -> Result<Option<Group>, StoreError> {
    let row: Option<Row> =
        sql(concat!("SELECT ", columns!(), " FROM user_groups WHERE org_id = $1 AND id = $2"))
            .bind(org)
            .bind(id)
            .one(link)
            .await?;
    row.map(Group::try_from).transpose()
}

async fn members(link: Link<'_>, group: &GroupId) -> Result<Vec<UserId>, StoreError> {
    let rows: Vec<(String,)> =
        sql("SELECT user_id FROM group_members WHERE group_id = $1 ORDER BY user_id")
            .bind(group)
            .all(link)
            .await?;
    rows.iter().map(|(id,)| Origin { table: "group_members", id }.text("user_id", id)).collect()
}

impl Store {
    pub async fn group(&self, org: &OrgId, id: &GroupId) -> Result<Option<Group>, StoreError> {
        find(self.link(), org, id).await
    }

    /// The organisation's groups, by name.
    pub async fn groups(
        &self,
        org: &OrgId,
        filter: &GroupFilter,
        paging: Paging,
    ) -> Result<Page<Group>, StoreError> {
        let mut wanted = Conditions::of("org_id", org);
        wanted.search("search_text", filter.search.as_deref());
        if let Some(member) = &filter.member {
            let place = wanted.place(member.into());
            wanted.push(format!(
                "EXISTS (SELECT 1 FROM group_members m WHERE m.group_id = user_groups.id \
                 AND m.user_id = {place})"
            ));
        }
        let source =
            Source { columns: columns!(), tables: "user_groups", order: "name_key, id".to_owned() };
        page::<Row, Group>(self, source, wanted, paging).await
    }

    pub async fn members(&self, group: &GroupId) -> Result<Vec<UserId>, StoreError> {
        members(self.link(), group).await
    }

    /// Everybody's groups, of all organisations.
    pub async fn memberships(&self) -> Result<HashMap<UserId, Vec<GroupId>>, StoreError> {
        let rows: Vec<(String, String)> =
            sql("SELECT user_id, group_id FROM group_members ORDER BY user_id, group_id")
                .all(self.link())
                .await?;
        let mut all: HashMap<UserId, Vec<GroupId>> = HashMap::new();
        for (user, group) in &rows {
            let from = Origin { table: "group_members", id: user };
            all.entry(from.text("user_id", user)?).or_default().push(from.text("group_id", group)?);
        }
        Ok(all)
    }
}

impl Write<'_> {
    pub async fn group(&mut self, org: &OrgId, id: &GroupId) -> Result<Option<Group>, StoreError> {
        find(self.link(), org, id).await
    }

    pub async fn members(&mut self, group: &GroupId) -> Result<Vec<UserId>, StoreError> {
        members(self.link(), group).await
    }

    pub async fn insert_group(&mut self, group: &Group) -> Result<(), StoreError> {
        sql(concat!(
            "INSERT INTO user_groups (",
            columns!(),
            ", name_key, search_text) VALUES ($1, $2, $3, $4, $5, $6)"
        ))
        .bind(&group.id)
        .bind(&group.org_id)
        .bind(&group.name)
        .bind(group.created_at)
        .bind(key(&group.name))
        .bind(search_text(&[&group.name]))
        .run(self.link())
        .await
        .map_err(StoreError::naming("group name"))?;
        Ok(())
    }

    pub async fn rename_group(&mut self, id: &GroupId, name: &str) -> Result<(), StoreError> {
        sql("UPDATE user_groups SET name = $2, name_key = $3, search_text = $4 WHERE id = $1")
            .bind(id)
            .bind(name)
            .bind(key(name))
            .bind(search_text(&[name]))
            .run(self.link())
            .await
            .map_err(StoreError::naming("group name"))?;
        Ok(())
    }

    /// The group, who is in it, and what was granted to it.
    pub async fn delete_group(&mut self, org: &OrgId, id: &GroupId) -> Result<(), StoreError> {
        let recipient = format!("group:{id}");
        sql("DELETE FROM grants WHERE recipient = $1").bind(recipient).run(self.link()).await?;
        self.recounts(org);
        sql("DELETE FROM group_members WHERE group_id = $1").bind(id).run(self.link()).await?;
        sql("DELETE FROM user_groups WHERE id = $1").bind(id).run(self.link()).await?;
        Ok(())
    }

    /// Exactly these people are in it from now on.
    pub async fn set_members(
        &mut self,
        org: &OrgId,
        group: &GroupId,
        members: &[UserId],
    ) -> Result<(), StoreError> {
        sql("DELETE FROM group_members WHERE group_id = $1").bind(group).run(self.link()).await?;
        for member in members {
            sql("INSERT INTO group_members (org_id, group_id, user_id) VALUES ($1, $2, $3) \
                 ON CONFLICT (group_id, user_id) DO NOTHING")
            .bind(org)
            .bind(group)
            .bind(member)
            .run(self.link())
            .await?;
        }
        Ok(())
    }
}
