//! Whose counts somebody asks for, among the protons that a workload has and had.

use crate::{
    error::Error,
    house::House,
    model::{ArtifactId, ProtonId, Workload, WorkloadId},
    store,
};

/// As it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// The proton that serves now.
    Serving,
    Proton(ProtonId),
    /// Every proton that ran this artifact.
    Artifact(ArtifactId),
    /// Every proton that the workload has and had.
    All,
}

impl From<Option<ProtonId>> for Of {
    /// As the API asks: of one proton, or of the one that serves.
    fn from(proton: Option<ProtonId>) -> Self {
        proton.map_or(Self::Serving, Self::Proton)
    }
}

/// As the store is asked.
#[derive(Debug)]
pub(crate) enum Found {
    Workload(WorkloadId),
    /// Without any there is nothing current, and that must not read as "all of them".
    Protons(Vec<ProtonId>),
}

impl Found {
    /// # Errors
    /// [`Error::NotFound`] for a proton of another workload.
    pub(crate) async fn of(house: &House, workload: &Workload, of: &Of) -> Result<Self, Error> {
        Ok(match of {
            Of::Serving => Self::Protons(workload.active_proton.iter().cloned().collect()),
            Of::Proton(id) => {
                let proton = house.store.proton(id).await?;
                let own = proton.filter(|proton| proton.workload_id == workload.id);
                Self::Protons(vec![own.ok_or(Error::NotFound("proton"))?.id])
            }
            Of::Artifact(id) => Self::Protons(house.store.protons_with(&workload.id, id).await?),
            Of::All => Self::Workload(workload.id.clone()),
        })
    }

    pub(crate) fn whose(&self) -> store::Whose<'_> {
        match self {
            Self::Workload(id) => store::Whose::Workload(id),
            Self::Protons(ids) => store::Whose::Protons(ids),
        }
    }

    /// The one proton that it is about, when it is about one.
    pub(crate) fn single(&self) -> Option<&ProtonId> {
        match self {
            Self::Protons(ids) => match ids.as_slice() {
                [one] => Some(one),
                _ => None,
            },
            Self::Workload(_) => None,
        }
    }
}
