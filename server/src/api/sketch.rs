//! What a handler takes and gives, written into the API document. The types of a handler are the source:
//! an extractor says which parameters, body and refusals come with it, an answer says its status and shape.
//! So the document can't claim what the code does not do.
//!
//! Known limitation: query parameters are read by name inside a handler, so they are declared beside it
//! (see [`super::parameter`]); builds with debug assertions stop when the two differ.

use std::{collections::BTreeMap, convert::Infallible};

use axum::{
    Extension, Json,
    extract::{OriginalUri, State},
    http::{HeaderMap, Method},
};
use utoipa::{
    ToSchema,
    openapi::{
        ContentBuilder, Ref, RefOr, Required, Response, ResponseBuilder,
        path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
        request_body::RequestBodyBuilder,
        schema::Schema,
        security::SecurityRequirement,
    },
};

use super::{error::ApiError, refusal::Refusal};

/// The name of the way to sign in that operations refer to.
pub(super) const BEARER: &str = "token";

/// The named schemas that operations refer to.
pub(super) type Schemas = BTreeMap<String, RefOr<Schema>>;

/// One operation while it is put together.
#[derive(Default)]
pub(super) struct Sketch {
    pub(super) operation: Operation,
    pub(super) schemas: Schemas,
}

impl Sketch {
    pub(super) fn new(summary: &str) -> Self {
        let operation = OperationBuilder::new().summary(Some(summary)).build();
        Self { operation, schemas: Schemas::new() }
    }

    /// A reference to the schema of a named type, which the document will hold.
    pub(super) fn schema<T: ToSchema>(&mut self) -> Ref {
        let mut found = vec![(T::name().into_owned(), T::schema())];
        T::schemas(&mut found);
        self.schemas.extend(found);
        Ref::from_schema_name(T::name())
    }

    /// The caller must be known, and may turn out to be one who may not.
    pub(super) fn signed_in(&mut self) {
        let none: [&str; 0] = [];
        self.operation.security = Some(vec![SecurityRequirement::new(BEARER, none)]);
        self.refuse(Refusal::Unauthorized);
        self.refuse(Refusal::Forbidden);
    }

    pub(super) fn parameter(&mut self, parameter: Parameter) {
        let known = self.operation.parameters.get_or_insert_default();
        known.push(RefOr::T(parameter));
    }

    /// An id that is part of the path.
    pub(super) fn in_path<T: ToSchema>(&mut self, name: &str, says: String) {
        self.parameter(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .description(Some(says))
                .schema(Some(T::schema()))
                .build(),
        );
        self.refuse(Refusal::NotFound);
    }

    /// A body in JSON.
    pub(super) fn takes<T: ToSchema>(&mut self, required: Required) {
        let schema = self.schema::<T>();
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let body = RequestBodyBuilder::new()
            .required(Some(required))
            .content("application/json", content)
            .build();
        self.operation.request_body = Some(RefOr::T(body));
        self.refuse(Refusal::BadRequest);
        self.refuse(Refusal::TooLarge);
        self.refuse(Refusal::Invalid);
    }

    /// An answer with a body in JSON.
    pub(super) fn gives<T: ToSchema>(&mut self, status: u16, says: &str) {
        let schema = self.schema::<T>();
        self.gives_schema(status, says, "application/json", schema);
    }

    pub(super) fn gives_schema(
        &mut self,
        status: u16,
        says: &str,
        media_type: &str,
        schema: impl Into<RefOr<Schema>>,
    ) {
        let content = ContentBuilder::new().schema(Some(schema)).build();
        let answer = ResponseBuilder::new().description(says).content(media_type, content).build();
        self.answer(status, answer);
    }

    /// A text, in whichever of these types was asked for.
    pub(super) fn gives_texts<const N: usize>(
        &mut self,
        status: u16,
        says: &str,
        media_types: [&str; N],
    ) {
        let answer = ResponseBuilder::new().description(says);
        let answer = media_types.into_iter().fold(answer, |answer, media_type| {
            let text = utoipa::openapi::Object::with_type(utoipa::openapi::schema::Type::String);
            let text = RefOr::from(Schema::from(text));
            answer.content(media_type, ContentBuilder::new().schema(Some(text)).build())
        });
        self.answer(status, answer.build());
    }

    /// An answer without a body.
    pub(super) fn gives_nothing(&mut self, status: u16, says: &str) {
        self.answer(status, Response::new(says));
    }

    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.answer(refusal.status().as_u16(), Ref::from_response_name(refusal.name()));
    }

    fn answer(&mut self, status: u16, answer: impl Into<RefOr<Response>>) {
        self.operation.responses.responses.insert(status.to_string(), answer.into());
    }
}

/// A part of a request.
pub(super) trait Takes {
    fn describe(sketch: &mut Sketch);
}

/// What comes back.
pub(super) trait Gives {
    fn describe(sketch: &mut Sketch);
}

/// A handler whose parts all say what they are. `Parts` only tells the handlers of different arity apart.
pub(super) trait Described<Parts> {
    fn describe(sketch: &mut Sketch);
}

macro_rules! described {
    ($($part:ident)*) => {
        impl<Handler, Answer, Given, $($part),*> Described<($($part,)*)> for Handler
        where
            Handler: Fn($($part),*) -> Answer,
            Answer: Future<Output = Given>,
            Given: Gives,
            $($part: Takes,)*
        {
            fn describe(sketch: &mut Sketch) {
                $($part::describe(sketch);)*
                Given::describe(sketch);
            }
        }
    };
}
described!();
described!(A);
described!(A B);
described!(A B C);
described!(A B C D);
described!(A B C D E);
described!(A B C D E F);
described!(A B C D E F G);
described!(A B C D E F G H);

/// Parts that a client knows nothing of.
macro_rules! silent {
    ($($part:ty $(, $generic:ident)?;)*) => {$(
        impl$(<$generic>)? Takes for $part {
            fn describe(_: &mut Sketch) {}
        }
    )*};
}
silent! {
    State<S>, S;
    Extension<T>, T;
    HeaderMap;
    Method;
    OriginalUri;
}

impl<T: Takes> Takes for Option<T> {
    fn describe(sketch: &mut Sketch) {
        T::describe(sketch);
    }
}

impl<T: ToSchema> Gives for Json<T> {
    fn describe(sketch: &mut Sketch) {
        sketch.gives::<T>(200, "Done");
    }
}

/// Headers in front of an answer change nothing of its shape.
impl<T: Gives> Gives for (HeaderMap, T) {
    fn describe(sketch: &mut Sketch) {
        T::describe(sketch);
    }
}

impl<T: Gives> Gives for Result<T, ApiError> {
    fn describe(sketch: &mut Sketch) {
        T::describe(sketch);
        sketch.refuse(Refusal::Unavailable);
    }
}

impl<T: Gives> Gives for Result<T, Infallible> {
    fn describe(sketch: &mut Sketch) {
        T::describe(sketch);
    }
}
