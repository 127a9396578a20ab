//! What the images of builds are called, and how one knows them by their names.
//!
//! An image that stays on the engine is `handover.invalid/<server>/<artifact>:<build>`, on a host that no registry
//! can have. With a registry of builds it is `<registry>/<artifact>@sha256:…`, the same bytes for ever.
//!
//! Such an image is the work of its build: a person who writes its name into another container would run what
//! others have built, without ever having been asked ([`super::settle`]).
//!
//! Known limitation: once the registry is another one, names in the former are taken for anybody's.

use std::{fmt, str::FromStr};

use crate::{
    engine::{docker::HERE, process::is_local},
    model::Build,
};

/// Digits of an id of ours.
const ID: usize = 24;

/// Where built images are pushed: `host[:port][/path]`, as it stands in their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registry(String);

impl Registry {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Registry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            Err(format!(
                "'{text}' is no registry: {why}; write it like registry.example.com:5000/team"
            ))
        };
        let (host, path) =
            text.split_once('/').map_or((text, None), |(host, path)| (host, Some(path)));
        let (name, port) =
            host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
        // A first word without these is taken for a part of the path, on a registry of everybody.
        if !(name.contains('.') || port.is_some() || name == "localhost") {
            return wrong("its host has neither a dot nor a port");
        }
        let fits = |word: &str, more: &[char]| {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            word.starts_with(plain)
                && word.ends_with(plain)
                && word.chars().all(|c| plain(c) || more.contains(&c))
        };
        if !fits(name, &['.', '-']) || port.is_some_and(|port| port.parse::<u16>().is_err()) {
            return wrong("its host is none");
        }
        if path.is_some_and(|path| !path.split('/').all(|word| fits(word, &['.', '-', '_']))) {
            return wrong(
                "its path has to be small letters and digits, with '.', '-' or '_' between them",
            );
        }
        if host == HERE {
            return wrong("that host is for images that stay on the engine");
        }
        Ok(Self(text.to_owned()))
    }
}

/// The name under which the engine makes an image; `number` tells those of one build apart. `instance` is this
/// server.
pub(super) fn name(
    build: &Build,
    number: usize,
    instance: &str,
    registry: Option<&Registry>,
) -> String {
    let place = registry.map_or_else(|| format!("{HERE}/{instance}"), Registry::to_string);
    let number = if number == 0 { String::new() } else { format!("-{}", number + 1) };
    format!("{place}/{}:{}{number}", build.artifact_id, build.id)
}

/// Whether this names an image that only a build can have made.
pub(super) fn is_built(image: &str, registry: Option<&Registry>) -> bool {
    let below = |place: &str| image.strip_prefix(place).and_then(|rest| rest.strip_prefix('/'));
    is_local(image)
        || below(HERE).is_some()
        || registry.and_then(|registry| below(registry.as_str())).is_some_and(begins_with_id)
}

/// Beside the images of builds there may be any others below a registry.
fn begins_with_id(rest: &str) -> bool {
    let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
    digits == ID && rest[digits..].chars().next().is_none_or(|next| next == ':' || next == '@')
}

#[cfg(test)]
mod tests {
    use super::{Registry, is_built, name};
    use crate::builds::tests::build;

    #[test]
    fn a_registry_is_a_host_and_perhaps_a_path() {
        for good in
            ["registry.example.com", "127.0.0.1:5000", "localhost/a", "r.io:443/team_1/x-y.z"]
        {
            assert_eq!(good.parse::<Registry>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "team",
            "https://r.io",
            "r.io/",
            "r.io//a",
            "r.io/Team",
            "r.io:no/a",
            "r.io/a:1",
            "R.io",
            "r.io/-a",
            ".io/a",
            "handover.invalid/a",
        ] {
            assert!(bad.parse::<Registry>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_names_of_builds_are_known_again_and_no_others() {
        let registry: Registry = "r.io:5000/team".parse().unwrap();
        let build = build();
        let here = name(&build, 0, "0a1b", None);
        assert_eq!(here, format!("handover.invalid/0a1b/{}:{}", build.artifact_id, build.id));
        let there = name(&build, 1, "0a1b", Some(&registry));
        assert_eq!(there, format!("r.io:5000/team/{}:{}-2", build.artifact_id, build.id));
        let pushed = format!("r.io:5000/team/{}@sha256:00", build.artifact_id);
        for image in [&*here, &there, &pushed, "handover/local@sha256:00", "handover.invalid/x"] {
            assert!(is_built(image, Some(&registry)), "{image}");
        }
        assert!(is_built(&here, None) && !is_built(&there, None));
        let deeper = format!("r.io:5000/team/{}/shop:1", build.artifact_id);
        for other in
            ["r.io:5000/team/shop:1", "r.io:5000/teams/x", &deeper, "handover.invalidity/a"]
        {
            assert!(!is_built(other, Some(&registry)), "{other}");
        }
    }
}
