//! Why an action was not done, on its way from a server function to the page.

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// A sentence for the banner, and what is wrong with which field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    pub message: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Fault>,
}

/// One field, by its dotted path, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub field: String,
    pub message: String,
}

impl Refusal {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), fields: Vec::new() }
    }

    pub fn at(field: &str, message: impl Into<String>) -> Self {
        let fault = Fault { field: field.into(), message: message.into() };
        Self { message: format!("{field}: {}", fault.message), fields: vec![fault] }
    }
}

impl FromServerFnError for Refusal {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self::new(match error {
            ServerFnErrorErr::Request(_) => {
                "The console can't be reached: nothing was done. Try again when it is back.".into()
            }
            ServerFnErrorErr::Args(why) | ServerFnErrorErr::MissingArg(why) => {
                format!("The form was not complete: {why}.")
            }
            other => format!("{other}."),
        })
    }
}

#[cfg(feature = "ssr")]
impl From<handover::error::Error> for Refusal {
    fn from(error: handover::error::Error) -> Self {
        use handover::error::Error;
        if let Error::Store(_) | Error::Engine(_) | Error::Disk(_) = &error {
            tracing::error!(error = &error as &dyn std::error::Error, "an action failed");
        }
        let message = error.to_string();
        let fields = match error {
            Error::Invalid(found) => found
                .into_iter()
                .map(|fault| Fault { field: fault.dotted(), message: fault.message })
                .collect(),
            _ => Vec::new(),
        };
        Self { message: sentence(&message), fields }
    }
}

/// With a capital and a full stop.
#[cfg(feature = "ssr")]
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::{Refusal, sentence};
    use handover::error::Findings;

    #[test]
    fn every_wrong_field_is_named() {
        let mut findings = Findings::default();
        findings.add("runtime.containerGroups.0.replicaCount", "use 1 to 100");
        findings.add("name", "is missing");
        let refusal = Refusal::from(findings.done().expect_err("two findings"));
        assert_eq!(refusal.fields[0].field, "runtime.containerGroups.0.replicaCount");
        assert_eq!(refusal.fields[1].message, "is missing");
        assert_eq!(sentence("it is running"), "It is running.");
    }
}
