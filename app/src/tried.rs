//! The name with which somebody just failed to sign in, for the form that comes again. In a cookie of a minute that
//! only that page gets: who is not signed in leaves nothing in the store, and an address would keep what may be a
//! password that was typed into the wrong field.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderValue, header};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::context;

const COOKIE: &str = "handover_tried";
/// More than a username has.
const LONGEST: usize = 200;

pub fn keep(name: &str) {
    let name: String = name.chars().take(LONGEST).collect();
    let value = URL_SAFE_NO_PAD.encode(name);
    let cookie = format!("{COOKIE}={value}; Path=/sign-in; Max-Age=60; HttpOnly; SameSite=Strict");
    if let (Some(response), Ok(cookie)) =
        (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie))
    {
        response.append_header(header::SET_COOKIE, cookie);
    }
}

/// What was tried a moment ago; empty when nothing was.
pub fn name() -> String {
    context::cookie(COOKIE)
        .and_then(|value| URL_SAFE_NO_PAD.decode(value).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .unwrap_or_default()
}
