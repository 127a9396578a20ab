//! Which credential a registry of images is shown (rules.md §16).
//!
//! An artifact names an image and no credential, so the name has to decide: of the credentials for the image's
//! registry the one that names the longest part of its path is taken, as other clients of registries do. A
//! credential serves the workloads of whoever keeps it; that of an administrator serves the organisation.
//!
//! Known limitation: an image that is on the engine already is used without asking its registry again, so
//! whoever may run images here can run it too, if they know its name.

use std::collections::BTreeMap;

use crate::{engine::Login, model::SecretText};

/// What a name without a registry means.
const HUB: &str = "docker.io";

/// A registry, or a part of what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    host: String,
    /// Parts of a path; none for all of the registry.
    path: Vec<String>,
}

impl Place {
    /// As people write it: `registry.example.com:5000`, `https://registry.example.com/team/`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let bare = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let bare = bare.unwrap_or(text).trim_end_matches('/');
        let mut parts = bare.split('/').map(str::to_ascii_lowercase);
        let host = parts.next().filter(|host| is_host(host))?;
        let path: Vec<String> = parts.collect();
        let written = |part: &String| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
            !part.is_empty() && part.chars().all(allowed)
        };
        if !path.iter().all(written) {
            return None;
        }
        if is_hub(&host) {
            // The old address of the hub ends in the version of its protocol.
            let path = if path == ["v1"] { Vec::new() } else { path };
            return Some(Self { host: HUB.to_owned(), path });
        }
        Some(Self { host, path })
    }

    /// Where an image is, from its name.
    fn of_image(image: &str) -> Self {
        let name = image.split('@').next().unwrap_or(image);
        let mut parts: Vec<String> = name.split('/').map(str::to_ascii_lowercase).collect();
        let named = parts.len() > 1 && is_host(&parts[0]);
        let host = if named { parts.remove(0) } else { HUB.to_owned() };
        if host == HUB && parts.len() == 1 {
            parts.insert(0, "library".to_owned());
        }
        if let Some(last) = parts.last_mut() {
            last.truncate(last.find(':').unwrap_or(last.len()));
        }
        let host = if is_hub(&host) { HUB.to_owned() } else { host };
        Self { host, path: parts }
    }

    fn holds(&self, image: &Self) -> bool {
        self.host == image.host && image.path.starts_with(&self.path)
    }
}

/// A first part without dot or port is a folder of the hub, not a host.
fn is_host(text: &str) -> bool {
    let (name, port) = text.rsplit_once(':').unwrap_or((text, "0"));
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-[]:".contains(c);
    let dotted = text.contains(['.', ':']) || text == "localhost";
    dotted && !name.is_empty() && name.chars().all(allowed) && port.parse::<u16>().is_ok()
}

fn is_hub(host: &str) -> bool {
    [HUB, "index.docker.io", "registry-1.docker.io"].contains(&host)
}

/// A credential that may be used, and what it is for.
pub(super) struct Candidate {
    place: Place,
    /// It is kept by the person in whose name the registry is asked.
    own: bool,
    login: Login,
}

impl Candidate {
    /// None when a field is missing, which a stored credential's never are.
    pub(super) fn new(
        name: String,
        own: bool,
        mut fields: BTreeMap<String, String>,
    ) -> Option<Self> {
        let place = Place::read(&fields.remove("registry")?)?;
        let (user, password) = (fields.remove("user")?, SecretText(fields.remove("password")?));
        let login = Login { name, host: place.host.clone(), user, password };
        Some(Self { place, own, login })
    }
}

/// The one for this image: with the longest path, then one's own, then the first.
pub(super) fn best(candidates: Vec<Candidate>, image: &str) -> Option<Login> {
    let image = Place::of_image(image);
    let fitting = candidates.into_iter().filter(|candidate| candidate.place.holds(&image));
    // The last of several that weigh the same would be taken.
    let first_wins = fitting.collect::<Vec<_>>().into_iter().rev();
    let best = first_wins.max_by_key(|candidate| (candidate.place.path.len(), candidate.own));
    best.map(|candidate| candidate.login)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Candidate, Place, best};

    fn candidate(name: &str, registry: &str, own: bool) -> Candidate {
        let fields = [("registry", registry), ("user", "me"), ("password", "secret")];
        let fields: BTreeMap<_, _> =
            fields.map(|(field, value)| (field.to_owned(), value.to_owned())).into();
        Candidate::new(name.to_owned(), own, fields).unwrap()
    }

    fn chosen(of: &[(&str, &str, bool)], image: &str) -> Option<String> {
        let all = of.iter().map(|(name, registry, own)| candidate(name, registry, *own));
        best(all.collect(), image).map(|login| login.name)
    }

    #[test]
    fn the_name_of_an_image_says_which_credential_its_registry_is_shown() {
        let kept = [
            ("all", "registry.example.com:5000", false),
            ("team", "https://registry.example.com:5000/team/", false),
            ("mine", "registry.example.com:5000", true),
            ("hub", "https://index.docker.io/v1/", false),
        ];
        let chosen = |image: &str| chosen(&kept, image);
        assert_eq!(chosen("registry.example.com:5000/shop:1").as_deref(), Some("mine"));
        assert_eq!(
            chosen("registry.example.com:5000/team/shop@sha256:ab").as_deref(),
            Some("team")
        );
        // A part of a path is a whole part.
        assert_eq!(chosen("registry.example.com:5000/teams/shop").as_deref(), Some("mine"));
        assert_eq!(chosen("registry.example.com/shop:1"), None, "another port is another registry");
        for image in ["busybox", "busybox:1", "team/shop", "docker.io/team/shop:2"] {
            assert_eq!(chosen(image).as_deref(), Some("hub"), "{image}");
        }
    }

    #[test]
    fn of_two_for_the_same_the_first_is_taken() {
        let kept = [("newer", "localhost:5000", false), ("older", "localhost:5000", false)];
        assert_eq!(chosen(&kept, "localhost:5000/shop").as_deref(), Some("newer"));
    }

    #[test]
    fn what_is_no_registry_is_told_from_what_is_one() {
        for good in ["localhost", "127.0.0.1:5000", "r.example.com/a/b", "[::1]:5000", "docker.io"]
        {
            assert!(Place::read(good).is_some(), "{good}");
        }
        for bad in ["", "registry", "r.example.com/a//b", "r.example.com:port", "a b.com", "/x"] {
            assert!(Place::read(bad).is_none(), "{bad}");
        }
    }
}
