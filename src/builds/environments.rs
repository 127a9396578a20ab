//! Execution environments: what generated images stand on (rules.md §16).
//!
//! One is the host itself, which the process engine can honestly offer. Where there is a container engine,
//! whoever runs this server names images as others. Artifacts name environments by their ids, so those are made
//! of the names: they are the same on every start. A version's id is made of the image too: another image is
//! another version, and what names the former is told so instead of being built on something else.

use std::{collections::BTreeSet, str::FromStr};

use sha2::{Digest, Sha256};

use crate::{
    house::House,
    model::{
        EnvironmentId, EnvironmentRecord, EnvironmentVersionId, EnvironmentVersionRecord,
        EnvironmentVersionRef, Page,
    },
};

/// "handover" in hexadecimal digits, then a number.
const HOST: &str = "68616e646f76657200000001";
const HOST_VERSION: &str = "68616e646f76657200000101";
const HOST_NAME: &str = "Native process";
const USE_CASES: [&str; 1] = ["customApplication"];

/// An image to build on, and what people call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseImage {
    name: String,
    image: String,
}

impl FromStr for BaseImage {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            |why: &str| format!("'{text}' {why}; write it like NAME=registry.example.com/python:3");
        let (name, image) = text.split_once('=').ok_or_else(|| wrong("has no '='"))?;
        let (name, image) = (name.trim(), image.trim());
        if name.is_empty() || name.contains(char::is_control) {
            return Err(wrong("has no name before the '='"));
        }
        if name.eq_ignore_ascii_case(HOST_NAME) {
            return Err(wrong("has the name of the host as an environment"));
        }
        // It becomes a line of a Dockerfile.
        let blank = |c: char| c.is_whitespace() || c.is_control() || c == '$';
        if image.is_empty() || image.starts_with('-') || image.contains(blank) {
            return Err(wrong("has no image after the '='"));
        }
        Ok(Self { name: name.to_owned(), image: image.to_owned() })
    }
}

/// What a generated image is made on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Base {
    Host,
    Image(String),
}

/// What can be built on here.
#[derive(Debug)]
pub struct Environments(Vec<Environment>);

#[derive(Debug)]
struct Environment {
    record: EnvironmentRecord,
    version: EnvironmentVersionRecord,
    base: Base,
}

/// Two environments have one name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("two build environments are called '{0}'")]
pub struct SameName(String);

impl Environments {
    /// The host alone.
    pub fn of_host() -> Self {
        // None only if our own ids were none.
        Self(host().into_iter().collect())
    }

    /// The host, and these images.
    pub fn new(images: &[BaseImage]) -> Result<Self, SameName> {
        let mut names = BTreeSet::new();
        for base in images {
            if !names.insert(base.name.to_lowercase()) {
                return Err(SameName(base.name.clone()));
            }
        }
        let mut all = Self::of_host();
        all.0.extend(images.iter().filter_map(of_image));
        Ok(all)
    }

    fn get(&self, id: &EnvironmentId) -> Option<&Environment> {
        self.0.iter().find(|one| one.record.id == *id)
    }

    /// What a version stands for.
    ///
    /// # Errors
    /// A sentence, when there is no such version here.
    pub(super) fn base(
        &self,
        id: &EnvironmentId,
        version: &EnvironmentVersionId,
    ) -> Result<&Base, String> {
        let found = self.get(id).ok_or_else(|| {
            format!(
                "there is no execution environment {id} with version {version} here; \
                 GET /api/v2/executionEnvironments/ lists what can be built on"
            )
        })?;
        if found.version.id == *version {
            return Ok(&found.base);
        }
        Err(format!(
            "the execution environment '{}' has no version {version} any more: its version is {}; name that in \
             executionEnvironmentVersionId",
            found.record.name, found.version.id
        ))
    }
}

/// Which environments are wanted; what is empty does not narrow.
#[derive(Debug, Clone, Default)]
pub struct EnvironmentFilter {
    /// In the name or the description, in any case.
    pub search: Option<String>,
    pub use_cases: Vec<String>,
    pub public: Option<bool>,
}

pub fn list(house: &House, filter: &EnvironmentFilter) -> Page<EnvironmentRecord> {
    listed(house.builds.environments(), filter)
}

fn listed(all: &Environments, filter: &EnvironmentFilter) -> Page<EnvironmentRecord> {
    let fits = |record: &EnvironmentRecord| {
        let text = format!("{}\n{}", record.name, record.description).to_lowercase();
        filter.search.as_ref().is_none_or(|search| text.contains(&search.to_lowercase()))
            && (filter.use_cases.is_empty()
                || filter.use_cases.iter().any(|wanted| record.use_cases.contains(wanted)))
            && filter.public.is_none_or(|public| public == record.is_public)
    };
    let records = all.0.iter().map(|one| &one.record).filter(|record| fits(record));
    let items: Vec<_> = records.cloned().collect();
    Page { total: items.len() as u64, items }
}

