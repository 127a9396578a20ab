//! What the list of workloads shows, as its address says it: all of it, so that a view can be kept, sent on and
//! come back to. The words are those of the API where it has them. What is no such word does not narrow.

use handover::{
    model::{ArtifactStatus, Importance, UserId, WorkloadStatus},
    store::{Paging, TagFilter, WorkloadFilter, WorkloadKey, WorkloadOrder},
};

use crate::components::{
    chip::status_word,
    pager::{PER_PAGE, escaped},
};

/// How many rows a page may have.
pub const SIZES: [u64; 3] = [PER_PAGE, 50, 100];

/// The most characters that are searched for (rules.md §2).
const LONGEST: usize = 100;

/// What can be sorted by, as the address says it, and what the two directions are called.
const KEYS: [(&str, WorkloadKey, [&str; 2]); 6] = [
    ("createdAt", WorkloadKey::CreatedAt, ["oldest first", "newest first"]),
    ("name", WorkloadKey::Name, ["by name", "by name, from the end"]),
    ("status", WorkloadKey::Status, ["by status", "by status, from the end"]),
    ("importance", WorkloadKey::Importance, ["least important first", "most important first"]),
    ("lastResponse", WorkloadKey::LastResponse, ["longest unused first", "last used first"]),
    ("updatedAt", WorkloadKey::UpdatedAt, ["longest unchanged first", "last changed first"]),
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Which tab.
    pub artifact: Option<ArtifactStatus>,
    pub status: Vec<WorkloadStatus>,
    pub importance: Vec<Importance>,
    pub created_by: Option<UserId>,
    /// Names, or names and values with `=` between them; each of them.
    pub tags: Vec<String>,
    pub search: String,
    pub order: WorkloadOrder,
    /// Rows on a page.
    pub size: u64,
    pub offset: u64,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            artifact: None,
            status: Vec::new(),
            importance: Vec::new(),
            created_by: None,
            tags: Vec::new(),
            search: String::new(),
            order: WorkloadOrder::default(),
            size: PER_PAGE,
            offset: 0,
        }
    }
}

impl Wanted {
    /// From the values that the address gives to each name.
    pub fn read(values: impl Fn(&str) -> Vec<String>) -> Self {
        let last = |name: &str| values(name).pop().unwrap_or_default();
        let order = last("orderBy");
        let (name, descending) =
            order.strip_prefix('-').map_or((order.as_str(), false), |name| (name, true));
        let key = KEYS.iter().find(|(word, ..)| *word == name).map(|(_, key, _)| *key);
        let size = last("limit").parse().ok().filter(|size| SIZES.contains(size));
        let mut tags: Vec<String> =
            values("tag").into_iter().filter(|tag| !tag.trim().is_empty()).collect();
        tags.dedup();
        Self {
            artifact: last("artifactStatus").parse().ok(),
            status: words(values("status")),
            importance: words(values("importance")),
            created_by: Some(last("createdBy"))
                .filter(|id| !id.is_empty())
                .and_then(|id| id.parse().ok()),
            tags,
            search: last("search").trim().chars().take(LONGEST).collect(),
            order: key.map_or_else(WorkloadOrder::default, |key| WorkloadOrder { key, descending }),
            size: size.unwrap_or(PER_PAGE),
            offset: last("offset").parse().unwrap_or(0),
        }
    }

    /// All, by name.
    pub fn by_name() -> Self {
        Self {
            order: WorkloadOrder { key: WorkloadKey::Name, descending: false },
            ..Self::default()
        }
    }

    pub fn filter(&self) -> WorkloadFilter {
        WorkloadFilter {
            created_by: self.created_by.clone(),
            search: Some(self.search.clone()).filter(|text| !text.is_empty()),
            status: self.status.clone(),
            artifact_status: self.artifact.into_iter().collect(),
            importance: self.importance.clone(),
            tags: TagFilter { each: self.tags.clone(), ..TagFilter::default() },
            order: self.order,
            ..WorkloadFilter::default()
        }
    }

    pub fn paging(&self) -> Paging {
        Paging { offset: self.offset, limit: self.size }
    }

