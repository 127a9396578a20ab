//! Whom an image runs as. Root is refused unless the server allows it, under whatever name.

use std::io::Read;

use bollard::{Docker, errors::Error, query_parameters::DownloadFromContainerOptionsBuilder};
use futures::StreamExt;
use tar::Archive;

use super::{image::Image, link::is_missing};
use crate::{
    engine::supervised::runner::{Blame, Unstarted},
    model::CONFIG_ERROR,
};

/// The user that runs when an image names none: nobody in particular, and not root.
const NOBODY: &str = "65532:65532";

/// Where the names of a container's users stand.
const USERS: &str = "/etc/passwd";
/// The most that is read of it.
const MOST: usize = 1024 * 1024;

impl Image {
    fn user(&self) -> &str {
        self.user.split(':').next().unwrap_or_default().trim()
    }

    /// Whom to run it as; none for the one that it names.
    pub(super) fn run_as(&self, name: &str, allow_root: bool) -> Result<Option<String>, Unstarted> {
        let user = self.user();
        if user.is_empty() {
            return Ok(Some(NOBODY.to_owned()));
        }
        if !allow_root && (user == "root" || user.parse() == Ok(0_u32)) {
            return Err(is_root(name));
        }
        Ok(None)
    }

    /// The one that it names, when only the image itself can tell who that is.
    pub(super) fn named_user(&self) -> Option<&str> {
        Some(self.user()).filter(|user| !user.is_empty() && user.parse::<u32>().is_err())
    }
}

/// An image that says so is not run where that is not allowed.
pub(super) fn is_root(name: &str) -> Unstarted {
    let text = format!(
        "The image {name} says that it runs as root, which this server does not allow. Let it name another USER, \
         or start Handover with --allow-root-images."
    );
    Unstarted::Refused(Blame { reason: CONFIG_ERROR, text })
}

/// Whether a container that was made and not started yet has the number of root for `user`: a name is only what the
/// image's own list of users makes of it.
pub(super) async fn names_root(docker: &Docker, id: &str, user: &str) -> Result<bool, Error> {
    let options = DownloadFromContainerOptionsBuilder::default().path(USERS).build();
    let mut packed = Box::pin(docker.download_from_container(id, Some(options)));
    let mut archive = Vec::new();
    while let Some(piece) = packed.next().await {
        match piece {
            Ok(piece) if archive.len() + piece.len() <= MOST => archive.extend_from_slice(&piece),
            // Nobody needs so long a list, and what is not read may say anything.
            Ok(_) => return Ok(true),
            // Without a list no name means anybody, and the engine refuses to start it.
            Err(error) if is_missing(&error) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(is_zero(&archive, user).unwrap_or(true))
}

/// None when the archive does not hold a plain file.
fn is_zero(archive: &[u8], user: &str) -> Option<bool> {
    let mut archive = Archive::new(archive);
    let mut file = archive.entries().ok()?.next()?.ok()?;
    if !file.header().entry_type().is_file() {
        return None;
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text).ok()?;
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().find_map(|line| line.strip_prefix(user)?.strip_prefix(':'));
    let number = line.and_then(|rest| rest.split(':').nth(1));
    Some(number.is_some_and(|number| number.trim().parse() == Ok(0_u32)))
}

#[cfg(test)]
mod tests {
    use super::{Image, is_zero};

    #[test]
    fn root_is_refused_under_all_its_names_and_nobody_is_the_default() {
        let run_as = |user: &str, allowed| {
            let image = Image {
                id: String::new(),
                user: user.to_owned(),
                architecture: String::new(),
                stop_signal: None,
            };
            image.run_as("shop:1", allowed).ok()
        };
        assert_eq!(run_as("", false), Some(Some("65532:65532".to_owned())));
        for root in ["root", "0", "0:0", "root:wheel", "00"] {
            assert_eq!((run_as(root, false), run_as(root, true)), (None, Some(None)), "{root}");
        }
        assert_eq!(run_as("www-data", false), Some(None));
        assert_eq!(run_as("1000:0", false), Some(None));
    }

    #[test]
    fn a_name_is_what_the_list_of_users_makes_of_it() {
        let list =
            "root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\nnode:x:1000:0::/home:/bin/sh\n";
        let packed = |kind, text: &str| {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(text.len() as u64);
            let mut builder = tar::Builder::new(Vec::new());
            builder.append_data(&mut header, "passwd", text.as_bytes()).unwrap();
            builder.into_inner().unwrap()
        };
        let plain = packed(tar::EntryType::Regular, list);
        assert_eq!(is_zero(&plain, "toor"), Some(true));
        assert_eq!(is_zero(&plain, "node"), Some(false));
        assert_eq!(is_zero(&plain, "nod"), Some(false));
        assert_eq!(is_zero(&plain, "nobody-there"), Some(false));
        let link = packed(tar::EntryType::Symlink, "");
        assert_eq!(is_zero(&link, "node"), None, "what it leads to is not known");
    }
}
