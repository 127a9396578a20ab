//! Handing in builds: one for each version of code that the containers of a draft name.

use std::collections::BTreeMap;

use super::progress::{end, note, show};
use crate::{
    access::{self, Caller},
    audit::{self, Act},
    error::{Error, Findings},
    house::House,
    model::{
        Artifact, ArtifactId, ArtifactState, AuditAction, Build, BuildId, BuildLevel, BuildLine,
        BuildStatus, BuildTarget, Code, EventKind, NewEvent, Permission,
    },
    store::Write,
};

/// Returns the builds that make every image of the artifact. One that is under way for exactly that is
/// joined; one that makes something the artifact does not ask for any more is cancelled.
pub async fn start(house: &House, caller: &Caller, id: &ArtifactId) -> Result<Vec<BuildId>, Error> {
    let act = Act::on(AuditAction::BuildStart, id);
    audit::attempt(house, caller, act, try_start(house, caller, id)).await
}

async fn try_start(house: &House, caller: &Caller, id: &ArtifactId) -> Result<Vec<BuildId>, Error> {
    let mut write = house.store.write().await?;
    let mut artifact = access::artifact_in(&mut write, caller, id, Permission::Update).await?;
    if let ArtifactState::Locked { version } = artifact.state {
        return Err(Error::Refused(format!(
            "it is locked as v{version}; only drafts are built: clone it into a new draft"
        )));
    }
    let wanted = wanted(&mut write, &artifact).await?;
    let known = write.builds_of(&artifact.id).await?;
    let unfinished: Vec<Build> = known.into_iter().filter(|b| !b.status.is_over()).collect();
    let now = house.now();
    let mut ids = Vec::with_capacity(wanted.len());
    for (code, targets) in wanted {
        let same = |build: &&Build| {
            build.code == code
                && build.targets.len() == targets.len()
                && build.targets.iter().zip(&targets).all(|(a, b)| a.dockerfile == b.dockerfile)
        };
        if let Some(build) = unfinished.iter().find(same) {
            ids.push(build.id.clone());
            continue;
        }
        let build = Build {
            id: BuildId::from_bytes(house.id()),
            org_id: artifact.org_id.clone(),
            artifact_id: artifact.id.clone(),
            name: artifact.name.clone(),
            code,
            targets,
            status: BuildStatus::Pending,
            attempts: 0,
            creator_id: caller.id().clone(),
            created_at: now,
            updated_at: now,
        };
        write.insert_build(&build).await?;
        show(&mut artifact, &build);
        let text = format!("build {} of '{}' was handed in", build.id, artifact.name);
        let event = NewEvent::on_artifact(&artifact.id, EventKind::BuildStarted, text);
        note(&mut write, house, &build, event.by(caller.id()));
        ids.push(build.id);
    }
    // Before the others end: what they show of themselves is read anew.
    write.update_artifact(&mut artifact).await?;
    for mut build in unfinished.into_iter().filter(|build| !ids.contains(&build.id)) {
        let line = BuildLine {
            at: now,
            level: BuildLevel::Warning,
            message: "cancelled: the artifact asks for something else by now".to_owned(),
        };
        end(&mut write, house, &mut build, BuildStatus::Cancelled, &[line]).await?;
    }
    let act = Act::on(AuditAction::BuildStart, id);
    let after = serde_json::json!({ "buildIds": ids });
    audit::done(&mut write, house, caller, act, None, Some(after));
    write.commit().await?;
    house.builds.ring();
    Ok(ids)
}

/// What there is to build, by code.
async fn wanted(
    write: &mut Write<'_>,
    artifact: &Artifact,
) -> Result<BTreeMap<Code, Vec<BuildTarget>>, Error> {
    let mut findings = Findings::default();
    let mut wanted: BTreeMap<Code, Vec<BuildTarget>> = BTreeMap::new();
    let mut built = 0;
    for (path, container) in artifact.spec.containers() {
        if !container.is_built() {
            continue;
        }
        built += 1;
        let at = format!("{path}.imageBuildConfig.codeRef");
        let source = container.source();
        let Some((source, code)) = source.and_then(|s| Some((s.clone(), s.code_ref?.datarobot)))
        else {
            let text = format!("container '{}' has no code: upload it first", container.title());
            findings.add(&at, text);
            continue;
        };
        let version = write.catalog_version(&artifact.org_id, &code.catalog_version_id).await?;
        if version.is_none_or(|version| version.catalog_id != code.catalog_id) {
            findings.add(&at, "there is no such version of uploaded code");
            continue;
        }
        let targets = wanted.entry(code).or_default();
        if targets.iter().all(|target| target.dockerfile != source.dockerfile) {
            targets.push(BuildTarget { dockerfile: source.dockerfile, image: None });
        }
    }
    findings.done()?;
    if built == 0 {
        return Err(Error::Refused(
            "no container of this artifact is built from source: none has an imageBuildConfig"
                .into(),
        ));
    }
    Ok(wanted)
}
