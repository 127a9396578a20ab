//! Follows the stream of a page: what it shows, what time it is there, and whether it is still live.
//!
//! `EventSource` comes back by itself after a lost connection and says what it saw last, but it gives up for
//! good after an answer other than 200, so it is made anew when it is closed. A hidden tab closes it: a
//! browser allows six connections to a host, and a seventh tab must not hang.
//!
//! Time on the page is the server's: what it said plus what has passed here since. A browser
//! with a wrong clock still counts down correctly.

use handover::model::{Page, Timestamp, WorkloadLive, WorkloadRecord};
use leptos::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::components::format::Zone;

/// One look at a list of workloads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListLive {
    pub page: Page<WorkloadRecord>,
    pub observed_at: Timestamp,
    pub sequence: i64,
}

/// What a stream carries.
pub trait Look: Clone + Send + Sync + DeserializeOwned + 'static {
    fn observed_at(&self) -> Timestamp;
    /// The number of the newest event it includes.
    fn sequence(&self) -> i64;
}

impl Look for WorkloadLive {
    fn observed_at(&self) -> Timestamp {
        self.observed_at
    }
    fn sequence(&self) -> i64 {
        self.sequence
    }
}

impl Look for ListLive {
    fn observed_at(&self) -> Timestamp {
        self.observed_at
    }
    fn sequence(&self) -> i64 {
        self.sequence
    }
}

/// Whether the page is live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Rendered by the server; the browser has not taken over, or scripts are off.
    Still,
    Live,
    Lost,
    /// The server speaks a newer version of the stream than this page.
    Outdated,
}

/// A stream's signals.
pub struct Feed<T: Send + Sync + 'static = WorkloadLive> {
    pub live: Signal<T>,
    pub now: Signal<Timestamp>,
    pub zone: Signal<Zone>,
    pub connection: Signal<Connection>,
}

impl<T: Send + Sync + 'static> Clone for Feed<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Feed<T> {}

/// Starts with what the server rendered, and follows `url` in the browser.
pub fn follow<T: Look>(first: T, url: String) -> Feed<T> {
    let now = RwSignal::new(first.observed_at());
    let live = RwSignal::new(first);
    let zone = RwSignal::new(Zone::UTC);
    let connection = RwSignal::new(Connection::Still);
    #[cfg(feature = "hydrate")]
    browser::start(browser::Parts { live, now, zone, connection, url });
    #[cfg(not(feature = "hydrate"))]
    let _ = url;
    Feed { live: live.into(), now: now.into(), zone: zone.into(), connection: connection.into() }
}

