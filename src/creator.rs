//! Who made something, as records show it.

use std::collections::HashMap;

use crate::{
    access::Caller,
    error::Error,
    house::House,
    model::{UserData, UserId},
};

/// A list holds only what the caller may see. Says whether anything can be left.
pub(crate) fn narrow_to_own(caller: &Caller, created_by: &mut Option<UserId>) -> bool {
    if caller.user.is_admin {
        return true;
    }
    created_by.get_or_insert_with(|| caller.id().clone()) == caller.id()
}

/// Looks people up once per answer, however many records name them.
pub(crate) struct Creators<'h> {
    house: &'h House,
    known: HashMap<UserId, UserData>,
}

impl<'h> Creators<'h> {
    pub(crate) fn new(house: &'h House) -> Self {
        Self { house, known: HashMap::new() }
    }

    /// Somebody who is not there any more is shown by id alone.
    pub(crate) async fn get(&mut self, id: &UserId) -> Result<UserData, Error> {
        if let Some(known) = self.known.get(id) {
            return Ok(known.clone());
        }
        let found = self.house.store.user(id).await?;
        let data = found.as_ref().map_or_else(
            || UserData {
                id: id.clone(),
                username: None,
                full_name: None,
                email: None,
                userhash: None,
            },
            UserData::from,
        );
        self.known.insert(id.clone(), data.clone());
        Ok(data)
    }
}
