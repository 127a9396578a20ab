//! Execution environments: what generated images stand on (rules.md §16). The process engine can honestly
//! offer one: the host itself. Its ids never change, because artifacts name them.

use crate::model::{
    EnvironmentId, EnvironmentRecord, EnvironmentVersionId, EnvironmentVersionRecord,
    EnvironmentVersionRef, Page,
};

/// "handover" in hexadecimal digits, then a number.
const HOST: &str = "68616e646f76657200000001";
const HOST_VERSION: &str = "68616e646f76657200000101";
const NAME: &str = "Native process";
const USE_CASES: [&str; 1] = ["customApplication"];

/// Which environments are wanted; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct EnvironmentFilter {
    /// In the name or the description, in any case.
    pub search: Option<String>,
    pub use_cases: Vec<String>,
    pub public: Option<bool>,
}

pub fn list(filter: &EnvironmentFilter) -> Page<EnvironmentRecord> {
    let fits = |record: &EnvironmentRecord| {
        let text = format!("{}\n{}", record.name, record.description).to_lowercase();
        filter.search.as_ref().is_none_or(|search| text.contains(&search.to_lowercase()))
            && (filter.use_cases.is_empty()
                || filter.use_cases.iter().any(|wanted| record.use_cases.contains(wanted)))
            && filter.public.is_none_or(|public| public == record.is_public)
    };
    let items: Vec<_> = host().into_iter().filter(fits).collect();
    Page { total: items.len() as u64, items }
}

pub fn get(id: &EnvironmentId) -> Option<EnvironmentRecord> {
    host().filter(|record| record.id == *id)
}

pub fn versions(id: &EnvironmentId) -> Option<Page<EnvironmentVersionRecord>> {
    let host = get(id)?;
    let version = EnvironmentVersionRecord {
        id: host.latest_version.id,
        environment_id: host.id,
        label: "1".to_owned(),
        description: "Programs of this host, started as processes".to_owned(),
        build_status: "success".to_owned(),
    };
    Some(Page { items: vec![version], total: 1 })
}

/// Whether both ids are those of the host as an environment.
pub(super) fn is_host(id: &EnvironmentId, version: &EnvironmentVersionId) -> bool {
    id.as_str() == HOST && version.as_str() == HOST_VERSION
}

/// None only if our own constants were no ids.
fn host() -> Option<EnvironmentRecord> {
    let version = EnvironmentVersionRef { id: HOST_VERSION.parse().ok()? };
    Some(EnvironmentRecord {
        id: HOST.parse().ok()?,
        name: NAME.to_owned(),
        description:
            "Runs uploaded programs and scripts as processes of this host. What they need, such \
                      as an interpreter, has to be installed here."
                .to_owned(),
        programming_language: "other".to_owned(),
        is_public: true,
        use_cases: USE_CASES.map(str::to_owned).to_vec(),
        latest_version: version.clone(),
        latest_successful_version: Some(version),
    })
}

#[cfg(test)]
mod tests {
    use super::{EnvironmentFilter, get, is_host, list, versions};

    #[test]
    fn the_host_is_found_by_what_clients_ask_with() {
        let all = list(&EnvironmentFilter::default());
        let host = &all.items[0];
        let version = &versions(&host.id).unwrap().items[0];
        assert!(is_host(&host.id, &version.id));
        assert_eq!(host.latest_successful_version.as_ref().map(|v| &v.id), Some(&version.id));
        let found = |filter: EnvironmentFilter| list(&filter).total;
        let search = |text: &str| EnvironmentFilter {
            search: Some(text.into()),
            ..EnvironmentFilter::default()
        };
        assert_eq!((found(search("NATIVE")), found(search("cuda"))), (1, 0));
        let use_cases = vec!["notebook".to_owned()];
        assert_eq!(found(EnvironmentFilter { use_cases, ..EnvironmentFilter::default() }), 0);
        let hidden = EnvironmentFilter { public: Some(false), ..EnvironmentFilter::default() };
        assert_eq!(found(hidden), 0);
        assert!(get(&"another".parse().unwrap()).is_none());
    }
}
