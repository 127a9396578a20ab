//! Why there is no image, or none at its registry, in words for its author.

use bollard::errors::Error;

use super::link::{is_away, said};
use crate::model::Bytes;

/// Why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unbuilt {
    /// The engine could not do it now. Asked again it may.
    Away(String),
    /// Asked again it would be the same.
    Failed(String),
}

/// At what.
#[derive(Debug, Clone, Copy)]
pub(super) enum Doing<'a> {
    /// With at most so many bytes of memory.
    Building {
        memory: u64,
    },
    Pushing {
        name: &'a str,
    },
}

impl Unbuilt {
    pub(super) fn because(error: &Error, doing: Doing<'_>) -> Self {
        let said = said(error);
        if is_away(error) {
            return Self::Away(format!("the container engine does not answer ({said})"));
        }
        Self::Failed(sentence(&said, doing))
    }

    /// It is also what an engine says that is just being stopped.
    pub(super) fn may_be_the_engines_end(&self) -> bool {
        let Self::Failed(text) = self else { return false };
        ["137", "143", "context canceled", "closed", "EOF"].iter().any(|part| text.contains(part))
    }
}

fn sentence(said: &str, doing: Doing<'_>) -> String {
    let lower = said.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    if has(&["no space left on device"]) {
        return format!("the disk of the container engine is full ({said})");
    }
    if let Some((command, code)) = said.split_once(" returned a non-zero code: ") {
        let command = command.replacen("The command", "the command", 1);
        return match (code.trim(), doing) {
            ("137", Doing::Building { memory }) => format!(
                "{command} was killed (exit code 137), as a command is that uses more than {} of memory",
                Bytes(memory)
            ),
            (code, _) => format!("{command} ended with exit code {code}"),
        };
    }
    // Podman's words.
    if let Some((step, code)) = said.split_once(": while running runtime: exit status ") {
        return format!("{step} ended with exit code {}", code.trim());
    }
    let (whose, refused) = match doing {
        Doing::Building { .. } => (
            "a base image can't be pulled",
            "its registry does not give it to us: a credential of type registry may be missing"
                .to_owned(),
        ),
        Doing::Pushing { name } => (
            "the image can't be pushed",
            format!(
                "the registry of {name} refuses it: a credential of type registry that may write is needed"
            ),
        ),
    };
    let why = if has(&["no matching manifest", "does not match the specified platform"]) {
        "it is not for this kind of machine"
    } else if has(&[
        "manifest unknown",
        "manifest for",
        "name unknown",
        "repository does not exist",
    ]) {
        "the registry has no such image, or does not show it without a credential"
    } else if has(&[
        "unauthorized",
        "access denied",
        "access to the resource is denied",
        "no basic auth",
        "authentication required",
    ]) {
        &refused
    } else if has(&[
        "connection refused",
        "no such host",
        "i/o timeout",
        "unreachable",
        "deadline exceeded",
    ]) && has(&["dial tcp", "get \"http", "post \"http", "head \"http", "put \"http"])
    {
        "the registry can't be reached"
    } else if let Doing::Pushing { .. } = doing {
        "the registry did not take it"
    } else {
        return said.to_owned();
    };
    format!("{whose}: {why} ({said})")
}

#[cfg(test)]
mod tests {
    use bollard::errors::Error;

    use super::{Doing, Unbuilt};

    fn because(said: &str, doing: Doing<'_>) -> Unbuilt {
        Unbuilt::because(&Error::DockerStreamError { error: said.to_owned() }, doing)
    }

    #[test]
    fn what_engines_say_becomes_a_sentence_for_people() {
        let cases = [
            (
                "The command '/bin/sh -c exit 7' returned a non-zero code: 7",
                "the command '/bin/sh -c exit 7' ended with exit code 7",
            ),
            (
                "The command 'make' returned a non-zero code: 137",
                "the command 'make' was killed (exit code 137), as a command is that uses more than 2 GB of memory",
            ),
            (
                "building at STEP \"RUN exit 7\": while running runtime: exit status 7\n",
                "building at STEP \"RUN exit 7\" ended with exit code 7",
            ),
            (
                "manifest for shop:9 not found: manifest unknown: manifest unknown",
                "a base image can't be pulled: the registry has no such image",
            ),
            (
                "Get \"http://r.io/v2/\": dial tcp 127.0.0.1:9: connect: connection refused",
                "a base image can't be pulled: the registry can't be reached",
            ),
            (
                "pull access denied for shop, repository does not exist or may require 'docker login'",
                "a base image can't be pulled: the registry has no such image, or does not show it",
            ),
            ("write /a: no space left on device", "the disk of the container engine is full"),
            (
                "COPY failed: stat nope: file does not exist",
                "COPY failed: stat nope: file does not exist",
            ),
        ];
        for (said, wanted) in cases {
            let unbuilt = because(said, Doing::Building { memory: 2_000_000_000 });
            let Unbuilt::Failed(text) = unbuilt else { panic!("{said}: {unbuilt:?}") };
            assert!(text.starts_with(wanted), "{text}");
        }
        for (said, wanted) in [
            ("unauthorized: authentication required", "refuses it"),
            ("denied: requested access to the resource is denied", "refuses it"),
            ("received unexpected HTTP status: 500 Internal Server Error", "did not take it"),
        ] {
            let unbuilt = because(said, Doing::Pushing { name: "r.io/a:1" });
            let Unbuilt::Failed(text) = unbuilt else { panic!("{said}: {unbuilt:?}") };
            assert!(text.contains(wanted) && text.contains(said), "{text}");
        }
    }

    #[test]
    fn an_engine_that_is_gone_is_nobodys_fault() {
        let gone = Error::IOError { err: std::io::ErrorKind::ConnectionReset.into() };
        let unbuilt = Unbuilt::because(&gone, Doing::Building { memory: 1 });
        assert!(matches!(unbuilt, Unbuilt::Away(_)));
        let killed =
            because("The command 'a' returned a non-zero code: 137", Doing::Building { memory: 1 });
        assert!(killed.may_be_the_engines_end());
        let wrong =
            because("The command 'a' returned a non-zero code: 1", Doing::Building { memory: 1 });
        assert!(!wrong.may_be_the_engines_end());
    }
}
