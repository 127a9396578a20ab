//! Who made something, as records show it.

use std::collections::{HashMap, HashSet};

use crate::{
    error::Error,
    house::House,
    model::{User, UserData, UserId},
};

/// Looks people up once per answer, however many records name them.
pub(crate) struct Creators<'h> {
    house: &'h House,
    known: HashMap<UserId, UserData>,
}

impl<'h> Creators<'h> {
    pub(crate) fn new(house: &'h House) -> Self {
        Self { house, known: HashMap::new() }
    }

    /// Knows these people already: looked up at once, for the records of a page.
    pub(crate) async fn of(
        house: &'h House,
        people: impl Iterator<Item = &UserId>,
    ) -> Result<Self, Error> {
        let ids: Vec<_> = people.collect::<HashSet<_>>().into_iter().cloned().collect();
        let mut found = house.store.users_by_id(&ids).await?;
        let known = ids.into_iter().map(|id| {
            let data = shown(&id, found.remove(&id).as_ref());
            (id, data)
        });
        Ok(Self { house, known: known.collect() })
    }

    /// Somebody who is not there any more is shown by id alone.
    pub(crate) async fn get(&mut self, id: &UserId) -> Result<UserData, Error> {
        if let Some(known) = self.known.get(id) {
            return Ok(known.clone());
        }
        let data = shown(id, self.house.store.user(id).await?.as_ref());
        self.known.insert(id.clone(), data.clone());
        Ok(data)
    }
}

fn shown(id: &UserId, found: Option<&User>) -> UserData {
    let unknown = || UserData {
        id: id.clone(),
        username: None,
        full_name: None,
        email: None,
        userhash: None,
    };
    found.map_or_else(unknown, UserData::from)
}
