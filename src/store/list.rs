//! Lists: conditions put together from what a filter asks for, an order, and one page of it.
//!
//! The total is counted by a second statement, so it may differ by what is written between the two.

use super::{
    Store, StoreError,
    cell::fold,
    sql::{Arg, Row, composed},
};
use crate::model::{OrgId, Page};

/// Which part of a list is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    pub offset: u64,
    pub limit: u64,
}

impl Paging {
    /// The first `limit` entries.
    #[must_use]
    pub const fn first(limit: u64) -> Self {
        Self { offset: 0, limit }
    }
}

/// Everything after `WHERE`, and its arguments.
pub(super) struct Conditions {
    all: Vec<String>,
    args: Vec<Arg>,
}

impl Conditions {
    /// Every list belongs to one organisation.
    pub(super) fn of(column: &str, org: &OrgId) -> Self {
        Self { all: vec![format!("{column} = $1")], args: vec![org.into()] }
    }

    /// Lists of what belongs to one workload.
    pub(super) fn belonging(column: &str, owner: impl Into<Arg>) -> Self {
        Self { all: vec![format!("{column} = $1")], args: vec![owner.into()] }
    }

    /// What belongs to a set of ids, for reading a page's companions at once.
    pub(super) fn among(
        expression: &'static str,
        values: impl IntoIterator<Item = impl Into<Arg>>,
    ) -> Self {
        let mut all = Self { all: Vec::new(), args: Vec::new() };
        all.any(expression, values);
        if all.all.is_empty() {
            all.always("1 = 0");
        }
        all
    }

    pub(super) fn into_parts(self) -> (String, Vec<Arg>) {
        (self.all.join(" AND "), self.args)
    }

    pub(super) fn place(&mut self, arg: Arg) -> String {
        self.args.push(arg);
        format!("${}", self.args.len())
    }

    /// A condition whose values are in place already.
    pub(super) fn push(&mut self, condition: String) {
        self.all.push(condition);
    }

    /// A fixed condition.
    pub(super) fn always(&mut self, condition: &'static str) {
        self.all.push(condition.to_owned());
    }

    /// `expression operator value`, when there is a value.
    pub(super) fn when(&mut self, comparison: &'static str, value: Option<impl Into<Arg>>) {
        if let Some(value) = value {
            let place = self.place(value.into());
            self.all.push(format!("{comparison} {place}"));
        }
    }

    /// The expression is one of the values; no values, no condition.
    pub(super) fn any(
        &mut self,
        expression: &'static str,
        values: impl IntoIterator<Item = impl Into<Arg>>,
    ) {
        let places: Vec<String> = values.into_iter().map(|v| self.place(v.into())).collect();
        if !places.is_empty() {
            self.all.push(format!("{expression} IN ({})", places.join(", ")));
        }
    }

    /// The column holds any of the texts, exactly as they are; no texts, no condition.
    pub(super) fn holding(&mut self, column: &'static str, texts: &[String]) {
        let any: Vec<String> = texts
            .iter()
            .map(|text| {
                // The one search in text that both databases do in the same way, case included.
                let place = self.place(text.into());
                format!("REPLACE({column}, {place}, '') <> {column}")
            })
            .collect();
        if !any.is_empty() {
            self.all.push(format!("({})", any.join(" OR ")));
        }
    }

    /// The folded column holds the text, whatever its case.
    pub(super) fn search(&mut self, column: &'static str, text: Option<&str>) {
        let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return };
        let mut pattern = String::from("%");
        for c in fold(text).chars() {
            if matches!(c, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        pattern.push('%');
        let place = self.place(pattern.into());
        self.all.push(format!("{column} LIKE {place} ESCAPE '\\'"));
    }
}

/// Where a list comes from: the columns, the tables, and the order.
pub(super) struct Source<'a> {
    pub(super) columns: &'a str,
    pub(super) tables: &'a str,
    /// Ends with the id, so that no two entries are equal and pages never overlap.
    pub(super) order: String,
}

/// One page and how many there are in all.
pub(super) async fn page<R, T>(
    store: &Store,
    source: Source<'_>,
    conditions: Conditions,
    paging: Paging,
) -> Result<Page<T>, StoreError>
where
    R: Row,
    T: TryFrom<R, Error = StoreError>,
{
    let Source { columns, tables, order } = source;
    let (wanted, args) = conditions.into_parts();
    let count = format!("SELECT COUNT(*) FROM {tables} WHERE {wanted}");
    let total = composed(count, args.clone()).number(store.link()).await?;
    let (limit, offset) = (args.len() + 1, args.len() + 2);
    let rows: Vec<R> = composed(
        format!(
            "SELECT {columns} FROM {tables} WHERE {wanted} ORDER BY {order} \
             LIMIT ${limit} OFFSET ${offset}"
        ),
        args,
    )
    .bind(paging.limit)
    .bind(paging.offset)
    .all(store.link())
    .await?;
    let items = rows.into_iter().map(T::try_from).collect::<Result<_, _>>()?;
    Ok(Page { items, total: u64::try_from(total).unwrap_or(0) })
}

/// Ascending or descending, with the id last in the same direction.
pub(super) fn ordered(expression: &str, id: &str, descending: bool) -> String {
    let way = if descending { "DESC" } else { "ASC" };
    format!("{expression} {way}, {id} {way}")
}
