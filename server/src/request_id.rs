//! What a request is called, in its answer and in every line of log about it, so that a person who has one
//! finds the other.
//!
//! A client may bring a name of its own, for it may have passed other services under that name already. One
//! that could not be written safely into a log or a header is replaced rather than refused: nobody's
//! request should fail for it.

use std::cell::Cell;

use handover::random::Random;
use http::{HeaderMap, HeaderName, HeaderValue};

/// Asked for and answered under this name.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longer names of clients are not taken over.
const LONGEST: usize = 128;

/// The name of one request. Every request that a handler sees has it among its extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The client's own, if it sent exactly one and it is at most 128 visible ASCII characters.
    fn sent(headers: &HeaderMap) -> Option<Self> {
        let mut given = headers.get_all(HEADER).iter();
        let only = given.next().filter(|_| given.next().is_none())?;
        let bytes = only.as_bytes();
        let fits = (1..=LONGEST).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
        fits.then(|| Self(only.clone()))
    }

    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// Makes names on one thread: from a start that chance has chosen, in steps that never meet again.
pub(crate) struct RequestIds {
    next: Cell<u64>,
}

/// Odd, so that all numbers come before one comes again; far apart, so that neighbours look different.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl RequestIds {
    pub(crate) fn new(random: &dyn Random) -> Self {
        let mut start = [0; 8];
        random.fill(&mut start);
        Self { next: Cell::new(u64::from_ne_bytes(start)) }
    }

    /// The name a request brings, or a new one.
    pub(crate) fn of(&self, headers: &HeaderMap) -> RequestId {
        RequestId::sent(headers).unwrap_or_else(|| {
            let number = self.next.get();
            self.next.set(number.wrapping_add(STEP));
            RequestId(HeaderValue::from(number))
        })
    }
}

#[cfg(test)]
mod tests {
    use handover::random::Random;
    use http::{HeaderMap, HeaderValue};

    use super::{HEADER, LONGEST, RequestIds};

    struct Fixed;

    impl Random for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn a_name_is_kept_when_it_is_safe_to_repeat() {
        let ids = RequestIds::new(&Fixed);
        let named = |names: &[&[u8]]| {
            let mut headers = HeaderMap::new();
            for name in names {
                headers.append(HEADER, HeaderValue::from_bytes(name).unwrap());
            }
            ids.of(&headers).as_str().to_owned()
        };
        let longest = "x".repeat(LONGEST);
        for kept in ["a", "7f/Q=~!", longest.as_str()] {
            assert_eq!(named(&[kept.as_bytes()]), kept);
        }
        let too_long = "x".repeat(LONGEST + 1);
        let mut seen = vec![named(&[])];
        for dropped in [&[&b""[..]][..], &[b"a b"], &[b"caf\xe9"], &[b"a", b"b"]] {
            seen.push(named(dropped));
        }
        seen.push(named(&[too_long.as_bytes()]));
        assert!(seen.iter().all(|name| name.parse::<u64>().is_ok()), "{seen:?}");
        let count = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), count, "a name was given twice");
    }
}
