//! What a container engine is sent for a job: its files, and a Dockerfile among them.

use std::io::Read;

use tokio::task::spawn_blocking;

use super::{
    BuildError, BuildLog, Job,
    builder::size,
    context::Context,
    dockerfile::{self, CODE},
    ignored::{self, Ignored},
};
use crate::model::{Bytes, GeneratedDockerfile, ProvidedDockerfile, StoredFile};

/// A longer file is no Dockerfile, and no list of what to leave out.
const LONGEST: u64 = 1024 * 1024;
/// The name of one that is generated, beside the folder of the code.
const GENERATED: &str = "Dockerfile";

pub(super) struct Recipe {
    pub(super) context: Context,
    /// Where it is in the context, and what is in it.
    pub(super) dockerfile: String,
    pub(super) text: String,
    /// How much it is, for people.
    pub(super) size: String,
}

/// The code with a Dockerfile of its own.
pub(super) async fn provided(
    job: &Job,
    provided: &ProvidedDockerfile,
    log: &BuildLog,
) -> Result<Recipe, BuildError> {
    let path = crate::files::relative(&provided.path).map_err(BuildError::Failed)?;
    let text = read(job, &path)
        .await?
        .ok_or_else(|| BuildError::Failed(format!("the code has no file {}", provided.path)))?;
    let ignored = read(job, ignored::FILE).await?.unwrap_or_default();
    let ignored = Ignored::read(&ignored).map_err(BuildError::Failed)?;
    let (all, own) = (job.files.clone(), path.clone());
    let files = spawn_blocking(move || {
        // The engine reads these two, and leaves them out itself.
        let kept = |file: &StoredFile| {
            file.path == own || file.path == ignored::FILE || !ignored.has(&file.path)
        };
        all.into_iter().filter(kept).collect::<Vec<_>>()
    });
    let files = files.await.map_err(|error| BuildError::Trouble(error.to_string()))?;
    let left_out = job.files.len() - files.len();
    if left_out > 0 {
        log.info(format!("{} leaves out {left_out} of {} files", ignored::FILE, job.files.len()));
    }
    let size = size(&files);
    let context = Context::of(files, job.contents.clone(), None, None);
    Ok(Recipe { context, dockerfile: path, text, size })
}

/// What is in a file of the code; none when there is no such file.
async fn read(job: &Job, path: &str) -> Result<Option<String>, BuildError> {
    let Some(file) = job.files.iter().find(|file| file.path == path) else { return Ok(None) };
    if file.size > LONGEST {
        let text = format!("{path} is larger than {}, which nobody has written", Bytes(LONGEST));
        return Err(BuildError::Failed(text));
    }
    let content = job.contents.path(&file.digest);
    let read = spawn_blocking(move || {
        let mut bytes = Vec::new();
        std::fs::File::open(content)?.take(LONGEST).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    });
    let read = read.await.map_err(std::io::Error::other).flatten();
    read.map(Some).map_err(|error| BuildError::Trouble(format!("the code can't be read: {error}")))
}

/// The code with a Dockerfile of ours, which stands in the log.
pub(super) fn generated(
    job: &Job,
    image: &str,
    generated: &GeneratedDockerfile,
    log: &BuildLog,
) -> Result<Recipe, BuildError> {
    job.check(generated, log)?;
    let paths = job.files.iter().map(|file| file.path.as_str());
    let text = dockerfile::generated(image, &generated.entrypoint, paths);
    log.info("the generated Dockerfile:");
    for line in text.lines() {
        log.info(format!("    {line}"));
    }
    let own = Some((GENERATED, text.clone()));
    let context = Context::of(job.files.clone(), job.contents.clone(), Some(CODE), own);
    Ok(Recipe { context, dockerfile: GENERATED.to_owned(), text, size: size(&job.files) })
}
