//! What was changed: the list, one entry with what happened, and any two of them compared.

pub mod compare;
pub mod entry;
pub mod list;
pub mod steps;

pub use compare::Compare;
pub use entry::OneReplacement;
pub use list::History;

use handover::{
    access::Caller,
    error::Error,
    house::House,
    model::{ReplacementId, ReplacementRecord, WorkloadId},
    replacement::{self, Ran},
};

/// A moment in the history that something ran from: after an entry, or before the first.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Point {
    entry: ReplacementId,
    before: bool,
}

impl Point {
    fn after(entry: &ReplacementId) -> Self {
        Self { entry: entry.clone(), before: false }
    }

    fn before(entry: &ReplacementId) -> Self {
        Self { entry: entry.clone(), before: true }
    }

    /// As it stands in an address.
    fn word(&self) -> String {
        format!("{}{}", self.entry, if self.before { ".before" } else { "" })
    }

    fn of(word: &str) -> Option<Self> {
        let (entry, before) = match word.strip_suffix(".before") {
            Some(entry) => (entry, true),
            None => (word, false),
        };
        Some(Self { entry: entry.parse().ok()?, before })
    }

    /// What ran then. None when nothing is known of it any more.
    async fn ran(
        &self,
        house: &House,
        caller: &Caller,
        workload: &WorkloadId,
    ) -> Result<Option<Ran>, Error> {
        let sides = replacement::ran(house, caller, workload, &self.entry).await?;
        Ok(if self.before { sides.before } else { sides.after })
    }
}

/// Whether the entry has put something into place.
fn took_place(record: &ReplacementRecord) -> bool {
    !record.cancelled && !record.rolled_back && record.reason.is_none()
}

fn replace_with(workload: &WorkloadId, artifact: &handover::model::ArtifactId) -> String {
    format!("/workloads/{workload}/replace?artifact={artifact}")
}

#[cfg(test)]
mod tests {
    use super::Point;

    #[test]
    fn a_point_survives_its_address() {
        let id = "0123456789abcdef01234567".parse().expect("an id");
        for point in [Point::after(&id), Point::before(&id)] {
            assert_eq!(Point::of(&point.word()), Some(point));
        }
    }
}