/// Says how fresh the page is.
#[component]
pub fn Freshness<T: Look>(feed: Feed<T>) -> impl IntoView {
    let Feed { live, now, connection, .. } = feed;
    let class = move || match connection.get() {
        Connection::Lost | Connection::Outdated => "live-line lost",
        _ => "live-line",
    };
    let words = move || {
        let age = now.get().since(live.with(Look::observed_at)).0 / 1000;
        match connection.get() {
            Connection::Still => "as of this page's loading".to_owned(),
            Connection::Live => format!("live, observed {age} s ago"),
            Connection::Lost => format!("connection lost {age} s ago, trying again"),
            Connection::Outdated => "the console was updated: reload this page".to_owned(),
        }
    };
    view! {
        <span class=class><span class="dot" aria-hidden="true"></span><span>{words}</span></span>
        <span class="aside" role="status">
            {move || (connection.get() == Connection::Lost).then_some("Connection lost, trying again")}
        </span>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::{cell::RefCell, rc::Rc, time::Duration};

    use handover::model::Timestamp;
    use leptos::prelude::*;
    use wasm_bindgen::{JsCast, prelude::Closure};
    use web_sys::{EventSource, MessageEvent, VisibilityState};

    use super::{Connection, Look, Zone};

    /// Between a connection that the browser has given up and the next try.
    const PAUSE: Duration = Duration::from_secs(2);

    pub(super) struct Parts<T: Look> {
        pub(super) live: RwSignal<T>,
        pub(super) now: RwSignal<Timestamp>,
        pub(super) zone: RwSignal<Zone>,
        pub(super) connection: RwSignal<Connection>,
        pub(super) url: String,
    }

    /// Lives as long as the page.
    struct Follower<T: Look> {
        parts: Parts<T>,
        source: RefCell<Option<EventSource>>,
        /// What the server's clock was ahead of ours at its last look, in microseconds.
        ahead: RefCell<i64>,
        heard: RefCell<Option<Heard>>,
    }

    struct Heard {
        view: Closure<dyn Fn(MessageEvent)>,
        resync: Closure<dyn Fn(MessageEvent)>,
        open: Closure<dyn Fn(web_sys::Event)>,
        error: Closure<dyn Fn(web_sys::Event)>,
    }

    pub(super) fn start<T: Look>(parts: Parts<T>) {
        let follower = Rc::new(Follower {
            ahead: RefCell::new(ahead(parts.live.with_untracked(Look::observed_at))),
            parts,
            source: RefCell::default(),
            heard: RefCell::default(),
        });
        follower.listen();
        // Not during hydration: the first text must be the server's.
        let first = Rc::clone(&follower);
        request_animation_frame(move || {
            first.parts.zone.set(zone());
            first.connect();
        });
        let ticking = Rc::clone(&follower);
        let tick = Closure::<dyn Fn()>::new(move || ticking.tick());
        let _ = window().set_interval_with_callback_and_timeout_and_arguments_0(
            tick.as_ref().unchecked_ref(),
            1000,
        );
        tick.forget();
        let seen = Rc::clone(&follower);
        let changed = Closure::<dyn Fn(web_sys::Event)>::new(move |_| seen.visibility());
        let _ = document()
            .add_event_listener_with_callback("visibilitychange", changed.as_ref().unchecked_ref());
        changed.forget();
    }

    impl<T: Look> Follower<T> {
        fn listen(self: &Rc<Self>) {
            let on = |act: fn(&Rc<Self>, &MessageEvent)| {
                let this = Rc::clone(self);
                Closure::<dyn Fn(MessageEvent)>::new(move |event| act(&this, &event))
            };
            let plain = |act: fn(&Rc<Self>)| {
                let this = Rc::clone(self);
                Closure::<dyn Fn(web_sys::Event)>::new(move |_| act(&this))
            };
            *self.heard.borrow_mut() = Some(Heard {
                view: on(|this, event| this.view(event)),
                resync: on(|_, _| reload()),
                open: plain(|this| this.parts.connection.set(Connection::Live)),
                error: plain(Self::error),
            });
        }

        fn connect(self: &Rc<Self>) {
            if self.source.borrow().is_some() || is_hidden() {
                return;
            }
            let after = self.parts.live.with_untracked(Look::sequence);
            let glue = if self.parts.url.contains('?') { '&' } else { '?' };
            let url = format!("{}{glue}after={after}", self.parts.url);
            let Ok(source) = EventSource::new(&url) else { return };
            if let Some(heard) = &*self.heard.borrow() {
                for (name, listener) in [("view", &heard.view), ("resync", &heard.resync)] {
                    let _ = source
                        .add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
                }
                source.set_onopen(Some(heard.open.as_ref().unchecked_ref()));
                source.set_onerror(Some(heard.error.as_ref().unchecked_ref()));
            }
            *self.source.borrow_mut() = Some(source);
            // Clocks may have been set while nobody listened.
            *self.ahead.borrow_mut() = ahead(self.parts.live.with_untracked(Look::observed_at));
        }

        fn disconnect(&self) {
            if let Some(source) = self.source.borrow_mut().take() {
                source.close();
            }
        }

        fn view(&self, event: &MessageEvent) {
            let Some(text) = event.data().as_string() else { return };
            match serde_json::from_str::<T>(&text) {
                Ok(look) => {
                    // The server looked a moment before it spoke, so the largest difference is the nearest.
                    let seen = ahead(look.observed_at());
                    self.ahead.replace_with(|known| seen.max(*known));
                    self.parts.live.set(look);
                    self.tick();
                    self.parts.connection.set(Connection::Live);
                }
                Err(_) => {
                    self.disconnect();
                    self.parts.connection.set(Connection::Outdated);
                }
            }
        }

        fn error(self: &Rc<Self>) {
            self.parts.connection.set(Connection::Lost);
            let closed = self
                .source
                .borrow()
                .as_ref()
                .is_some_and(|source| source.ready_state() == EventSource::CLOSED);
            if closed {
                self.disconnect();
                let this = Rc::clone(self);
                set_timeout(move || this.connect(), PAUSE);
            }
        }

        fn visibility(self: &Rc<Self>) {
            if is_hidden() {
                self.disconnect();
            } else if self.parts.connection.get_untracked() != Connection::Outdated {
                self.connect();
            }
        }

        fn tick(&self) {
            let now = here() + *self.ahead.borrow();
            self.parts.now.set(Timestamp::from_micros(now));
        }
    }

    fn here() -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a clock")]
        let millis = js_sys::Date::now() as i64;
        millis * 1000
    }

    fn ahead(server: Timestamp) -> i64 {
        server.micros() - here()
    }

    fn zone() -> Zone {
        #[expect(clippy::cast_possible_truncation, reason = "at most a day in minutes")]
        let west = js_sys::Date::new_0().get_timezone_offset() as i32;
        Zone(-west)
    }

    fn is_hidden() -> bool {
        document().visibility_state() == VisibilityState::Hidden
    }

    fn reload() {
        let _ = window().location().reload();
    }
}
