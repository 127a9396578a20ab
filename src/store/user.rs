//! Organisations and the people in them. Usernames are unique over the whole installation, because a person
//! signs in before it is known where they belong.

use std::collections::HashMap;

use super::{
    Paging, Store, StoreError, Write,
    cell::{Origin, key, moment, search_text},
    list::{Conditions, Source, page},
    sql::{Link, composed, sql},
};
use crate::model::{GroupId, OrgId, Organization, Page, PlatformRole, Timestamp, User, UserId};

macro_rules! columns {
    () => {
        "id, org_id, username, full_name, email, password_hash, role, created_at, deactivated_at"
    };
}

/// Which people are wanted; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    /// Part of a username, a full name or an e-mail address, whatever the case.
    pub search: Option<String>,
    pub role: Option<PlatformRole>,
    /// Only those who can come in, or only those who can't.
    pub active: Option<bool>,
    pub group: Option<GroupId>,
}

impl UserFilter {
    fn conditions(&self, org: &OrgId) -> Conditions {
        let mut wanted = Conditions::of("org_id", org);
        wanted.search("search_text", self.search.as_deref());
        wanted.when("role =", self.role.map(PlatformRole::word));
        match self.active {
            Some(true) => wanted.always("deactivated_at IS NULL"),
            Some(false) => wanted.always("deactivated_at IS NOT NULL"),
            None => {}
        }
        if let Some(group) = &self.group {
            let place = wanted.place(group.into());
            wanted.push(format!(
                "EXISTS (SELECT 1 FROM group_members m WHERE m.user_id = users.id \
                 AND m.group_id = {place})"
            ));
        }
        wanted
    }
}

fn found_by(user: &User) -> String {
    search_text(&[&user.username, &user.full_name, &user.email])
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    org_id: String,
    username: String,
    full_name: String,
    email: String,
    password_hash: Option<String>,
    role: String,
    created_at: i64,
    deactivated_at: Option<i64>,
}

impl TryFrom<Row> for User {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let from = Origin { table: "users", id: &row.id };
        Ok(Self {
            id: from.text("id", &row.id)?,
            org_id: from.text("org_id", &row.org_id)?,
            username: row.username,
            full_name: row.full_name,
            email: row.email,
            password_hash: row.password_hash,
            role: from.text("role", &row.role)?,
            created_at: Timestamp::from_micros(row.created_at),
            deactivated_at: moment(row.deactivated_at),
        })
    }
}

async fn by_id(link: Link<'_>, id: &UserId) -> Result<Option<User>, StoreError> {
    let row: Option<Row> =
        sql(concat!("SELECT ", columns!(), " FROM users WHERE id = $1")).bind(id).one(link).await?;
    row.map(User::try_from).transpose()
}

async fn by_name(link: Link<'_>, username: &str) -> Result<Option<User>, StoreError> {
    let row: Option<Row> = sql(concat!("SELECT ", columns!(), " FROM users WHERE name_key = $1"))
        .bind(key(username))
        .one(link)
        .await?;
    row.map(User::try_from).transpose()
}

async fn everybody(link: Link<'_>, org: &OrgId) -> Result<Vec<User>, StoreError> {
    let rows: Vec<Row> =
        sql(concat!("SELECT ", columns!(), " FROM users WHERE org_id = $1 ORDER BY name_key"))
            .bind(org)
            .all(link)
            .await?;
    rows.into_iter().map(User::try_from).collect()
}

async fn first_org(link: Link<'_>) -> Result<Option<OrgId>, StoreError> {
    let row: Option<(String,)> =
        sql("SELECT id FROM orgs ORDER BY created_at, id LIMIT 1").one(link).await?;
    row.map(|(id,)| Origin { table: "orgs", id: &id }.text("id", &id)).transpose()
}

impl Store {
    pub async fn user(&self, id: &UserId) -> Result<Option<User>, StoreError> {
        by_id(self.link(), id).await
    }

    /// Those that a page's records name, at once.
    pub async fn users_by_id(&self, ids: &[UserId]) -> Result<HashMap<UserId, User>, StoreError> {
        let (wanted, args) = Conditions::among("id", ids).into_parts();
        let text = format!("SELECT {} FROM users WHERE {wanted}", columns!());
        let rows: Vec<Row> = composed(text, args).all(self.link()).await?;
        rows.into_iter()
            .map(|row| User::try_from(row).map(|user| (user.id.clone(), user)))
            .collect()
    }

    /// Whatever its case.
    pub async fn user_by_name(&self, username: &str) -> Result<Option<User>, StoreError> {
        by_name(self.link(), username).await
    }

