//! Query parameters as the document declares them. They are read by name inside a handler; that the names
//! are the same is checked by [`super::query::Query::done`].

use handover::model::UserId;
use utoipa::{
    ToSchema,
    openapi::{
        ArrayBuilder, ObjectBuilder, RefOr, Required,
        path::{Parameter as Declaration, ParameterBuilder, ParameterIn, ParameterStyle},
        schema::{Schema, Type},
    },
};

/// One query parameter.
pub(super) struct Parameter {
    name: &'static str,
    says: String,
    schema: RefOr<Schema>,
    list: bool,
}

impl Parameter {
    fn new(name: &'static str, says: impl Into<String>, schema: impl Into<RefOr<Schema>>) -> Self {
        Self { name, says: says.into(), schema: schema.into(), list: false }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn declaration(self) -> Declaration {
        let declaration = ParameterBuilder::new()
            .name(self.name)
            .parameter_in(ParameterIn::Query)
            .required(Required::False)
            .description(Some(self.says));
        let declaration = if self.list {
            let list = ArrayBuilder::new().items(self.schema);
            declaration.schema(Some(list)).style(Some(ParameterStyle::Form)).explode(Some(true))
        } else {
            declaration.schema(Some(self.schema))
        };
        declaration.build()
    }
}

/// One value of a type of the model.
pub(super) fn one<T: ToSchema>(name: &'static str, says: &str) -> Parameter {
    Parameter::new(name, says, T::schema())
}

/// Several values: the key repeated, or one comma list.
pub(super) fn many<T: ToSchema>(name: &'static str, says: &str) -> Parameter {
    Parameter { list: true, ..one::<T>(name, says) }
}

pub(super) fn flag(name: &'static str, says: &str) -> Parameter {
    Parameter::new(name, says, ObjectBuilder::new().schema_type(Type::Boolean))
}

/// A whole number within bounds; `u64::MAX` is no bound.
pub(super) fn number(
    name: &'static str,
    from: u64,
    to: u64,
    default: u64,
    says: &str,
) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(usize::try_from(from).ok())
        .maximum(usize::try_from(to).ok().filter(|_| to < u64::MAX))
        .default(Some(default.into()));
    Parameter::new(name, says, schema)
}

/// One of these words, and nothing else.
pub(super) fn word(name: &'static str, words: &[&str], says: &str) -> Parameter {
    let schema =
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.iter().copied()));
    Parameter::new(name, says, schema)
}

/// `orderBy` over the keys of a list, each also with a leading `-`.
pub(super) fn order<K>(keys: &[(&str, K)]) -> Parameter {
    let both = keys.iter().flat_map(|(key, _)| [(*key).to_owned(), format!("-{key}")]);
    let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(both));
    Parameter::new("orderBy", "What to sort by; descending with a leading -", schema)
}

/// `offset` and `limit`.
pub(super) fn page(most: u64, default: u64) -> [Parameter; 2] {
    [
        number("offset", 0, i64::MAX as u64, 0, "How many records to skip"),
        number("limit", 1, most, default, "The most records on one page"),
    ]
}

/// Free text of at most 100 characters, looked for in name, description and id.
pub(super) fn search() -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::String).max_length(Some(100));
    Parameter::new("search", "Only records whose name, description or id holds this text", schema)
}

/// The filters that all lists of entities have.
pub(super) fn common<Id: ToSchema>() -> [Parameter; 5] {
    [
        one::<UserId>("createdBy", "Only what this user made"),
        many::<Id>("ids", "Only these"),
        search(),
        many::<String>("tagKeys", "Only with a tag of one of these names"),
        many::<String>("tagValues", "Only with a tag of one of these values"),
    ]
}

/// A number from 0 to 1.
pub(super) fn fraction(name: &'static str, default: f64, says: &str) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Number)
        .minimum(Some(0))
        .maximum(Some(1))
        .default(Some(default.into()));
    Parameter::new(name, says, schema)
}
