//! The compute bundles of this installation (rules.md §16): a small family with fixed ids and sizes, of which
//! those are offered that the engine's host has room for.
//!
//! Known limitation: bundles are not edited by anybody, and none has a GPU, because no engine here gives one.

use crate::{
    error::{Error, Findings},
    house::House,
    model::{Bundle, Capacity, Page, ResolvedBundle, WorkloadRuntime},
    store::Paging,
};

const MIB: u64 = 1024 * 1024;

/// Ids and sizes never change: runtimes name them for ever.
const FAMILY: [(&str, f64, u64); 7] = [
    ("cpu.nano", 0.25, 256 * MIB),
    ("cpu.micro", 0.5, 512 * MIB),
    ("cpu.small", 1.0, 2048 * MIB),
    ("cpu.medium", 2.0, 4096 * MIB),
    ("cpu.large", 4.0, 8192 * MIB),
    ("cpu.xlarge", 8.0, 16_384 * MIB),
    ("cpu.2xlarge", 16.0, 32_768 * MIB),
];

/// Offered as the default when it fits; else the largest that does.
const DEFAULT: &str = "cpu.small";

/// Those that are offered, the smallest first.
pub fn list(house: &House, paging: Paging) -> Page<Bundle> {
    let all = offered(house.engine.capacity());
    let total = all.len() as u64;
    let skip = usize::try_from(paging.offset).unwrap_or(usize::MAX);
    let take = usize::try_from(paging.limit).unwrap_or(usize::MAX);
    Page { items: all.into_iter().skip(skip).take(take).collect(), total }
}

fn offered(capacity: Capacity) -> Vec<Bundle> {
    // The smallest is offered everywhere: a machine that is too small for it would still run something.
    let fits = |(index, (_, cpu, memory)): (usize, (&str, f64, u64))| {
        index == 0 || (cpu <= capacity.cpu && memory <= capacity.memory_bytes)
    };
    let count = FAMILY.into_iter().enumerate().take_while(|sized| fits(*sized)).count();
    let family = &FAMILY[..count];
    let default = family.iter().position(|(id, ..)| *id == DEFAULT).unwrap_or(count - 1);
    family
        .iter()
        .enumerate()
        .map(|(index, (id, cpu, memory))| Bundle {
            id: (*id).to_owned(),
            name: id.trim_start_matches("cpu.").to_owned(),
            description: Some(format!("{cpu} CPU, {} MiB of memory", memory / MIB)),
            cpu_count: *cpu,
            memory_bytes: *memory,
            gpu_count: 0,
            gpu_maker: None,
            gpu_type_label: None,
            gpu_memory_bytes: 0,
            has_gpu: false,
            use_cases: vec!["workload".to_owned()],
            is_default: index == default,
            is_deleted: false,
        })
        .collect()
}

/// Picks the bundle of each group that names any: the first of its list that is offered. All of those fit
/// this host, so the first is also the first with room.
///
/// # Errors
/// [`Error::Invalid`] for each id that names no bundle.
pub(crate) fn resolve(house: &House, runtime: &mut WorkloadRuntime) -> Result<(), Error> {
    pick(&offered(house.engine.capacity()), runtime)
}

fn pick(offered: &[Bundle], runtime: &mut WorkloadRuntime) -> Result<(), Error> {
    let mut findings = Findings::default();
    for (g, group) in runtime.container_groups.iter_mut().enumerate() {
        let known = |id: &String| offered.iter().find(|bundle| bundle.id == *id);
        for (index, id) in group.resource_bundles.iter().enumerate() {
            let ids = || offered.iter().map(|b| b.id.as_str()).collect::<Vec<_>>().join(", ");
            findings.check(
                known(id).is_some(),
                &format!("runtime.containerGroups.{g}.resourceBundles.{index}"),
                format!("there is no bundle '{id}' here, only {}", ids()),
            );
        }
        group.resolved_bundle =
            group.resource_bundles.first().and_then(known).map(ResolvedBundle::from);
    }
    findings.done()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{MIB, offered, pick};
    use crate::model::{Capacity, WorkloadRuntime};

    fn ids(cpu: f64, mib: u64) -> (Vec<String>, String) {
        let all = offered(Capacity { cpu, memory_bytes: mib * MIB });
        let default: Vec<_> = all.iter().filter(|b| b.is_default).map(|b| b.id.clone()).collect();
        assert_eq!(default.len(), 1);
        (all.iter().map(|b| b.id.clone()).collect(), default[0].clone())
    }

    #[test]
    fn a_machine_offers_what_it_has_room_for() {
        let names = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let (all, default) = ids(2.0, 16_000);
        assert_eq!(all, names(&["cpu.nano", "cpu.micro", "cpu.small", "cpu.medium"]));
        assert_eq!(default, "cpu.small");
        assert_eq!(ids(64.0, 1000), (names(&["cpu.nano", "cpu.micro"]), "cpu.micro".into()));
        assert_eq!(ids(0.1, 100), (names(&["cpu.nano"]), "cpu.nano".into()));
        assert_eq!(ids(64.0, 512_000).0.len(), 7);
    }

    #[test]
    fn the_first_of_a_list_is_taken_and_what_is_unknown_is_named() {
        let offered = offered(Capacity { cpu: 1.0, memory_bytes: 4096 * MIB });
        let runtime = |bundles: serde_json::Value| -> WorkloadRuntime {
            let group = json!({ "resourceBundles": bundles, "resolvedBundle": { "id": "mine" } });
            serde_json::from_value(json!({ "containerGroups": [group] })).unwrap()
        };
        let mut two = runtime(json!(["cpu.small", "cpu.nano"]));
        pick(&offered, &mut two).unwrap();
        let group = &two.container_groups[0];
        assert_eq!(group.resolved_bundle.as_ref().unwrap().id, "cpu.small");
        assert_eq!((group.cpu(), group.memory()), (Some(1.0), Some(2048 * MIB)));
        let mut none = runtime(json!([]));
        pick(&offered, &mut none).unwrap();
        assert_eq!(none.container_groups[0].resolved_bundle, None);
        let wrong = pick(&offered, &mut runtime(json!(["cpu.nano", "gpu.huge"]))).unwrap_err();
        assert!(
            wrong.to_string().starts_with("runtime.containerGroups.0.resourceBundles.1"),
            "{wrong}"
        );
    }
}
