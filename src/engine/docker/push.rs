//! Pushing an image, and learning the name that means these bytes for ever.

use bollard::query_parameters::PushImageOptionsBuilder;
use futures::StreamExt;

use super::{
    build::{Said, Tell, Workshop},
    image_name::{by_digest, split},
    progress::Progress,
    pull::shown,
    unbuilt::{Doing, Unbuilt},
};
use crate::engine::Login;

impl Workshop {
    /// Pushes an image to the registry that is in its name, and gives the name that means these bytes for ever.
    pub async fn push(
        &self,
        name: &str,
        login: Option<&Login>,
        tell: Tell<'_>,
    ) -> Result<String, Unbuilt> {
        let docker = self.docker(tell).await;
        let (repository, tag) = split(name);
        let options = PushImageOptionsBuilder::default().tag(tag).build();
        let login = login.map(shown);
        let mut words = Box::pin(docker.push_image(repository, Some(options), login));
        let (mut progress, mut digest) = (Progress::new(&*self.clock), None);
        while let Some(word) = words.next().await {
            let word = match word {
                Ok(word) => word,
                Err(error) => return Err(self.unbuilt(&error, Doing::Pushing { name }).await),
            };
            let Some(status) = word.status else { continue };
            digest = digest.or_else(|| pushed(&status));
            if let Some(line) = progress.of_push(&status) {
                tell(Said::Note(line));
            }
        }
        if let Some(digest) = digest {
            return Ok(format!("{repository}@{digest}"));
        }
        // Some engines say it only of the image.
        let found = docker.inspect_image(name).await.ok().and_then(|image| image.repo_digests);
        found.and_then(|digests| by_digest(digests, name)).ok_or_else(|| {
            Unbuilt::Away("the container engine ended the push without a word".to_owned())
        })
    }
}

/// The digest in what an engine says at the end of a push: `1: digest: sha256:… size: 528`
fn pushed(status: &str) -> Option<String> {
    let (_, digest) = status.split_once("digest: ")?;
    let digest = digest.split_whitespace().next()?;
    let hex = digest.strip_prefix("sha256:")?;
    (hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit())).then(|| digest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::pushed;

    #[test]
    fn the_digest_is_found_in_the_last_words() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(pushed(&format!("1: digest: {digest} size: 528")), Some(digest));
        for other in ["Pushed", "digest: ", "1: digest: sha256:00 size: 1", "digest: md5:0"] {
            assert_eq!(pushed(other), None, "{other}");
        }
    }
}
