//! What can go wrong in a use case. Each variant is one kind of answer; the server turns it into HTTP in
//! one place (`server/src/api/error.rs`), the console into a banner.

use std::fmt;

use crate::{engine::EngineError, store::StoreError};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No, or no valid, credentials.
    #[error("sign in, or send a valid bearer token")]
    Unauthorized,
    /// The caller may see the entity, but may not do this. A sentence.
    #[error("{0}")]
    Forbidden(String),
    /// It does not exist, or the caller may not know that it does.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The request contradicts itself or what it is addressed to. A sentence.
    #[error("{0}")]
    BadRequest(String),
    /// The state does not allow it now. A sentence that says what to do.
    #[error("{0}")]
    Conflict(String),
    /// It is not any more what the caller said it is.
    #[error("it was changed since you read it: read it again, then repeat what you wanted")]
    Changed,
    /// Well-formed, but this can't be done to an entity in this state. A sentence.
    #[error("{0}")]
    Refused(String),
    /// Fields that hold what they may not hold.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<FieldError>),
    /// An upload beyond what is accepted. A sentence.
    #[error("{0}")]
    TooLarge(String),
    /// Too many attempts; try again later.
    #[error("too many attempts: wait a minute, then try again")]
    TooMany,
    #[error("{}", stored(.0))]
    Store(#[source] StoreError),
    #[error("the server's disk could not take it or give it: {0}")]
    Disk(#[source] std::io::Error),
    #[error("the engine can't be reached: {0}")]
    Engine(#[from] EngineError),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { .. } => Self::Conflict(
                "somebody else changed it at the same moment: look at it again, then repeat what you wanted".into(),
            ),
            other => Self::Store(other),
        }
    }
}

impl Error {
    /// Whether trying again may help: nothing is wrong but the moment.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Store(error) => error.is_passing(),
            Self::Disk(_) | Self::Engine(_) | Self::TooMany => true,
            _ => false,
        }
    }
}

/// Trying again does not mend what is damaged, so nobody is told to.
const fn stored(error: &StoreError) -> &'static str {
    if error.is_passing() {
        "the database can't be reached or is busy: nothing was changed; try again"
    } else {
        "what is stored can't be read or written as it is: nothing was changed; the server's log says where"
    }
}

/// One field and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    pub place: Place,
    /// From the outside in: `spec`, `containerGroups`, `0`, `name`.
    pub path: Vec<Step>,
    pub message: String,
    /// A short machine-readable word such as `missing` or `extra_forbidden`.
    pub code: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Body,
    Query,
    Path,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Field(String),
    Index(usize),
}

impl FieldError {
    /// A wrong field of the body. `path` is dotted; numbers in it are positions in a list.
    pub fn body(path: &str, message: impl Into<String>) -> Self {
        Self::at(Place::Body, path, message)
    }

    pub fn query(name: &str, message: impl Into<String>) -> Self {
        Self::at(Place::Query, name, message)
    }

    pub fn path(name: &str, message: impl Into<String>) -> Self {
        Self::at(Place::Path, name, message)
    }

    fn at(place: Place, path: &str, message: impl Into<String>) -> Self {
        let step = |part: &str| match part.parse() {
            Ok(index) => Step::Index(index),
            Err(_) => Step::Field(part.to_owned()),
        };
        let path = path.split('.').filter(|part| !part.is_empty()).map(step).collect();
        Self { place, path, message: message.into(), code: "invalid" }
    }

    #[must_use]
    pub fn code(mut self, code: &'static str) -> Self {
        self.code = code;
        self
    }

    /// The dotted path, without the place.
    pub fn dotted(&self) -> String {
        self.path.iter().map(ToString::to_string).collect::<Vec<_>>().join(".")
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => f.write_str(name),
            Self::Index(index) => write!(f, "{index}"),
        }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.dotted(), self.message)
        }
    }
}

/// Collects wrong fields, so that a person hears of all of them at once.
#[derive(Debug, Default)]
pub struct Findings(Vec<FieldError>);

impl Findings {
    pub fn add(&mut self, path: &str, message: impl Into<String>) {
        self.0.push(FieldError::body(path, message));
    }

    pub fn check(&mut self, holds: bool, path: &str, message: impl Into<String>) {
        if !holds {
            self.add(path, message);
        }
    }

    /// # Errors
    /// [`Error::Invalid`] when anything was found.
    pub fn done(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}