    /// Everybody in an organisation, by name.
    pub async fn users(&self, org: &OrgId) -> Result<Vec<User>, StoreError> {
        everybody(self.link(), org).await
    }

    /// Some of them, by name.
    pub async fn users_page(
        &self,
        org: &OrgId,
        filter: &UserFilter,
        paging: Paging,
    ) -> Result<Page<User>, StoreError> {
        let order = "name_key, id".to_owned();
        let source = Source { columns: columns!(), tables: "users", order };
        page::<Row, User>(self, source, filter.conditions(org), paging).await
    }

    /// Everybody, of all organisations.
    pub async fn all_users(&self) -> Result<Vec<User>, StoreError> {
        let rows: Vec<Row> =
            sql(concat!("SELECT ", columns!(), " FROM users ORDER BY id")).all(self.link()).await?;
        rows.into_iter().map(User::try_from).collect()
    }

    pub async fn organization(&self, id: &OrgId) -> Result<Option<Organization>, StoreError> {
        let row: Option<(String, i64)> = sql("SELECT name, created_at FROM orgs WHERE id = $1")
            .bind(id)
            .one(self.link())
            .await?;
        Ok(row.map(|(name, created_at)| Organization {
            id: id.clone(),
            name,
            created_at: Timestamp::from_micros(created_at),
        }))
    }

    /// All organisations, the oldest first.
    pub async fn organization_ids(&self) -> Result<Vec<OrgId>, StoreError> {
        let rows: Vec<(String,)> =
            sql("SELECT id FROM orgs ORDER BY created_at, id").all(self.link()).await?;
        rows.iter().map(|(id,)| Origin { table: "orgs", id }.text("id", id)).collect()
    }

    /// The oldest organisation; none before the installation has been set up.
    pub async fn first_org(&self) -> Result<Option<OrgId>, StoreError> {
        first_org(self.link()).await
    }
}

impl Write<'_> {
    /// Everybody in an organisation, by name.
    pub async fn users(&mut self, org: &OrgId) -> Result<Vec<User>, StoreError> {
        everybody(self.link(), org).await
    }

    pub async fn user(&mut self, id: &UserId) -> Result<Option<User>, StoreError> {
        by_id(self.link(), id).await
    }

    pub async fn user_by_name(&mut self, username: &str) -> Result<Option<User>, StoreError> {
        by_name(self.link(), username).await
    }

    pub async fn first_org(&mut self) -> Result<Option<OrgId>, StoreError> {
        first_org(self.link()).await
    }

    /// A new organisation, with its stream of events at zero.
    pub async fn insert_org(
        &mut self,
        id: &OrgId,
        name: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sql("INSERT INTO orgs (id, name, created_at) VALUES ($1, $2, $3)")
            .bind(id)
            .bind(name)
            .bind(at)
            .run(self.link())
            .await
            .map_err(StoreError::naming("organisation"))?;
        sql("INSERT INTO heads (org_id, seq) VALUES ($1, $2)")
            .bind(id)
            .bind(0_i64)
            .run(self.link())
            .await?;
        Ok(())
    }

    pub async fn insert_user(&mut self, user: &User) -> Result<(), StoreError> {
        sql(concat!(
            "INSERT INTO users (",
            columns!(),
            ", name_key, search_text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        ))
        .bind(&user.id)
        .bind(&user.org_id)
        .bind(&user.username)
        .bind(&user.full_name)
        .bind(&user.email)
        .bind(&user.password_hash)
        .bind(user.role.word())
        .bind(user.created_at)
        .bind(user.deactivated_at)
        .bind(key(&user.username))
        .bind(found_by(user))
        .run(self.link())
        .await
        .map_err(StoreError::naming("user"))?;
        Ok(())
    }

    /// Everything but the id, the organisation and the time of creation.
    pub async fn update_user(&mut self, user: &User) -> Result<(), StoreError> {
        let touched = sql("UPDATE users SET username = $2, full_name = $3, email = $4, \
             password_hash = $5, role = $6, name_key = $7, deactivated_at = $8, search_text = $9 \
             WHERE id = $1")
        .bind(&user.id)
        .bind(&user.username)
        .bind(&user.full_name)
        .bind(&user.email)
        .bind(&user.password_hash)
        .bind(user.role.word())
        .bind(key(&user.username))
        .bind(user.deactivated_at)
        .bind(found_by(user))
        .run(self.link())
        .await
        .map_err(StoreError::naming("user"))?;
        if touched == 1 { Ok(()) } else { Err(StoreError::Conflict { what: "user" }) }
    }
}
