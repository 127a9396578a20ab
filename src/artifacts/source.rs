//! What a container of a draft is built from: changed by itself, while everything else of the draft stays as it is.

use super::{edit, get};
use crate::{
    access::{Caller, Expected},
    error::Error,
    house::House,
    model::{ArtifactId, ArtifactRecord, Container, EditArtifact, ImageBuildConfig, Spec},
};

/// Has the container of this name built like that. An image that was named goes: a build makes another.
///
/// # Errors
/// As for editing the draft; [`Error::Changed`] when somebody edits it at the same moment.
pub async fn set_source(
    house: &House,
    caller: &Caller,
    id: &ArtifactId,
    container: &str,
    source: &ImageBuildConfig,
) -> Result<ArtifactRecord, Error> {
    let artifact = get(house, caller, id).await?;
    let spec = with_source(&artifact.spec, container, source)?;
    let expects = Expected { entity: artifact.id.to_string(), revisions: vec![artifact.revision] };
    let caller = Caller { expects: Some(expects), ..caller.clone() };
    edit(house, &caller, id, EditArtifact { spec: Some(spec), ..EditArtifact::default() }).await
}

/// The specification with it.
///
/// # Errors
/// [`Error::NotFound`] when it has no such container.
pub fn with_source(spec: &Spec, container: &str, source: &ImageBuildConfig) -> Result<Spec, Error> {
    let mut spec = spec.clone();
    let mut all = spec.container_groups.iter_mut().flat_map(|group| &mut group.containers);
    let found = all.find(|one| one.title() == container).ok_or(Error::NotFound("container"))?;
    set(found, source);
    Ok(spec)
}

fn set(container: &mut Container, source: &ImageBuildConfig) {
    if !container.is_built() {
        container.image_uri = None;
    }
    container.image_build_config = serde_json::to_value(source).ok();
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::with_source;
    use crate::{
        error::Error,
        model::{ImageBuildConfig, Spec},
    };

    #[test]
    fn only_the_source_of_the_named_container_changes() {
        let side = json!({ "name": "side", "imageUri": "side:1" });
        let spec = json!({ "containerGroups": [{ "name": "default", "containers": [
            { "name": "main", "imageUri": "shop:1", "port": 8080 }, side,
        ] }] });
        let spec: Spec = serde_json::from_value(spec).unwrap();
        let source = json!({ "dockerfile": { "source": "provided", "path": "./Dockerfile" } });
        let source = ImageBuildConfig::read(&source).unwrap();
        let changed = with_source(&spec, "main", &source).unwrap();
        let [main, other] = &changed.container_groups[0].containers[..] else { panic!() };
        assert_eq!((main.image_uri.as_deref(), main.port), (None, Some(8080)));
        assert_eq!(main.source(), Some(source.clone()));
        assert_eq!(*other, spec.container_groups[0].containers[1]);

        // What a build has made is not taken away by other code: it stays until the next is there.
        let mut built = changed;
        built.container_groups[0].containers[0].image_uri = Some("handover/local@sha256:0".into());
        let again = with_source(&built, "main", &source).unwrap();
        assert_eq!(again, built);
        assert!(matches!(with_source(&spec, "third", &source), Err(Error::NotFound(_))));
    }
}
