//! What a spec that somebody writes says of builds, against what is known of them (rules.md §12, L2).
//!
//! Clients read a spec, change something and write all of it back, and a build may have ended in between. So a
//! write can't take an image away: a container whose code has a completed build gets that build's image,
//! whatever was sent. What may be sent is the image it has or had, or the placeholder of those that had none;
//! an image written by hand would run without ever having been built, and is refused.

use std::collections::BTreeSet;

use crate::{
    access::Caller,
    error::{Error, Findings},
    files,
    house::House,
    model::{
        ArtifactId, Build, BuildStatus, Code, Container, ContainerBuild, ImageBuildConfig, Spec,
    },
    store::Write,
};

/// What clients send when there is no image yet.
const PLACEHOLDER: &str = "placeholder:latest";

/// Puts `after` right before it is stored. `before` is what it replaces or was copied from, `artifact` whose
/// builds are known.
pub(crate) async fn settle(
    write: &mut Write<'_>,
    house: &House,
    caller: &Caller,
    artifact: Option<&ArtifactId>,
    before: Option<&Spec>,
    after: &mut Spec,
) -> Result<(), Error> {
    let is_built = |image: &str| house.builds.is_built(image);
    let builds = match artifact {
        Some(id) if after.containers().any(|(_, container)| concerned(container, &is_built)) => {
            write.builds_of(id).await?
        }
        _ => Vec::new(),
    };
    let nothing = Spec::default();
    let before = before.unwrap_or(&nothing);
    put_right(before, after, &builds, &is_built)?;
    code_is_theirs(write, caller, before, after).await
}

fn concerned(container: &Container, is_built: &impl Fn(&str) -> bool) -> bool {
    container.is_built() || container.image_uri.as_deref().is_some_and(is_built)
}

/// `is_built` knows the images that only builds make.
fn put_right(
    before: &Spec,
    after: &mut Spec,
    builds: &[Build],
    is_built: &impl Fn(&str) -> bool,
) -> Result<(), Error> {
    let mut known: BTreeSet<&str> =
        before.containers().filter_map(|(_, container)| container.image_uri.as_deref()).collect();
    let targets = builds.iter().flat_map(|build| &build.targets);
    known.extend(targets.filter_map(|target| target.image.as_deref()));
    let mut findings = Findings::default();
    let paths: Vec<String> = after.containers().map(|(path, _)| path).collect();
    let containers = after.container_groups.iter_mut().flat_map(|group| &mut group.containers);
    for (path, container) in paths.into_iter().zip(containers) {
        if concerned(container, is_built)
            && let Some(image) = container.image_uri.as_deref()
        {
            let placeholder = image == PLACEHOLDER && container.is_built();
            findings.check(
                placeholder || known.contains(image),
                &format!("{path}.imageUri"),
                "not permitted: the image of this container is made by its build",
            );
        }
        let source = container.source();
        let found = source.and_then(|source| newest(&source, before, builds));
        container.build = None;
        if let Some((build, image)) = found {
            if build.status == BuildStatus::Completed && image.is_some() {
                container.image_uri = image;
            }
            container.build = Some(build);
        }
    }
    findings.done()
}

/// The newest build of this code, and the image it made.
fn newest(
    source: &ImageBuildConfig,
    before: &Spec,
    builds: &[Build],
) -> Option<(ContainerBuild, Option<String>)> {
    let wanted =
        |build: &&Build| build.target(source).is_some() && build.status != BuildStatus::Cancelled;
    if let Some(build) = builds.iter().find(wanted) {
        return Some((build.brief(), build.image_for(source).map(str::to_owned)));
    }
    // A copy has no builds of its own; it has what it was copied from.
    let same = |container: &&Container| {
        container.source().is_some_and(|other| is_same(&other, source)) && container.build.is_some()
    };
    let container = before.containers().map(|(_, container)| container).find(same)?;
    Some((container.build.clone()?, container.image_uri.clone()))
}

fn is_same(one: &ImageBuildConfig, other: &ImageBuildConfig) -> bool {
    code(one) == code(other) && one.dockerfile == other.dockerfile
}

fn code(source: &ImageBuildConfig) -> Option<&Code> {
    source.code_ref.as_ref().map(|code| &code.datarobot)
}