    /// What stands in the address, without what goes without saying.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.artifact.map(|status| ("artifactStatus", status.to_string())));
        pairs.extend(self.status.iter().map(|status| ("status", status.to_string())));
        pairs.extend(self.importance.iter().map(|level| ("importance", level.to_string())));
        pairs.extend(self.created_by.iter().map(|id| ("createdBy", id.to_string())));
        pairs.extend(self.tags.iter().map(|tag| ("tag", tag.clone())));
        if !self.search.is_empty() {
            pairs.push(("search", self.search.clone()));
        }
        if self.order != WorkloadOrder::default() {
            pairs.push(("orderBy", order_word(self.order)));
        }
        if self.size != PER_PAGE {
            pairs.push(("limit", self.size.to_string()));
        }
        if self.offset > 0 {
            pairs.push(("offset", self.offset.to_string()));
        }
        pairs
    }

    /// The address of this view.
    pub fn href(&self) -> String {
        let pairs: Vec<String> =
            self.pairs().iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        if pairs.is_empty() {
            "/workloads".into()
        } else {
            format!("/workloads?{}", pairs.join("&"))
        }
    }

    /// The same view at another place in the list.
    #[must_use]
    pub fn at(&self, offset: u64) -> Self {
        Self { offset, ..self.clone() }
    }

    /// The same from its beginning, with another tab.
    #[must_use]
    pub fn tab(&self, artifact: Option<ArtifactStatus>) -> Self {
        Self { artifact, ..self.at(0) }
    }

    /// Everything, in the same order.
    #[must_use]
    pub fn cleared(&self) -> Self {
        Self { order: self.order, size: self.size, ..Self::default() }
    }

    /// Sorted by this; the other way round when it is already. Names begin with A, the rest with the most.
    #[must_use]
    pub fn sorted(&self, key: WorkloadKey) -> Self {
        let descending = if self.order.key == key {
            !self.order.descending
        } else {
            !matches!(key, WorkloadKey::Name | WorkloadKey::Status)
        };
        Self { order: WorkloadOrder { key, descending }, ..self.at(0) }
    }

    /// How it is sorted, in words.
    pub fn order_words(&self) -> &'static str {
        let found = Self::orders().into_iter().find(|(.., order)| *order == self.order);
        found.map_or("", |(_, words, _)| words)
    }

    /// Every way to sort: as the address says it, in words, and as what it is.
    pub fn orders() -> Vec<(String, &'static str, WorkloadOrder)> {
        KEYS.iter()
            .flat_map(|(_, key, words)| {
                [true, false].map(|descending| {
                    let order = WorkloadOrder { key: *key, descending };
                    (order_word(order), words[usize::from(descending)], order)
                })
            })
            .collect()
    }

    /// Whether it leaves anything out.
    pub fn narrows(&self) -> bool {
        let all =
            Self { order: self.order, size: self.size, offset: self.offset, ..Self::default() };
        *self != all
    }

    /// What narrows it besides the tab and the search, in words, and the view without it. `creator` is what the
    /// one of `created_by` is called.
    pub fn chips(&self, creator: &str) -> Vec<(String, Self)> {
        let first = self.at(0);
        let mut chips = Vec::new();
        for status in &self.status {
            let rest = without(&self.status, status);
            let label = format!("status: {}", status_word(*status).to_lowercase());
            chips.push((label, Self { status: rest, ..first.clone() }));
        }
        for level in &self.importance {
            let rest = without(&self.importance, level);
            chips
                .push((format!("importance: {level}"), Self { importance: rest, ..first.clone() }));
        }
        if self.created_by.is_some() {
            let label = format!("created by: {creator}");
            chips.push((label, Self { created_by: None, ..first.clone() }));
        }
        for tag in &self.tags {
            let rest = without(&self.tags, tag);
            chips.push((format!("tag: {tag}"), Self { tags: rest, ..first.clone() }));
        }
        chips
    }
}

fn order_word(order: WorkloadOrder) -> String {
    let word =
        KEYS.iter().find(|(_, key, _)| *key == order.key).map_or("createdAt", |(word, ..)| word);
    if order.descending { format!("-{word}") } else { word.to_owned() }
}

fn words<T: std::str::FromStr + PartialEq>(values: Vec<String>) -> Vec<T> {
    let mut all = Vec::new();
    for word in values.iter().flat_map(|value| value.split(',')) {
        if let Ok(word) = word.trim().parse()
            && !all.contains(&word)
        {
            all.push(word);
        }
    }
    all
}

fn without<T: Clone + PartialEq>(all: &[T], one: &T) -> Vec<T> {
    all.iter().filter(|other| *other != one).cloned().collect()
}

#[cfg(test)]
mod tests {
    use handover::{
        model::{Importance, WorkloadStatus},
        store::WorkloadKey,
    };

    use super::Wanted;

    fn read(query: &str) -> Wanted {
        let pairs: Vec<(String, String)> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.replace("%3D", "=").replace("%20", " ")))
            .collect();
        Wanted::read(|name| {
            pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
        })
    }

    #[test]
    fn a_view_is_its_address() {
        let query = "artifactStatus=draft&status=running&status=errored&importance=high\
            &createdBy=000000000000000000000001&tag=team%3Dred&tag=gpu&search=a%20b&orderBy=name&limit=50&offset=100";
        let wanted = read(query);
        assert_eq!(wanted.href(), format!("/workloads?{query}"));
        assert_eq!(wanted.status, [WorkloadStatus::Running, WorkloadStatus::Errored]);
        assert_eq!(read(""), Wanted::default());
        assert_eq!(Wanted::default().href(), "/workloads");
    }

    #[test]
    fn what_is_no_word_narrows_nothing() {
        let query = "artifactStatus=&status=quick,,&importance=high,HIGH&createdBy=&tag=&search=%20&orderBy=-colour\
            &limit=7&offset=-1";
        assert_eq!(read(query), Wanted { importance: vec![Importance::High], ..Wanted::default() });
    }

    #[test]
    fn chips_take_one_thing_away_and_go_to_the_beginning() {
        let wanted =
            read("status=running&status=stopped&tag=a&offset=40&search=x&artifactStatus=draft");
        let chips = wanted.chips("");
        let words: Vec<&str> = chips.iter().map(|(words, _)| words.as_str()).collect();
        assert_eq!(words, ["status: running", "status: stopped", "tag: a"]);
        assert_eq!(
            chips[0].1.href(),
            "/workloads?artifactStatus=draft&status=stopped&tag=a&search=x"
        );
        assert!(wanted.narrows() && !wanted.cleared().narrows());
        assert!(!read("orderBy=name&limit=50&offset=50").narrows());
    }

    #[test]
    fn a_heading_sorts_and_then_turns_round() {
        let first = Wanted::default().sorted(WorkloadKey::Name);
        assert_eq!(first.href(), "/workloads?orderBy=name");
        assert_eq!(first.sorted(WorkloadKey::Name).href(), "/workloads?orderBy=-name");
        let newest = first.at(40).sorted(WorkloadKey::CreatedAt);
        assert_eq!(newest.href(), "/workloads", "the default is not said");
        assert_eq!(newest.sorted(WorkloadKey::CreatedAt).href(), "/workloads?orderBy=createdAt");
    }
}
