//! The page as the server renders it now: fetched, and put in the place of the one that is shown.
//!
//! Only one answer is shown at a time, the newest asked for: a look that was under way when a person sent a form
//! comes too late and is dropped.

use std::{cell::Cell, time::Duration};

use js_sys::Date;
use leptos::{
    prelude::{document, set_timeout, window},
    task::spawn_local,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, DomParser, Element, FocusOptions, HtmlElement, Request, RequestInit, Response,
    SupportedType,
};

use super::{
    clock, forms, freshness,
    morph::{Mode, morph},
    select, stream, visit,
};

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
    /// What somebody waits for: forms on their way, checks, dialogs. While there is any, nobody looks, because the
    /// look would be the newest that was asked for.
    static AWAITED: Cell<u32> = const { Cell::new(0) };
    /// Something was to be looked at meanwhile.
    static MISSED: Cell<bool> = const { Cell::new(false) };
}

/// An answer: a whole page, and where it is.
pub(super) struct Page {
    pub(super) document: Document,
    /// Path and query, after redirects.
    pub(super) path: String,
    asked: u64,
}

/// Why there is no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// The server can't be reached, or it failed.
    Unreachable,
    /// It answered with something that is no page: a file, a workload.
    NotAPage,
}

/// What to send.
pub(super) enum Ask<'a> {
    Get,
    /// Only to see what changed.
    Look,
    /// A form's fields, and the page it is on.
    Post {
        body: JsValue,
        from: &'a str,
    },
    /// What a page makes of what is typed; with fields when it wants them sent.
    Check(Option<(JsValue, &'a str)>),
}

/// Asks for a page.
pub(super) async fn fetch(url: &str, ask: Ask<'_>) -> Result<Page, Missing> {
    let asked = ASKED.get() + 1;
    ASKED.set(asked);
    let init = RequestInit::new();
    let looks = matches!(ask, Ask::Look);
    // What the server keeps for whoever has sent something is not for these.
    let by_itself = looks || matches!(ask, Ask::Check(_));
    if let Ask::Post { body, from } | Ask::Check(Some((body, from))) = ask {
        init.set_method("POST");
        init.set_body(&body);
        init.set_referrer(from);
    }
    if looks {
        return answer(url, &init, asked, by_itself).await;
    }
    AWAITED.set(AWAITED.get() + 1);
    let page = answer(url, &init, asked, by_itself).await;
    AWAITED.set(AWAITED.get() - 1);
    if AWAITED.get() == 0 && MISSED.replace(false) {
        // After what was waited for has been shown.
        set_timeout(|| spawn_local(look()), Duration::ZERO);
    }
    page
}

async fn answer(
    url: &str,
    init: &RequestInit,
    asked: u64,
    by_itself: bool,
) -> Result<Page, Missing> {
    let unreachable = |_: JsValue| Missing::Unreachable;
    let request = Request::new_with_str_and_init(url, init).map_err(unreachable)?;
    request.headers().set("accept", "text/html").map_err(unreachable)?;
    if by_itself {
        request.headers().set("x-handover-look", "1").map_err(unreachable)?;
    }
    let answer = JsFuture::from(window().fetch_with_request(&request)).await;
    let answer: Response = answer.map_err(unreachable)?.dyn_into().map_err(unreachable)?;
    if matches!(answer.status(), 502..=504) {
        return Err(Missing::Unreachable);
    }
    let kind = answer.headers().get("content-type").ok().flatten().unwrap_or_default();
    if !kind.starts_with("text/html") {
        return Err(Missing::NotAPage);
    }
    let text = JsFuture::from(answer.text().map_err(unreachable)?).await.map_err(unreachable)?;
    let parsed = DomParser::new()
        .and_then(|parser| {
            parser.parse_from_string(&text.as_string().unwrap_or_default(), SupportedType::TextHtml)
        })
        .map_err(|_| Missing::NotAPage)?;
    if main_of(&parsed).is_none() {
        return Err(Missing::NotAPage);
    }
    Ok(Page { document: parsed, path: path_of(&answer.url()), asked })
}

/// Looks again at the page that is shown.
pub(super) async fn look() {
    if AWAITED.get() > 0 {
        return MISSED.set(true);
    }
    match fetch(&here(), Ask::Look).await {
        Ok(page) if page.asked != ASKED.get() || AWAITED.get() > 0 => {
            MISSED.set(AWAITED.get() > 0);
        }
        Ok(page) if page.place() == "/sign-in" && is_typed() => freshness::signed_out(),
        // Signed out, or the page is elsewhere now.
        Ok(page) if page.path != here() => go(&page.path),
        Ok(page) if page.is_of_another_build() => reload(),
        Ok(page) => {
            show(&page, Mode::Look);
            freshness::observed();
            forms::check_again();
        }
        Err(Missing::Unreachable) => freshness::lost(),
        Err(Missing::NotAPage) => reload(),
    }
}

impl Page {
    /// Whether nothing was asked for since.
    pub(super) fn is_newest(&self) -> bool {
        self.asked == ASKED.get()
    }

    /// Whether the server is a newer one than our scripts. What a person has typed is not thrown away for that.
    fn is_of_another_build(&self) -> bool {
        let sheet = |of: &Document| {
            of.query_selector("link[rel=stylesheet]").ok().flatten()?.get_attribute("href")
        };
        !is_typed() && sheet(&self.document) != sheet(&document())
    }

    /// Only the path, without the query.
    pub(super) fn place(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    pub(super) fn main(&self) -> Option<Element> {
        main_of(&self.document)
    }
}

/// Whether something is typed that is not sent.
fn is_typed() -> bool {
    !all(&document(), "form[data-dirty]").is_empty()
}

/// Puts `page` in the place of the one that is shown.
pub(super) fn show(page: &Page, mode: Mode) {
    let shown = document();
    let around = around_focus();
    let tails = tails();
    for part in ["main", "header.top"] {
        let find = |of: &Document| of.query_selector(part).ok().flatten();
        if let (Some(from), Some(to)) = (find(&shown), find(&page.document)) {
            morph(&shown, mode, &from, &to);
        }
    }
    if shown.title() != page.document.title() {
        shown.set_title(&page.document.title());
    }
    set_icon();
    for tail in tails {
        tail.set_scroll_top(tail.scroll_height());
    }
    keep_focus(&around);
    clock::set();
    select::show();
    stream::follow();
}

/// The tab shows how the page is, so that it can be watched from another one.
pub(super) fn set_icon() {
    let find = |part| document().query_selector(part).ok().flatten();
    let icon = find("main[data-icon]").and_then(|main| main.get_attribute("data-icon"));
    if let (Some(link), Some(icon)) = (find("link[rel=icon]"), icon)
        && link.get_attribute("href").as_ref() != Some(&icon)
    {
        let _ = link.set_attribute("href", &icon);
    }
}

/// Shows an answer that may be another page than the one that asked.
pub(super) fn arrive(page: &Page) {
    let before = here();
    let moved = page.path != before;
    // Another choice on the same page: whoever made it stays where they are.
    let elsewhere = page.place() != before.split('?').next().unwrap_or_default();
    if moved {
        visit::move_to(&page.path);
    }
    for form in all(&document(), "form[data-dirty]") {
        let _ = form.remove_attribute("data-dirty");
    }
    show(page, Mode::Answer);
    keep_refused();
    if elsewhere {
        window().scroll_to_with_x_and_y(0.0, 0.0);
        focus_main();
    }
}

/// A refused form comes back with what was typed, once. The next look must not take that away.
pub(super) fn keep_refused() {
    for wrong in all(&document(), "form [aria-invalid=true], form .banner[role=alert]") {
        if let Ok(Some(form)) = wrong.closest("form") {
            let _ = form.set_attribute("data-dirty", "");
        }
    }
}

/// The ids of what the focused element is in, from the inside out.
fn around_focus() -> Vec<String> {
    let mut at = document().active_element();
    let mut ids = Vec::new();
    while let Some(element) = at {
        ids.extend(element.get_attribute("id"));
        at = element.parent_element();
    }
    ids
}

/// When what had the focus is gone, what it was in has it: the keyboard goes on from there. No other control gets it,
/// because a key that was meant for the one may be on its way.
fn keep_focus(around: &[String]) {
    let document = document();
    let active = document.active_element();
    let lost = active.is_none_or(|active| active.tag_name().eq_ignore_ascii_case("body"));
    if !lost {
        return;
    }
    let left = around.iter().find_map(|id| document.get_element_by_id(id));
    if let Some(left) = left.and_then(|left| left.dyn_into::<HtmlElement>().ok()) {
        let is_control = left.matches("a[href], button, input, select, textarea, summary");
        if !is_control.unwrap_or(false) && !left.has_attribute("tabindex") {
            let _ = left.set_attribute("tabindex", "-1");
        }
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = left.focus_with_options(&options);
    }
}

fn focus_main() {
    if let Some(main) = document().get_element_by_id("main")
        && let Some(main) = main.dyn_ref::<HtmlElement>()
    {
        let _ = main.focus();
    }
}

/// What is read like the end of a log: it follows as long as one is at its end.
fn tails() -> Vec<Element> {
    let at_end = |e: &Element| e.scroll_height() - e.scroll_top() - e.client_height() < 40;
    all(&document(), "[data-tail]").into_iter().filter(at_end).collect()
}

pub(super) fn all(document: &Document, selector: &str) -> Vec<Element> {
    let Ok(found) = document.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect()
}

fn main_of(document: &Document) -> Option<Element> {
    document.query_selector("main").ok().flatten()
}

/// Path and query of what is shown.
pub(super) fn here() -> String {
    path_of(&window().location().href().unwrap_or_default())
}

/// Path and query of a whole address.
pub(super) fn path_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    path.split('#').next().unwrap_or_default().to_owned()
}

pub(super) use super::visit::leave_for as go;

pub(super) fn reload() {
    let _ = window().location().reload();
}

/// Milliseconds of this browser's clock.
pub(super) fn browser_millis() -> f64 {
    Date::now()
}
