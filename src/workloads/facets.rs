//! What a list of workloads can be narrowed by, of what the caller sees: words that nothing has are no help.

use crate::{
    access::Caller,
    creator::Creators,
    error::Error,
    house::House,
    model::{ArtifactStatus, Permissions, UserData, UserId},
    store::{Tally, WorkloadFilter},
};

/// The most tags to choose from.
const MOST_TAGS: u64 = 60;

/// What there is to choose from, each with the number of workloads it leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Facets {
    /// By status, importance and the status of the artifact.
    pub tally: Vec<Tally>,
    /// The most active first.
    pub creators: Vec<(UserData, u64)>,
    /// Name and value, the most used first.
    pub tags: Vec<(String, String, u64)>,
}

pub async fn facets(house: &House, caller: &Caller) -> Result<Facets, Error> {
    let filter = seen(caller, &WorkloadFilter::default());
    let (store, org) = (&house.store, caller.org());
    let makers = store.workload_creators(org, &filter).await?;
    let mut people = Creators::of(house, makers.iter().map(|(id, _)| id)).await?;
    let mut creators = Vec::with_capacity(makers.len());
    for (id, count) in &makers {
        creators.push((people.get(id).await?, *count));
    }
    Ok(Facets {
        tally: store.workload_tally(org, &filter).await?,
        creators,
        tags: store.workload_tags(org, &filter, MOST_TAGS).await?,
    })
}

/// How many of what matches run which kind of artifact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub all: u64,
    pub locked: u64,
    pub draft: u64,
}

/// Of what matches, whatever the filter says of the artifact's status.
pub async fn counts(
    house: &House,
    caller: &Caller,
    filter: &WorkloadFilter,
) -> Result<Counts, Error> {
    let filter = WorkloadFilter { artifact_status: Vec::new(), ..filter.clone() };
    let tally = house.store.workload_tally(caller.org(), &seen(caller, &filter)).await?;
    let of = |status: Option<ArtifactStatus>| {
        let fits = |one: &&Tally| status.is_none() || one.artifact == status;
        tally.iter().filter(fits).map(|one| one.count).sum()
    };
    Ok(Counts {
        all: of(None),
        locked: of(Some(ArtifactStatus::Locked)),
        draft: of(Some(ArtifactStatus::Draft)),
    })
}

/// The filter through the caller's eyes.
fn seen(caller: &Caller, filter: &WorkloadFilter) -> WorkloadFilter {
    WorkloadFilter { viewer: caller.viewer(Permissions::VIEW), ..filter.clone() }
}

/// What somebody of the caller's organisation is called.
pub async fn creator_name(
    house: &House,
    caller: &Caller,
    id: &UserId,
) -> Result<Option<String>, Error> {
    let found = house.store.user(id).await?.filter(|user| user.org_id == *caller.org());
    Ok(found.map(|user| user.username))
}
