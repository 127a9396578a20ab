//! What can be done with the code of a container, besides uploading more of it (`code` of the server).

use handover::model::{ArtifactId, CatalogId, CatalogVersionId};
use leptos::server;

use crate::refusal::Refusal;

/// Has the container built from another version of its code.
#[server(prefix = "/_fn", endpoint = "use-code")]
pub async fn use_code(
    id: ArtifactId,
    container: String,
    catalog: CatalogId,
    version: CatalogVersionId,
) -> Result<(), Refusal> {
    use crate::context;
    let (house, caller) = context::door()?;
    let code = handover::model::Code { catalog_id: catalog, catalog_version_id: version };
    name(&house, &caller, &id, &container, code).await?;
    context::say("The draft names this version of its code now.").await;
    context::go(&crate::code::address(&id, &container));
    Ok(())
}

/// Makes a version without some files, and has the container built from that.
#[server(prefix = "/_fn", endpoint = "take-out-files")]
pub async fn take_out_files(
    id: ArtifactId,
    container: String,
    catalog: CatalogId,
    #[server(default)] paths: Vec<String>,
) -> Result<(), Refusal> {
    use crate::context;
    use handover::model::{Code, DeleteFiles};
    let (house, caller) = context::door()?;
    if paths.is_empty() {
        return Err(Refusal::new("Choose the files that are to be taken out."));
    }
    let wanted = DeleteFiles { paths };
    let gone = handover::files::delete(&house, &caller, &catalog, wanted).await?;
    let code = Code {
        catalog_id: gone.version.catalog_id,
        catalog_version_id: gone.version.catalog_version_id,
    };
    name(&house, &caller, &id, &container, code).await?;
    context::say("Taken out: the draft names a version without these files.").await;
    context::go(&crate::code::address(&id, &container));
    Ok(())
}

/// Changes nothing of how it is built but the code.
#[cfg(feature = "ssr")]
async fn name(
    house: &handover::house::House,
    caller: &handover::access::Caller,
    id: &ArtifactId,
    container: &str,
    code: handover::model::Code,
) -> Result<(), Refusal> {
    use handover::{
        artifacts,
        error::Error,
        model::{Container, ImageBuildConfig},
    };
    let artifact = artifacts::get(house, caller, id).await?;
    let mut all = artifact.spec.containers().map(|(_, one)| one);
    let found = all.find(|one| one.title() == container).and_then(Container::source);
    let source = found.ok_or(Error::NotFound("container that is built from code"))?;
    let source = ImageBuildConfig { code_ref: Some(crate::code::named(&source, code)), ..source };
    artifacts::set_source(house, caller, id, container, &source).await?;
    Ok(())
}
