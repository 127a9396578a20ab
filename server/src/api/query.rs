//! Query parameters: repeated keys and comma lists, and every wrong one told at once. Parameters that we
//! don't know are left alone, because clients of other versions send their own.

use std::{cell::RefCell, collections::BTreeSet, convert::Infallible, fmt::Display, str::FromStr};

use axum::{extract::FromRequestParts, http::request::Parts};
use handover::error::{Error, FieldError};

use super::{
    refusal::Refusal,
    route::Declared,
    sketch::{Sketch, Takes},
};

pub(super) struct Query {
    pairs: Vec<(String, String)>,
    wrong: Vec<FieldError>,
    /// Which parameters were looked for; compared with what the route declares where it says so.
    read: RefCell<BTreeSet<String>>,
    declared: Option<Declared>,
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let declared = parts.extensions.get::<Declared>().cloned();
        Ok(Self { declared, ..Self::parse(parts.uri.query().unwrap_or_default()) })
    }
}

impl Takes for Query {
    fn describe(sketch: &mut Sketch) {
        sketch.refuse(Refusal::Invalid);
    }
}

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let pairs = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        Self { pairs, wrong: Vec::new(), read: RefCell::default(), declared: None }
    }

    /// The last value given for a name; an empty one counts as not given.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.looked_for(name);
        let given = self.pairs.iter().rev().find(|(key, _)| key == name);
        given.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub(super) fn one<T>(&mut self, name: &str) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        let read = self.text(name)?.parse::<T>();
        self.accept(name, read)
    }

    /// Every value given for a name, each of which may be a comma list.
    pub(super) fn many<T>(&mut self, name: &str) -> Vec<T>
    where
        T: FromStr<Err: Display>,
    {
        let read: Vec<_> = self.words(name).into_iter().map(|word| word.parse::<T>()).collect();
        read.into_iter().filter_map(|read| self.accept(name, read)).collect()
    }

    pub(super) fn words(&self, name: &str) -> Vec<String> {
        self.looked_for(name);
        let values =
            self.pairs.iter().filter(|(key, _)| key == name || *key == format!("{name}[]"));
        let words = values.flat_map(|(_, value)| value.split(',')).map(str::trim);
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    /// Every value given for a name, whole: free text may hold commas.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        self.looked_for(name);
        let values =
            self.pairs.iter().filter(|(key, _)| key == name || *key == format!("{name}[]"));
        values.map(|(_, value)| value.clone()).filter(|value| !value.is_empty()).collect()
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        match self.text(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false" | "0") => false,
            Some("true" | "1") => true,
            Some(_) => {
                self.refuse(name, "true or false");
                false
            }
        }
    }

    /// An integer within bounds.
    pub(super) fn number(&mut self, name: &str, from: u64, to: u64, default: u64) -> u64 {
        match self.text(name).map(str::parse::<u64>) {
            None => default,
            Some(Ok(number)) if (from..=to).contains(&number) => number,
            Some(_) => {
                let text = if to == u64::MAX {
                    format!("a whole number from {from}")
                } else {
                    format!("a whole number from {from} to {to}")
                };
                self.refuse(name, text);
                default
            }
        }
    }

    /// At most 100 characters (rules.md §2).
    pub(super) fn search(&mut self) -> Option<String> {
        let text = self.text("search")?.to_owned();
        if text.chars().count() > 100 {
            self.refuse("search", "at most 100 characters");
        }
        Some(text)
    }

    /// `orderBy`, with a leading `-` for descending.
    pub(super) fn order<K: Copy>(&mut self, keys: &[(&str, K)]) -> Option<(K, bool)> {
        let given = self.text("orderBy")?.to_owned();
        let (name, descending) =
            given.strip_prefix('-').map_or((given.as_str(), false), |name| (name, true));
        let found = keys.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        if found.is_none() {
            let names: Vec<_> = keys.iter().map(|(key, _)| *key).collect();
            self.refuse("orderBy", format!("one of {}, or with a leading '-'", names.join(", ")));
        }
        found.map(|(_, key)| (*key, descending))
    }

    pub(super) fn refuse(&mut self, name: &str, why: impl Into<String>) {
        self.wrong.push(FieldError::query(name, why));
    }

    fn accept<T, E: Display>(&mut self, name: &str, read: Result<T, E>) -> Option<T> {
        read.map_err(|why| self.refuse(name, why.to_string())).ok()
    }

    fn looked_for(&self, name: &str) {
        if self.declared.is_some() {
            self.read.borrow_mut().insert(name.to_owned());
        }
    }

    /// # Errors
    /// [`Error::Invalid`] when any parameter was wrong.
    /// # Panics
    /// In builds with debug assertions, when the parameters that were read are not those that the route
    /// declares.
    pub(super) fn done(self) -> Result<(), Error> {
        if let Some(Declared(names)) = &self.declared {
            let declared: BTreeSet<String> = names.iter().map(|&name| name.to_owned()).collect();
            let read = self.read.take();
            assert_eq!(read, declared, "left: parameters read, right: declared with the route");
        }
        if self.wrong.is_empty() { Ok(()) } else { Err(Error::Invalid(self.wrong)) }
    }
}

#[cfg(test)]
mod tests {
    use handover::{error::Error, model::Importance};

    use super::Query;

    #[test]
    fn lists_come_repeated_or_with_commas() {
        let mut query = Query::parse("importance=low&importance=HIGH,critical&importance=");
        let found: Vec<Importance> = query.many("importance");
        assert_eq!(found, [Importance::Low, Importance::High, Importance::Critical]);
        assert!(query.done().is_ok());
    }

    #[test]
    fn every_wrong_parameter_is_told() {
        let mut query = Query::parse("importance=lowest&limit=101&orderBy=-colour&flag=maybe");
        let _: Vec<Importance> = query.many("importance");
        query.number("limit", 1, 100, 10);
        query.order(&[("name", ())]);
        query.flag("flag");
        let Err(Error::Invalid(wrong)) = query.done() else { panic!("accepted") };
        let names: Vec<_> = wrong.iter().map(handover::error::FieldError::dotted).collect();
        assert_eq!(names, ["importance", "limit", "orderBy", "flag"]);
    }
}
