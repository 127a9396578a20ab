//! The worker: makes it so that no build stays unfinished. It looks at the rows, never at what it was told, so
//! it does not matter who handed a build in, or which server began it.

use std::collections::HashMap;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{
    BuildError, BuildLog, Job,
    progress::{MOST_LINES, advance, end, write_down},
};
use crate::{
    error::Error,
    house::House,
    model::{Build, BuildId, BuildLevel, BuildLine, BuildStatus, Millis},
    store::StoreError,
};

/// Builds that are made at the same time.
const AT_ONCE: usize = 2;
/// A build that this many servers did not survive is not given to another one.
const MOST_ATTEMPTS: i64 = 3;
/// How soon the log is written while a build is made.
const LOG_EVERY: Millis = Millis::seconds(1);
/// How long to wait when the store or the disk does not serve us.
const REST: Millis = Millis::seconds(2);
/// How often to look without being rung for.
const LOOK_EVERY: Millis = Millis::seconds(30);

/// Works until it is told to stop. What is not finished then is taken up by the next server.
pub async fn work(house: House, stop: CancellationToken) {
    let mut tasks: JoinSet<BuildId> = JoinSet::new();
    let mut under_way: HashMap<BuildId, CancellationToken> = HashMap::new();
    loop {
        match house.store.unfinished_builds().await {
            Ok(unfinished) => {
                for (id, token) in &under_way {
                    if unfinished.iter().all(|build| build.id != *id) {
                        token.cancel();
                    }
                }
                let new = unfinished.into_iter().filter(|build| !under_way.contains_key(&build.id));
                let free = AT_ONCE.saturating_sub(under_way.len());
                for build in new.take(free).collect::<Vec<_>>() {
                    let token = stop.child_token();
                    under_way.insert(build.id.clone(), token.clone());
                    let house = house.clone();
                    tasks.spawn(async move {
                        take_up(&house, &build, &token).await;
                        build.id
                    });
                }
            }
            Err(error) => tracing::warn!(%error, "builds can't be looked for"),
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = house.builds.rung() => {}
            Some(done) = tasks.join_next() => match done {
                Ok(id) => drop(under_way.remove(&id)),
                // Which one it was is not told: look at all of them anew once the others are done.
                Err(error) => {
                    tracing::error!(%error, "a build came to a sudden end");
                    while tasks.join_next().await.is_some() {}
                    under_way.clear();
                }
            },
            () = house.clock.sleep(LOOK_EVERY) => {}
        }
    }
    while tasks.join_next().await.is_some() {}
}

