//! How credentials look in the API document: one schema for each type, because each has other fields. Clients
//! read the names of the fields from there.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, OneOfBuilder, Ref, RefOr,
        schema::{AdditionalProperties, KnownFormat, Schema, SchemaFormat, Type},
    },
};

use super::{CredentialKind, EditCredential, NewCredential};

impl CredentialKind {
    /// `ApiTokenCredentials`.
    fn schema_name(self) -> String {
        let words = self.word().split('_').map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        });
        words.chain(["Credentials".to_owned()]).collect()
    }

    fn schema_of_fields(self) -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let name = text().min_length(Some(1)).max_length(Some(255));
        let mut object = ObjectBuilder::new()
            .property("name", name.description(Some("Unique in the organisation, in any case")))
            .required("name")
            .property("credentialType", text().enum_values(Some([self.word()])))
            .required("credentialType")
            .property("description", text());
        for field in self.fields() {
            let secret = text()
                .min_length(Some(1))
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)));
            object = object.property(field.name, secret);
            if field.required {
                object = object.required(field.name);
            }
        }
        object.additional_properties(Some(AdditionalProperties::FreeForm(false))).into()
    }
}

impl PartialSchema for NewCredential {
    fn schema() -> RefOr<Schema> {
        let all = CredentialKind::ALL.iter();
        all.fold(OneOfBuilder::new(), |any, kind| {
            any.item(Ref::from_schema_name(kind.schema_name()))
        })
        .into()
    }
}

/// Which values there may be depends on the type of what is edited.
impl PartialSchema for EditCredential {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        ObjectBuilder::new()
            .property("name", text().min_length(Some(1)).max_length(Some(255)))
            .property("description", text())
            .additional_properties(Some(AdditionalProperties::RefOr(text().into())))
            .into()
    }
}

impl ToSchema for EditCredential {}

impl ToSchema for NewCredential {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        let each = CredentialKind::ALL.iter();
        schemas.extend(each.map(|kind| (kind.schema_name(), kind.schema_of_fields())));
    }
}
