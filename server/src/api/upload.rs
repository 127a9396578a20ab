//! Uploads: multipart bodies that go to the disk as they come. They have limits of their own, far beyond those
//! of other bodies, and are never held in memory.

use std::pin::Pin;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::header,
};
use futures::{Stream, stream};
use handover::{
    error::{Error, FieldError},
    model::Overwrite,
};
use multer::{Constraints, Field, Multipart, SizeLimit};
use utoipa::{
    PartialSchema,
    openapi::{
        ContentBuilder, ObjectBuilder, RefOr, Required, request_body::RequestBodyBuilder,
        schema::Type,
    },
};

use super::{
    error::ApiError,
    refusal::Refusal,
    sketch::{Sketch, Takes},
};

/// The part that is the file.
const FILE: &str = "file";
/// A file of a folder that a browser sends whole; its name begins with that of the folder.
const FOLDER: &str = "folder";
/// The parts that a program sends as files, and those that a page does.
const OF_PROGRAMS: &[&str] = &[FILE];
const OF_PAGES: &[&str] = &[FILE, FOLDER];
/// Bytes of everything that is not the file.
const SMALL: u64 = 64 * 1024;

/// A multipart body, read part by part.
pub(crate) struct Upload {
    parts: Multipart<'static>,
    /// What its files are called.
    files: &'static [&'static str],
    fields: Vec<(String, String)>,
}

/// The file of an upload, whose content is still on its way.
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) content: Pin<Box<dyn Stream<Item = Result<Bytes, multer::Error>> + Send>>,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        Ok(Self::read(request, OF_PROGRAMS)?)
    }
}

impl Upload {
    /// Of a form on a page, which sends several files at once.
    pub(crate) fn of_page(request: Request) -> Result<Self, Error> {
        Self::read(request, OF_PAGES)
    }

    fn read(request: Request, files: &'static [&'static str]) -> Result<Self, Error> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let boundary =
            kind.and_then(|kind| multer::parse_boundary(kind).ok()).ok_or_else(|| {
                let text = "the body has to be multipart/form-data with a part 'file'";
                Error::BadRequest(text.into())
            })?;
        // The file is bounded by the use case that takes it in.
        let small = SizeLimit::new().per_field(SMALL);
        let limits = files.iter().fold(small, |all, name| all.for_field(*name, u64::MAX));
        let body = request.into_body().into_data_stream();
        let parts =
            Multipart::with_constraints(body, boundary, Constraints::new().size_limit(limits));
        Ok(Self { parts, files, fields: Vec::new() })
    }
}

impl Takes for Upload {
    fn describe(sketch: &mut Sketch) {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let flag = || ObjectBuilder::new().schema_type(Type::Boolean);
        let form = ObjectBuilder::new()
            .property(FILE, text().content_media_type("application/octet-stream"))
            .required(FILE)
            .property("overwrite", Overwrite::schema())
            .property("useArchiveContents", flag())
            .property("isExecutable", flag());
        let content = ContentBuilder::new().schema(Some(form)).build();
        let body = RequestBodyBuilder::new()
            .required(Some(Required::True))
            .description(Some("The file name of the part is the path of the file"))
            .content("multipart/form-data", content)
            .build();
        sketch.operation.request_body = Some(RefOr::T(body));
        for refusal in [Refusal::BadRequest, Refusal::TooLarge, Refusal::Invalid] {
            sketch.refuse(refusal);
        }
    }
}

impl Upload {
    /// Reads up to the file.
    pub(super) async fn file(&mut self) -> Result<File, ApiError> {
        if let Some(file) = self.next_file().await? {
            return Ok(file);
        }
        let missing = FieldError::body(FILE, "a part 'file' with a file name is required");
        Err(ApiError::UseCase(Error::Invalid(vec![missing.code("missing")])))
    }

    /// Reads what comes after the file, once all of that has been read.
    pub(super) async fn rest(&mut self) -> Result<(), ApiError> {
        match self.next_file().await? {
            None => Ok(()),
            Some(_) => {
                let twice = FieldError::body(FILE, "one file at a time");
                Err(ApiError::UseCase(Error::Invalid(vec![twice])))
            }
        }
    }

    /// Reads up to the next file, of those that a form has sent together. What is left of the one before is
    /// passed over.
    pub(crate) async fn next_file(&mut self) -> Result<Option<File>, Error> {
        while let Some(part) = self.parts.next_field().await.map_err(unread)? {
            let Some(field) = part.name().filter(|name| self.files.contains(name)) else {
                self.note(part).await?;
                continue;
            };
            let given = part.file_name().unwrap_or_default();
            // What a folder is called where it comes from is no part of the code.
            let inside = given.split_once('/').filter(|_| field == FOLDER);
            let name = inside.map_or(given, |(_, rest)| rest).to_owned();
            return Ok(Some(File { name, content: Box::pin(chunks(part)) }));
        }
        Ok(None)
    }

    async fn note(&mut self, part: Field<'static>) -> Result<(), Error> {
        let name = part.name().unwrap_or_default().to_owned();
        let value = part.text().await.map_err(unread)?;
        self.fields.push((name, value));
        Ok(())
    }

    /// A form field that has been read by now; an empty one counts as not given.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let given = self.fields.iter().rev().find(|(field, _)| field == name);
        given.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// A form field that says yes or no.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.field(name).map(str::to_ascii_lowercase).as_deref() {
            None => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(_) => {
                let wrong = FieldError::body(name, "true or false");
                Err(ApiError::UseCase(Error::Invalid(vec![wrong])))
            }
        }
    }
}

fn chunks(part: Field<'static>) -> impl Stream<Item = Result<Bytes, multer::Error>> + Send {
    stream::unfold(part, |mut part| async {
        let chunk = part.chunk().await.transpose()?;
        Some((chunk, part))
    })
}

fn unread(error: multer::Error) -> Error {
    match error {
        multer::Error::FieldSizeExceeded { .. } => {
            Error::TooLarge("a form field is larger than 64 KiB".into())
        }
        error => Error::BadRequest(format!("the upload could not be read: {error}")),
    }
}