pub fn get(house: &House, id: &EnvironmentId) -> Option<EnvironmentRecord> {
    house.builds.environments().get(id).map(|one| one.record.clone())
}

pub fn versions(house: &House, id: &EnvironmentId) -> Option<Page<EnvironmentVersionRecord>> {
    let found = house.builds.environments().get(id)?;
    Some(Page { items: vec![found.version.clone()], total: 1 })
}

fn host() -> Option<Environment> {
    let description = "Runs uploaded programs and scripts as processes of this host. What they need, such \
                       as an interpreter, has to be installed here.";
    let version = "Programs of this host, started as processes";
    environment(HOST, HOST_VERSION, HOST_NAME, description, version, Base::Host)
}

fn of_image(base: &BaseImage) -> Option<Environment> {
    let BaseImage { name, image } = base;
    let id = made_of(&["environment", name]);
    let version = made_of(&["version", name, image]);
    let description = format!("Containers made of the image {image}, with the code in /app.");
    environment(&id, &version, name, &description, image, Base::Image(image.clone()))
}

fn environment(
    id: &str,
    version: &str,
    name: &str,
    description: &str,
    about: &str,
    base: Base,
) -> Option<Environment> {
    let (id, version): (EnvironmentId, EnvironmentVersionId) =
        (id.parse().ok()?, version.parse().ok()?);
    let reference = EnvironmentVersionRef { id: version.clone() };
    let record = EnvironmentRecord {
        id: id.clone(),
        name: name.to_owned(),
        description: description.to_owned(),
        programming_language: "other".to_owned(),
        is_public: true,
        use_cases: USE_CASES.map(str::to_owned).to_vec(),
        latest_version: reference.clone(),
        latest_successful_version: Some(reference),
    };
    let version = EnvironmentVersionRecord {
        id: version,
        environment_id: id,
        label: "1".to_owned(),
        description: about.to_owned(),
        build_status: "success".to_owned(),
    };
    Some(Environment { record, version, base })
}

/// An id that is always the same for these words.
fn made_of(words: &[&str]) -> String {
    let digest = Sha256::digest(words.join("\n").as_bytes());
    digest[..12].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Base, BaseImage, EnvironmentFilter, Environments, listed};

    fn images(given: &[&str]) -> Vec<BaseImage> {
        given.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn environments_are_found_by_what_clients_ask_with() {
        let all = Environments::new(&images(&["Python=r.io/python:3"])).unwrap();
        let found = |filter: EnvironmentFilter| {
            let items = listed(&all, &filter).items.into_iter();
            items.map(|record| record.name).collect::<Vec<_>>()
        };
        let search = |text: &str| EnvironmentFilter {
            search: Some(text.into()),
            ..EnvironmentFilter::default()
        };
        assert_eq!(found(EnvironmentFilter::default()), ["Native process", "Python"]);
        assert_eq!(found(search("NATIVE")), ["Native process"]);
        assert_eq!(found(search("r.io")), ["Python"]);
        assert!(found(search("cuda")).is_empty());
        let use_cases = vec!["notebook".to_owned()];
        let notebooks = EnvironmentFilter { use_cases, ..EnvironmentFilter::default() };
        assert!(found(notebooks).is_empty());
        let hidden = EnvironmentFilter { public: Some(false), ..EnvironmentFilter::default() };
        assert!(found(hidden).is_empty());
    }

    #[test]
    fn ids_stay_and_another_image_is_another_version() {
        let before = Environments::new(&images(&["Python=r.io/python:3", "a=b"])).unwrap();
        let after = Environments::new(&images(&["Python=r.io/python:4"])).unwrap();
        let (old, new) = (&before.0[1], &after.0[1]);
        assert_eq!(old.record.id, new.record.id);
        assert_eq!(old.record.id.as_str().len(), 24);
        let base = |all: &Environments, of: &super::Environment| {
            all.base(&of.record.id, &of.version.id).cloned()
        };
        assert_eq!(base(&before, old), Ok(Base::Image("r.io/python:3".to_owned())));
        assert_eq!(base(&after, new), Ok(Base::Image("r.io/python:4".to_owned())));
        let told = base(&after, old).unwrap_err();
        assert!(told.contains(new.version.id.as_str()), "{told}");
        let host = &after.0[0];
        assert_eq!(base(&after, host), Ok(Base::Host));
        let none = after.base(&"another".parse().unwrap(), &host.version.id).unwrap_err();
        assert!(none.contains("no execution environment another"), "{none}");
    }

    #[test]
    fn what_is_no_environment_is_told_as_such() {
        let wrong = ["python", "=a", "a=", "native process=a", "a=b c", "a=--platform=x", "a=$B"];
        for text in wrong {
            assert!(text.parse::<BaseImage>().is_err(), "{text}");
        }
        assert!(Environments::new(&images(&["a=b", "A=c"])).is_err());
        assert_eq!(images(&["a = r.io/x@sha256:00=="])[0].image, "r.io/x@sha256:00==");
    }
}
