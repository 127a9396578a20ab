//! What will happen, in sentences, before the button is pressed. Pure, so that every wording has a test.

use handover::model::{Bytes, Millis, WorkloadRuntime};

use crate::components::format::plural;

/// Everything the sentences speak of.
pub(super) struct Course<'a> {
    pub(super) old: &'a str,
    pub(super) new: &'a str,
    /// Of the new side.
    pub(super) runtime: &'a WorkloadRuntime,
    /// Minutes; none when what is typed is no number.
    pub(super) warm_up: Option<u32>,
    pub(super) keep: Option<u32>,
    pub(super) drain_cap: Millis,
}

impl Course<'_> {
    pub(super) fn sentences(&self) -> String {
        let Self { old, new, .. } = self;
        format!(
            "{} {}, traffic moves to {new} at once; open requests finish on {old}, for up to {}. {} Nothing about the endpoint changes. If {new} does not become ready, nothing changes for callers.",
            self.surge(),
            self.gate(),
            self.drain_cap,
            self.way_back(),
        )
    }

    /// What runs more, and for how long.
    fn surge(&self) -> String {
        let Self { old, new, runtime, .. } = self;
        let replicas = runtime.replicas();
        let more = if replicas == 1 {
            "1 more replica".to_owned()
        } else {
            format!("{replicas} more replicas")
        };
        let size = size(runtime).map_or_else(String::new, |size| format!(" of {size}"));
        let long = match (self.warm_up, self.keep) {
            (Some(warm_up), Some(keep)) if warm_up + keep > 0 => {
                format!("for about {}", plural(u64::from(warm_up + keep), "minute"))
            }
            _ => format!("until {old} is stopped"),
        };
        format!("{new} starts beside {old} ({more}{size} {long}).")
    }

    /// What has to be true before traffic moves.
    fn gate(&self) -> String {
        let replicas = self.runtime.replicas();
        let ready = if replicas == 1 {
            "When it is ready".to_owned()
        } else {
            format!("When all {replicas} are ready at once")
        };
        let have = if replicas == 1 { "has" } else { "have" };
        match self.warm_up {
            Some(0) => ready,
            Some(minutes) => {
                format!("{ready} and {have} stayed so for {}", plural(minutes.into(), "minute"))
            }
            None => format!("{ready} and {have} stayed so for the warm-up"),
        }
    }

    fn way_back(&self) -> String {
        let old = self.old;
        match self.keep {
            Some(0) => format!("Then {old} is stopped."),
            Some(minutes) => format!(
                "Then {old} stays warm for {}, so that going back is instant.",
                plural(minutes.into(), "minute")
            ),
            None => format!("Then {old} stays warm for as long as it is kept."),
        }
    }
}

/// `1 CPU and 512 MB`, of one replica; none when nothing says.
fn size(runtime: &WorkloadRuntime) -> Option<String> {
    let group = runtime.container_groups.first()?;
    let cpu = group.cpu().map(|cpu| format!("{cpu} CPU"));
    let memory = group.memory().map(|bytes| Bytes(bytes).to_string());
    let parts: Vec<String> = cpu.into_iter().chain(memory).collect();
    (!parts.is_empty()).then(|| parts.join(" and "))
}

#[cfg(test)]
mod tests {
    use handover::model::{GroupRuntime, Millis, WorkloadRuntime};

    use super::Course;

    fn runtime(replicas: u32) -> WorkloadRuntime {
        let group = GroupRuntime { replica_count: Some(replicas), ..GroupRuntime::default() };
        WorkloadRuntime { container_groups: vec![group], ..WorkloadRuntime::default() }
    }

    fn said(replicas: u32, warm_up: Option<u32>, keep: Option<u32>) -> String {
        let runtime = runtime(replicas);
        let drain_cap = Millis::seconds(60);
        Course { old: "v3", new: "v4", runtime: &runtime, warm_up, keep, drain_cap }.sentences()
    }

    #[test]
    fn several_replicas_with_both_waits() {
        let said = said(3, Some(5), Some(10));
        assert!(said.starts_with("v4 starts beside v3 (3 more replicas for about 15 minutes). When all 3 are ready at once and have stayed so for 5 minutes, traffic moves to v4 at once; open requests finish on v3, for up to 1 min."), "{said}");
        assert!(
            said.contains("Then v3 stays warm for 10 minutes, so that going back is instant."),
            "{said}"
        );
    }

    #[test]
    fn one_replica_without_waits() {
        let said = said(1, Some(0), Some(0));
        assert!(said.starts_with("v4 starts beside v3 (1 more replica until v3 is stopped). When it is ready, traffic moves"), "{said}");
        assert!(said.contains("Then v3 is stopped."), "{said}");
    }

    #[test]
    fn what_is_no_number_is_spoken_of_in_general() {
        let said = said(1, None, Some(1));
        assert!(
            said.contains("When it is ready and has stayed so for the warm-up, traffic"),
            "{said}"
        );
        assert!(said.contains("stays warm for 1 minute,"), "{said}");
    }
}
