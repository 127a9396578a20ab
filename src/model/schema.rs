//! How a noun that is written as text looks in the API document. Only the server has one, so nothing of
//! this is compiled for the browser.

/// Describes a type as a string; the closure says which strings.
macro_rules! text_schema {
    ($name:ident: |$text:ident| $narrow:expr) => {
        #[cfg(feature = "ssr")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let $text = utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String);
                $narrow.into()
            }
        }

        #[cfg(feature = "ssr")]
        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use text_schema;
