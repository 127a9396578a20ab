//! The gateway's question "may they invoke this?", answered from memory by the same rule as everything else.

use handover::{
    access::{self, Caller},
    house::House,
    model::Permission,
    traffic::Endpoint,
};

use crate::gateway::{Admission, Admit};

/// Answers from the tokens and sessions that are good now.
pub(crate) struct Rights {
    house: House,
}

impl Rights {
    pub(crate) fn new(house: House) -> Self {
        Self { house }
    }
}

impl Admit for Rights {
    fn bearer(&self, token: &str, endpoint: Option<&Endpoint>) -> Admission {
        let caller = self.house.signed_in.caller_of_token(token);
        admission(caller.as_ref(), endpoint)
    }

    fn session(&self, cookie: &str, endpoint: Option<&Endpoint>) -> Admission {
        let caller = self.house.signed_in.caller_of_session(cookie);
        admission(caller.as_ref(), endpoint)
    }
}

fn admission(caller: Option<&Caller>, endpoint: Option<&Endpoint>) -> Admission {
    let Some(caller) = caller else { return Admission::Unknown };
    let held = endpoint
        .map(|endpoint| access::permissions(caller, &endpoint.org, &endpoint.grants()))
        .unwrap_or_default();
    if held.holds(Permission::Invoke) { Admission::Yes } else { Admission::Forbidden }
}
