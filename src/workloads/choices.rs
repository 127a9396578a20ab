//! What a new workload could run, and why not.

use crate::{
    access::Caller,
    artifacts,
    error::Error,
    house::House,
    model::{ArtifactId, ArtifactRecord, ArtifactStatus},
    store::{ArtifactFilter, Paging},
    validate,
};

/// A version or draft, and why it can't be chosen; none when it can.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub artifact: ArtifactRecord,
    pub refusal: Option<String>,
}

/// The newest artifacts whose name, description or id holds the text, `chosen` first even when it does not.
pub async fn choices(
    house: &House,
    caller: &Caller,
    search: &str,
    chosen: Option<&ArtifactId>,
    most: u64,
) -> Result<Vec<Choice>, Error> {
    let by_search = ArtifactFilter {
        search: Some(search.trim().to_owned()).filter(|text| !text.is_empty()),
        ..ArtifactFilter::default()
    };
    let mut found = artifacts::list(house, caller, &by_search, Paging::first(most)).await?.items;
    if let Some(id) = chosen {
        let place = found.iter().position(|artifact| artifact.id == *id);
        let first = match place {
            Some(place) => Some(found.remove(place)),
            None => {
                let by_id = ArtifactFilter { ids: vec![id.clone()], ..ArtifactFilter::default() };
                artifacts::list(house, caller, &by_id, Paging::first(1)).await?.items.pop()
            }
        };
        found.splice(0..0, first);
    }
    let mut choices = Vec::with_capacity(found.len());
    for artifact in found {
        let refusal = refusal(house, caller, &artifact).await?;
        choices.push(Choice { artifact, refusal });
    }
    Ok(choices)
}

async fn refusal(
    house: &House,
    caller: &Caller,
    artifact: &ArtifactRecord,
) -> Result<Option<String>, Error> {
    if artifact.status == ArtifactStatus::Draft {
        let users = house.store.workloads_using(caller.org(), &artifact.id).await?;
        if let Some(other) = users.first() {
            return Ok(Some(format!(
                "this draft runs in workload {other}, and a draft runs in one at a time; clone it first"
            )));
        }
    }
    Ok(validate::images(&artifact.spec).err().map(|error| error.to_string()))
}
