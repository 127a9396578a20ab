//! Names of images, as people write them and as engines write them back: `docker.io/library/shop` and `shop:latest`
//! are the same.

/// Name and tag, or name and digest. Without either it would mean all tags there are.
pub(super) fn split(name: &str) -> (&str, &str) {
    if let Some((image, digest)) = name.split_once('@') {
        // A tag beside a digest says nothing.
        return (without_tag(image).0, digest);
    }
    let (image, tag) = without_tag(name);
    (image, tag.unwrap_or("latest"))
}

fn without_tag(name: &str) -> (&str, Option<&str>) {
    // A colon before the last slash is that of a port.
    let last = name.rfind('/').map_or(0, |at| at + 1);
    match name[last..].find(':') {
        Some(at) => (&name[..last + at], Some(&name[last + at + 1..])),
        None => (name, None),
    }
}

/// Without what stands for the registry that is meant when none is named.
fn plain(repository: &str) -> &str {
    let hub = ["docker.io/", "index.docker.io/"];
    let bare = hub.iter().find_map(|hub| repository.strip_prefix(hub)).unwrap_or(repository);
    bare.strip_prefix("library/").unwrap_or(bare)
}

/// Whether two names, with or without their tags, mean the same.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    let ((one, tag), (other, same)) = (split(one), split(other));
    (plain(one), tag) == (plain(other), same)
}

/// Of the names by digest that an engine has for an image, the one of this name's repository.
pub(super) fn by_digest(digests: Vec<String>, name: &str) -> Option<String> {
    let repository = plain(split(name).0);
    digests
        .into_iter()
        .find(|digest| digest.split_once('@').is_some_and(|(of, _)| plain(of) == repository))
}

#[cfg(test)]
mod tests {
    use super::{by_digest, is_same, split};

    #[test]
    fn a_name_is_split_where_its_tag_begins() {
        assert_eq!(split("shop"), ("shop", "latest"));
        assert_eq!(split("shop:2"), ("shop", "2"));
        assert_eq!(split("localhost:5000/team/shop"), ("localhost:5000/team/shop", "latest"));
        assert_eq!(split("localhost:5000/shop:2"), ("localhost:5000/shop", "2"));
        assert_eq!(split("localhost:5000/shop@sha256:ab"), ("localhost:5000/shop", "sha256:ab"));
        assert_eq!(split("shop:2@sha256:ab"), ("shop", "sha256:ab"));
    }

    #[test]
    fn engines_write_names_their_own_way() {
        for (ours, theirs) in [
            ("docker.io/team/shop:1", "team/shop:1"),
            ("nginx", "docker.io/library/nginx:latest"),
            ("index.docker.io/library/nginx:1", "nginx:1"),
            ("registry:5000/shop", "registry:5000/shop:latest"),
        ] {
            assert!(is_same(ours, theirs), "{ours} {theirs}");
        }
        assert!(!is_same("nginx:1", "nginx:2"));
        assert!(!is_same("registry:5000/library/shop", "registry:5000/shop"));
        let digests =
            vec!["other@sha256:aa".to_owned(), "docker.io/library/nginx@sha256:bb".to_owned()];
        assert_eq!(
            by_digest(digests, "nginx:1").as_deref(),
            Some("docker.io/library/nginx@sha256:bb")
        );
    }
}
