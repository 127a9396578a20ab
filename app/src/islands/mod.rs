//! What lives in the browser: one island, made of a few behaviours that pages ask for by attributes.
//!
//! The server renders every page, live ones too; the browser never draws. So there is one rendering of each
//! thing, it works without scripts, and what a browser has to load does not grow with the number of pages
//! (docs/decisions/0017).
//!
//! | attribute | on | what it does |
//! |---|---|---|
//! | `data-live=url` | `main` | follows the stream and looks at the page again when it says so |
//! | `data-still` | anything | is left as it is by a look |
//! | `id`, `data-key` | anything | finds its like in the new look |
//! | `data-tail` | a scrolling box | stays at its end while one is there |
//! | `data-inline` | a POST form | is sent without leaving; the answer is shown in place |
//! | `data-check=url` | a form | is checked while one types: GET to its action, POST to `url` |
//! | `data-guard` | a form | warns before what was typed is left behind |
//! | `data-dialog` | a link | opens the page it leads to over this one |
//! | `data-close` | a link | closes that again |
//! | `data-copy=text` | a button | copies |
//! | `data-select-all=form` | a checkbox | checks every checkbox with that `form` |
//! | `data-selected=form`, `data-selected-count=form` | anything | shown while one is checked; how many |
//! | `data-steps` | a list | arrow keys go through it |
//! | `data-ago`, `data-left`, `data-running`, `data-countdown` | `time` | see `components::time` |

use leptos::prelude::*;

#[cfg(feature = "hydrate")]
mod clock;
#[cfg(feature = "hydrate")]
mod copy;
#[cfg(feature = "hydrate")]
mod dialog;
#[cfg(feature = "hydrate")]
mod forms;
#[cfg(feature = "hydrate")]
mod freshness;
#[cfg(feature = "hydrate")]
mod keys;
#[cfg(feature = "hydrate")]
mod morph;
#[cfg(feature = "hydrate")]
mod page;
#[cfg(feature = "hydrate")]
mod palette;
#[cfg(feature = "hydrate")]
mod select;
#[cfg(feature = "hydrate")]
mod stream;
#[cfg(feature = "hydrate")]
mod visit;

/// Brings the page to life, and says how fresh it is when it is `live`.
#[island]
pub fn Console(live: bool) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    request_animation_frame(start);
    view! {
        <p id="freshness" class="live-line" hidden=!live>
            <span class="dot" aria-hidden="true"></span><span class="words">"as of this page's loading"</span>
            <span class="aside" role="status"></span>
        </p>
    }
}

#[cfg(feature = "hydrate")]
fn start() {
    clock::start();
    copy::start();
    dialog::start();
    forms::start();
    keys::start();
    select::start();
    stream::start();
    page::keep_refused();
    page::set_icon();
    // Pages that an answer brought are in the history without having been loaded.
    on_window("popstate", |_| dialog::travelled());
    if let Some(root) = document().document_element() {
        // For styles, and for tests that wait.
        let _ = root.set_attribute("data-alive", "");
    }
}

/// Calls `act` for an event anywhere on the page.
#[cfg(feature = "hydrate")]
fn on(name: &'static str, act: impl Fn(&web_sys::Event) + 'static) {
    listen(&document(), name, act);
}

#[cfg(feature = "hydrate")]
fn on_window(name: &'static str, act: impl Fn(&web_sys::Event) + 'static) {
    listen(&window(), name, act);
}

#[cfg(feature = "hydrate")]
fn listen(target: &web_sys::EventTarget, name: &str, act: impl Fn(&web_sys::Event) + 'static) {
    use wasm_bindgen::{JsCast, prelude::Closure};
    let closure = Closure::<dyn Fn(web_sys::Event)>::new(move |event| act(&event));
    let _ = target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    // For as long as the page.
    closure.forget();
}
