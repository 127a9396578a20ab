//! The gateway's question "may they invoke this?", answered from memory by the same rule as everything else.

use handover::{access, house::House, model::User, traffic::Endpoint};

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
        admission(caller.map(|caller| caller.user), endpoint)
    }

    fn session(&self, cookie: &str, endpoint: Option<&Endpoint>) -> Admission {
        let caller = self.house.signed_in.caller_of_session(cookie);
        admission(caller.map(|caller| caller.user), endpoint)
    }
}

fn admission(user: Option<User>, endpoint: Option<&Endpoint>) -> Admission {
    match (user, endpoint) {
        (None, _) => Admission::Unknown,
        (Some(user), Some(endpoint)) if access::may(&user, endpoint) => Admission::Yes,
        (Some(_), _) => Admission::Forbidden,
    }
}