/// Why an attempt could not go on, through no fault of the build.
#[derive(Debug, thiserror::Error)]
enum Interrupted {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    House(#[from] Error),
    #[error("{0}")]
    Builder(String),
}

/// One attempt. Whatever goes wrong here and is not the build's own fault is tried again by the worker.
async fn take_up(house: &House, build: &Build, stop: &CancellationToken) {
    let Err(error) = attempt(house, build, stop).await else { return };
    tracing::warn!(build = %build.id, %error, "a build could not go on; it is tried again");
    tokio::select! {
        () = house.clock.sleep(REST) => {}
        () = stop.cancelled() => {}
    }
}

async fn attempt(
    house: &House,
    known: &Build,
    stop: &CancellationToken,
) -> Result<(), Interrupted> {
    let Some(mut build) = begin(house, known).await? else { return Ok(()) };
    if build.status != BuildStatus::Built && !make(house, &mut build, stop).await? {
        return Ok(());
    }
    let mut write = house.store.write().await?;
    // It may have been cancelled, or gone with its artifact.
    let Some(mut now) = write.build(&build.org_id, &build.id).await? else { return Ok(()) };
    if now.status != BuildStatus::Built {
        return Ok(());
    }
    let line = line(house, BuildLevel::Info, "completed: the artifact names the image".to_owned());
    end(&mut write, house, &mut now, BuildStatus::Completed, &[line]).await?;
    write.commit().await?;
    Ok(())
}

/// Marks a build as under way; none when there is nothing to do any more.
async fn begin(house: &House, known: &Build) -> Result<Option<Build>, Error> {
    let mut write = house.store.write().await?;
    let Some(mut build) = write.build(&known.org_id, &known.id).await? else { return Ok(None) };
    match build.status {
        BuildStatus::Built => return Ok(Some(build)),
        status if status.is_over() => return Ok(None),
        _ => {}
    }
    build.attempts += 1;
    if build.attempts > MOST_ATTEMPTS {
        let text = format!("failed: it was begun {MOST_ATTEMPTS} times and never came to an end");
        let line = line(house, BuildLevel::Failure, text);
        end(&mut write, house, &mut build, BuildStatus::Failed, &[line]).await?;
        write.commit().await?;
        return Ok(None);
    }
    let text = match build.attempts {
        1 => "started".to_owned(),
        n => format!("started again after an interruption, attempt {n} of {MOST_ATTEMPTS}"),
    };
    let line = line(house, BuildLevel::Info, text);
    advance(&mut write, house, &mut build, BuildStatus::InProgress, &[line]).await?;
    write.commit().await?;
    Ok(Some(build))
}

/// Makes every image. Says whether all are there; if not, the build is over or somebody else's.
async fn make(
    house: &House,
    build: &mut Build,
    stop: &CancellationToken,
) -> Result<bool, Interrupted> {
    let log = BuildLog::new(house.clock.clone());
    let version = &build.code.catalog_version_id;
    log.info(format!("code: catalog {}, version {version}", build.code.catalog_id));
    let files = house.store.files(version).await?;
    let mut outcome = Ok(());
    for index in 0..build.targets.len() {
        let job = Job {
            build: build.clone(),
            number: index,
            dockerfile: build.targets[index].dockerfile.clone(),
            files: files.clone(),
            contents: house.files.clone(),
        };
        match logged(house, build, &log, house.builds.builder().image(job, &log, stop)).await {
            Ok(image) => {
                log.info(format!("built {image}"));
                build.targets[index].image = Some(image);
            }
            Err(error) => {
                outcome = Err(error);
                break;
            }
        }
    }
    match &outcome {
        Err(BuildError::Trouble(why)) => {
            log.warning(why.clone());
            write_down(house, build, &log.take()).await?;
            return Err(Interrupted::Builder(why.clone()));
        }
        Err(BuildError::Failed(why)) => log.error(format!("failed: {why}")),
        Ok(()) | Err(BuildError::Stopped) => {}
    }
    let mut write = house.store.write().await?;
    let Some(now) = write.build(&build.org_id, &build.id).await? else { return Ok(false) };
    // Cancelled, or to be taken up by the next server.
    if now.status != BuildStatus::InProgress || matches!(outcome, Err(BuildError::Stopped)) {
        write.add_build_lines(&now, &log.take(), MOST_LINES).await?;
        write.commit().await?;
        return Ok(false);
    }
    let built = build.targets.iter().all(|target| target.image.is_some());
    if built {
        advance(&mut write, house, build, BuildStatus::Built, &log.take()).await?;
    } else {
        end(&mut write, house, build, BuildStatus::Failed, &log.take()).await?;
    }
    write.commit().await?;
    Ok(built)
}

/// Lets readers see the log while the work goes on.
async fn logged<T>(
    house: &House,
    build: &Build,
    log: &BuildLog,
    work: impl Future<Output = T>,
) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = house.clock.sleep(LOG_EVERY) => {
                let lines = log.take();
                if !lines.is_empty()
                    && let Err(error) = write_down(house, build, &lines).await
                {
                    tracing::warn!(build = %build.id, %error, "lines of its log are lost");
                }
            }
        }
    }
}

fn line(house: &House, level: BuildLevel, message: String) -> BuildLine {
    BuildLine { at: house.now(), level, message }
}
