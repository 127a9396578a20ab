//! Pages of a list, with the place in the address.

use leptos::prelude::*;

use super::format::count;

/// How many entries a page of a list holds.
pub const PER_PAGE: u64 = 20;

/// The part of a list that a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub offset: u64,
    pub shown: u64,
    pub total: u64,
}

impl Place {
    /// `1–20 of 41`
    pub fn words(self) -> String {
        match self.shown {
            0 => format!("0 of {}", count(self.total)),
            shown => {
                let (first, last) = (count(self.offset + 1), count(self.offset + shown));
                format!("{first}–{last} of {}", count(self.total))
            }
        }
    }
}

/// `Previous` and `Next`, where there is something. `link` makes an address from an offset.
pub fn pager(place: Place, link: impl Fn(u64) -> String) -> AnyView {
    let before = (place.offset > 0).then(|| link(place.offset.saturating_sub(PER_PAGE)));
    let after = (place.offset + place.shown < place.total).then(|| link(place.offset + PER_PAGE));
    view! {
        {before.map(|href| view! { <a class="btn" href=href rel="prev">"Previous"</a> })}
        {after.map(|href| view! { <a class="btn" href=href rel="next">"Next"</a> })}
    }
    .into_any()
}

/// Text as it stands in an address.
pub fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
