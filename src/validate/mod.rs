//! What clients may send, checked before anything is stored (rules.md §5.2, §5.3).
//!
//! Shapes and types are checked while a body is read; here is what depends on more than one field, and
//! what is filled in. Everything that is wrong is found at once. What a client left out stays out, apart
//! from names, `primary`, a primary's port and the bounds of autoscaling, because clients compare what
//! they sent with what they read.
//!
//! Known limitation: credentials and code references are checked for shape only; that what they name exists
//! is not known here.

mod container;
mod merge;
mod runtime;
mod scaling;
mod spec;

pub use merge::{merge_runtime, settled_runtime};
pub use runtime::runtime;
pub use scaling::scaling_metrics;
pub use spec::{elevated, images, nim_only, spec};

use crate::error::{Error, FieldError, Findings, Place, Step};

/// Names of workloads and artifacts: 1 to 5000 characters, not only blanks.
pub fn name(given: &str, path: &str, findings: &mut Findings) {
    let length = given.chars().count();
    findings.check(
        length <= 5000 && !given.trim().is_empty(),
        path,
        "a name has 1 to 5000 characters, not only blanks",
    );
}

/// Moves the wrong fields of an object to where that object sits in the body.
pub fn under(prefix: &str, error: Error) -> Error {
    let moved = |field: FieldError| match field.place {
        Place::Body => {
            let prefix = prefix.split('.').map(|part| Step::Field(part.to_owned()));
            FieldError { path: prefix.chain(field.path).collect(), ..field }
        }
        _ => field,
    };
    match error {
        Error::Invalid(fields) => Error::Invalid(fields.into_iter().map(moved).collect()),
        other => other,
    }
}
