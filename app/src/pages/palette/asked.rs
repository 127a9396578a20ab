//! What was typed, word by word: which words name a deed, and which are part of a name.

use super::entry::Entry;

/// A deed as people call it: what the palette writes, by which other words people look for it, and where it is done.
pub(super) struct Deed<T> {
    pub(super) name: &'static str,
    pub(super) also: &'static str,
    pub(super) path: &'static str,
    /// What it takes.
    pub(super) takes: T,
}

impl<T> Deed<T> {
    pub(super) const fn new(
        name: &'static str,
        also: &'static str,
        path: &'static str,
        takes: T,
    ) -> Self {
        Self { name, also, path, takes }
    }

    fn is_called(&self, word: &str) -> bool {
        begins(self.name, word) || begins(self.also, word)
    }
}

/// What is asked of one thing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    words: &'a [String],
    /// What the thing is called, when words may be a part of that too.
    name: Option<&'a str>,
}

impl<'a> Asked<'a> {
    /// Of the thing that the page is about: everything, when nothing is typed.
    pub(super) fn of_page(words: &'a [String], name: &'a str) -> Self {
        Self { words, name: Some(name) }
    }

    /// Of something that was found by its name: these deeds.
    pub(super) fn of_found(verbs: &'a [String]) -> Self {
        Self { words: verbs, name: None }
    }

    /// The lines of those that fit: what can be done before what can't, and what was typed before what is only like
    /// it. What can't be done is left out when everything is listed.
    pub(super) fn lines<'d, T>(
        &self,
        deeds: &'d [Deed<T>],
        line: impl Fn(&'d Deed<T>) -> Entry,
    ) -> Vec<Entry> {
        let fitting = deeds.iter().filter(|deed| self.fits(deed));
        let mut found: Vec<(bool, Entry)> =
            fitting.map(|deed| (self.is_typed(deed), line(deed))).collect();
        found.retain(|(_, entry)| !(entry.is_refused() && self.words.is_empty()));
        found.sort_by_key(|(typed, entry)| (entry.is_refused(), !typed));
        found.into_iter().map(|(_, entry)| entry).collect()
    }

    fn fits<T>(&self, deed: &Deed<T>) -> bool {
        self.words.iter().all(|word| deed.is_called(word) || self.is_in_name(word))
    }

    fn is_typed<T>(&self, deed: &Deed<T>) -> bool {
        self.words.iter().all(|word| begins(deed.name, word) || self.is_in_name(word))
    }

    fn is_in_name(&self, word: &str) -> bool {
        self.name.is_some_and(|name| name.to_lowercase().contains(word))
    }
}

/// Lower case, without what is between the words.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_lowercase).collect()
}

/// `stop checkout` is a deed and a part of a name. Two letters are too little to tell.
pub(super) fn split<T>(words: &[String], deeds: &[Deed<T>]) -> (Vec<String>, String) {
    let is_verb = |word: &String| word.len() > 2 && deeds.iter().any(|deed| deed.is_called(word));
    let (verbs, rest): (Vec<String>, Vec<String>) = words.iter().cloned().partition(is_verb);
    (verbs, rest.join(" "))
}

/// Whether every word begins one of those by which something is known.
pub(super) fn fits(words: &[String], name: &str, also: &str) -> bool {
    words.iter().all(|word| begins(name, word) || begins(also, word))
}

fn begins(text: &str, word: &str) -> bool {
    let letters = |one: &&str| one.chars().any(char::is_alphanumeric);
    let mut parts = text.split([' ', '-']).filter(letters);
    parts.any(|part| part.to_lowercase().starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::{Asked, Deed, fits, split, words};

    const DEEDS: [Deed<()>; 3] = [
        Deed::new("Stop", "halt", "", ()),
        Deed::new("Promote", "lock", "", ()),
        Deed::new("Switch back to the old version of", "roll rollback undo", "", ()),
    ];

    #[test]
    fn a_deed_and_whose() {
        let split = |text| split(&words(text), &DEEDS);
        let of = |verbs: &[&str], rest: &str| {
            (verbs.iter().map(|verb| (*verb).to_owned()).collect::<Vec<_>>(), rest.to_owned())
        };
        assert_eq!(split("stop Checkout api"), of(&["stop"], "checkout api"));
        assert_eq!(split("promo"), of(&["promo"], ""));
        assert_eq!(split("roll back scorer"), of(&["roll", "back"], "scorer"));
        assert_eq!(split("checkout"), of(&[], "checkout"));
        assert_eq!(split("st"), of(&[], "st"), "too little to tell");
    }

    #[test]
    fn every_word_has_to_mean_something() {
        let found = |text: &str| {
            let words = words(text);
            let asked = Asked::of_page(&words, "Fraud scorer");
            DEEDS.iter().filter(|deed| asked.fits(deed)).map(|deed| deed.name).collect::<Vec<_>>()
        };
        assert_eq!(found("").len(), DEEDS.len());
        assert_eq!(found("halt scorer"), ["Stop"]);
        assert_eq!(found("lock"), ["Promote"]);
        assert!(found("stop checkout").is_empty());
        assert!(fits(&words("sign OUT"), "Sign out", "leave"));
        assert!(fits(&words("sess"), "Sign-ins", "sessions"));
        assert!(!fits(&words("sign in"), "Sign out", "leave"));
    }
}