/// Code is named by somebody who may read it. From then on, whoever may build the artifact may build it.
async fn code_is_theirs(
    write: &mut Write<'_>,
    caller: &Caller,
    before: &Spec,
    after: &Spec,
) -> Result<(), Error> {
    let sources = before.containers().filter_map(|(_, container)| container.source());
    let known: BTreeSet<Code> = sources.filter_map(|s| Some(s.code_ref?.datarobot)).collect();
    let mut findings = Findings::default();
    for (path, container) in after.containers() {
        let Some(code) = container.source().and_then(|s| Some(s.code_ref?.datarobot)) else {
            continue;
        };
        if known.contains(&code) {
            continue;
        }
        findings.check(
            files::may_read(write, caller, &code).await?,
            &format!("{path}.imageBuildConfig.codeRef"),
            "there is no such version of uploaded code, or you may not see it",
        );
    }
    findings.done()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::put_right;
    use crate::{
        builds::names::is_built,
        error::Error,
        model::{
            ArtifactId, Build, BuildId, BuildStatus, BuildTarget, ImageBuildConfig, OrgId, Spec,
            Timestamp, UserId,
        },
    };

    const IMAGE: &str = "handover/local@sha256:new";

    fn config(version: &str) -> Value {
        json!({ "codeRef": { "datarobot": { "catalogId": "c", "catalogVersionId": version } } })
    }

    fn spec(image: Option<&str>, version: &str) -> Spec {
        let container = json!({ "imageUri": image, "imageBuildConfig": config(version),
            "build": { "artifactImageBuildId": "forged", "createdAt": "2026-01-01T00:00:00Z",
                       "status": "COMPLETED" } });
        serde_json::from_value(json!({ "containerGroups": [{ "containers": [container] }] }))
            .unwrap()
    }

    fn build(version: &str, status: BuildStatus, image: Option<&str>) -> Build {
        let source = ImageBuildConfig::read(&config(version)).unwrap();
        Build {
            id: BuildId::from_bytes([1; 12]),
            org_id: OrgId::from_uuid([2; 16]),
            artifact_id: ArtifactId::from_bytes([3; 12]),
            name: "n".into(),
            code: source.code_ref.unwrap().datarobot,
            targets: vec![BuildTarget {
                dockerfile: source.dockerfile,
                image: image.map(str::to_owned),
            }],
            status,
            attempts: 1,
            creator_id: UserId::from_bytes([4; 12]),
            created_at: Timestamp::from_micros(5),
            updated_at: Timestamp::from_micros(5),
        }
    }

    type Settled = (Option<String>, Option<BuildStatus>);

    fn settled(before: Option<&Spec>, mut after: Spec, builds: &[Build]) -> Result<Settled, Error> {
        let is_built = |image: &str| is_built(image, None);
        put_right(before.unwrap_or(&Spec::default()), &mut after, builds, &is_built)?;
        let container = after.container_groups.remove(0).containers.remove(0);
        Ok((container.image_uri, container.build.map(|build| build.status)))
    }

    #[test]
    fn a_build_that_nobody_made_is_not_believed() {
        let placeholder = "placeholder:latest".to_owned();
        let new = settled(None, spec(Some(&placeholder), "v1"), &[]).unwrap();
        assert_eq!(new, (Some(placeholder), None));
        for forged in ["shop:1", IMAGE] {
            let refused = settled(None, spec(Some(forged), "v1"), &[]);
            assert!(matches!(refused, Err(Error::Invalid(_))), "{forged}");
        }
        let mut plain = spec(Some(IMAGE), "v1");
        plain.container_groups[0].containers[0].image_build_config = None;
        assert!(settled(None, plain, &[]).is_err(), "a local image without a build");
    }

    #[test]
    fn a_stale_write_does_not_take_the_image_away() {
        let old = build("v1", BuildStatus::Completed, Some("handover/local@sha256:old"));
        let new = build("v2", BuildStatus::Completed, Some(IMAGE));
        let builds = [new, old];
        let mut before = spec(Some(IMAGE), "v2");
        before.container_groups[0].containers[0].build = Some(builds[0].brief());
        let done = (Some(IMAGE.to_owned()), Some(BuildStatus::Completed));
        for stale in
            [None, Some("placeholder:latest"), Some("handover/local@sha256:old"), Some(IMAGE)]
        {
            assert_eq!(settled(Some(&before), spec(stale, "v2"), &builds).unwrap(), done);
        }
        assert!(settled(Some(&before), spec(Some("shop:1"), "v2"), &builds).is_err());
        // Other code, and nothing is built any more; what was echoed stays as it was sent.
        let other = settled(Some(&before), spec(Some(IMAGE), "v3"), &builds).unwrap();
        assert_eq!(other, (Some(IMAGE.to_owned()), None));
    }

    #[test]
    fn a_copy_keeps_what_it_was_copied_from() {
        let mut source = spec(Some(IMAGE), "v1");
        let done = build("v1", BuildStatus::Completed, Some(IMAGE));
        source.container_groups[0].containers[0].build = Some(done.brief());
        let copied = settled(Some(&source), source.clone(), &[]).unwrap();
        assert_eq!(copied, (Some(IMAGE.to_owned()), Some(BuildStatus::Completed)));
    }
}
