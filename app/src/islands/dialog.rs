//! Pages that explain and ask, shown over the page one is on.
//!
//! `<a data-dialog href=…>` leads to a page. With scripts its content opens in a modal dialog instead; what is
//! sent from there comes back to it when it was refused, and to the page below when it was done.
//!
//! A server that takes its time is waited for in the dialog, where Escape gives it up.

use std::{cell::Cell, rc::Rc, time::Duration};

use leptos::{
    leptos_dom::helpers::TimeoutHandle,
    prelude::{document, set_timeout_with_handle},
    task::spawn_local,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDialogElement, HtmlElement, MouseEvent, Node};

use super::{
    clock, freshness, listen,
    morph::{Mode, morph},
    on,
    page::{self, Ask, Missing, Page},
    palette, visit,
};

const ID: &str = "dialog";

/// Who waits for longer is told so. What comes sooner is not worth a flicker.
const PROMPT: Duration = Duration::from_millis(300);

/// On a dialog that waits for its page.
const WAITS: &str = "data-waits";

/// The dialog that is open.
pub(super) struct Dialog(HtmlDialogElement);

pub(super) fn start() {
    on("click", clicked);
    if let Some(path) = visit::dialog() {
        spawn_local(open(path, None));
    }
}

/// Another entry of the history is shown.
pub(super) fn travelled() {
    match visit::dialog() {
        Some(path) => spawn_local(open(path, None)),
        None => {
            Dialog::close_all();
            spawn_local(page::look());
        }
    }
}

fn clicked(event: &Event) {
    let Some(mouse) = event.dyn_ref::<MouseEvent>() else { return };
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let Some(target) = target else { return };
    // The ground around it is the dialog itself. A slip of the hand there does not throw away what was typed.
    if target.get_attribute("id").as_deref() == Some(ID) {
        if !is_typed() {
            Dialog::close_all();
        }
        return;
    }
    let elsewhere =
        mouse.button() != 0 || mouse.ctrl_key() || mouse.meta_key() || mouse.shift_key();
    let links =
        "a[data-dialog], [data-close], dialog a[href]:not([target], [download], [href^='#'])";
    let Ok(Some(link)) = target.closest(links) else { return };
    if elsewhere || event.default_prevented() {
        return;
    }
    if link.has_attribute("data-close") {
        if target.closest("dialog").ok().flatten().is_some() {
            event.prevent_default();
            Dialog::close_all();
        }
        return;
    }
    event.prevent_default();
    let href = link.get_attribute("href").unwrap_or_default();
    if link.id() == palette::LINK {
        palette::open();
    } else if link.has_attribute("data-dialog") {
        spawn_local(open(href, None));
    } else {
        page::go(&href);
        if page::path_of(&href) == page::here() {
            Dialog::close_all();
        }
    }
}

/// Opens the page at `path` over the one that is shown. `blank` is what stands there until it has come; without, it
/// is said that it is waited for once that takes time.
pub(super) async fn open(path: String, blank: Option<Node>) {
    let waited = Rc::new(Cell::new(false));
    let timer = match blank {
        Some(blank) => {
            wait(&path, &blank, &waited);
            None
        }
        None => wait_soon(path.clone(), waited.clone()),
    };
    let answer = page::fetch(&path, Ask::Get).await;
    if let Some(timer) = timer {
        timer.clear();
    }
    let Some(dialog) = Dialog::get() else { return };
    // It was closed meanwhile, or what was typed into it has been answered.
    if waited.get() && !dialog.waits_for(&path) {
        return;
    }
    let answer = match answer {
        Ok(answer) => answer,
        // The page that is shown is worth more than the browser's word for that.
        Err(Missing::Unreachable) => {
            if waited.get() {
                dialog.close();
            }
            return freshness::unreachable();
        }
        Err(Missing::NotAPage) => return page::go(&path),
    };
    let place = path.split('?').next().unwrap_or_default();
    if answer.place() != place {
        return page::go(&path);
    }
    dialog.show(&answer);
    visit::open(&path);
}

/// Whether something is typed into it that is not sent.
pub(super) fn is_typed() -> bool {
    let form = document().query_selector("dialog[open] form[method=post][data-dirty]");
    form.is_ok_and(|form| form.is_some())
}

/// Whether `form` is in the dialog.
pub(super) fn holds(form: &Element) -> bool {
    form.closest("dialog").ok().flatten().is_some()
}

/// The dialog that `form` is in.
pub(super) fn of(form: &Element) -> Option<Dialog> {
    form.closest("dialog").ok().flatten()?.dyn_into().ok().map(Dialog)
}

/// Shows what stands in the dialog until it is filled.
fn wait(path: &str, blank: &Node, waited: &Cell<bool>) {
    if let Some(dialog) = Dialog::get() {
        waited.set(true);
        dialog.wait(path, blank);
        visit::open(path);
    }
}

fn wait_soon(path: String, waited: Rc<Cell<bool>>) -> Option<TimeoutHandle> {
    let say = move || {
        let document = document();
        let Ok(words) = document.create_element("p") else { return };
        words.set_class_name("quiet");
        let _ = words.set_attribute("role", "status");
        words.set_text_content(Some("Waiting for the console …"));
        wait(&path, &words, &waited);
    };
    set_timeout_with_handle(say, PROMPT).ok()
}

impl Dialog {
    /// The one there is, made when there is none. It comes before the page, so that its ids are found first.
    fn get() -> Option<Self> {
        if let Some(found) = document().get_element_by_id(ID) {
            return found.dyn_into().ok().map(Self);
        }
        let dialog = document().create_element("dialog").ok()?;
        dialog.set_id(ID);
        document().body()?.prepend_with_node_1(&dialog).ok()?;
        let dialog: HtmlDialogElement = dialog.dyn_into().ok()?;
        let closed = Self(dialog.clone());
        listen(&dialog, "close", move |_| closed.leave());
        Some(Self(dialog))
    }

    /// However it was closed, nothing of it stays on the page: its ids are those of other pages, which this one may
    /// have, too.
    fn leave(&self) {
        if self.0.open() {
            return;
        }
        visit::close();
        self.0.set_text_content(None);
        for name in ["data-path", "aria-label", WAITS] {
            let _ = self.0.remove_attribute(name);
        }
    }

    /// Path and query of the page it shows.
    pub(super) fn path(&self) -> String {
        self.0.get_attribute("data-path").unwrap_or_default()
    }

    pub(super) fn place(&self) -> String {
        self.path().split('?').next().unwrap_or_default().to_owned()
    }

    /// Shows `blank` in the place of the page at `path`, for which is waited.
    fn wait(&self, path: &str, blank: &Node) {
        let Ok(content) = document().create_element("div") else { return };
        content.set_class_name("dialog");
        let _ = content.append_child(blank);
        self.0.set_text_content(None);
        let _ = self.0.append_child(&content);
        let _ = self.0.set_attribute("data-path", path);
        let _ = self.0.set_attribute(WAITS, "");
        if !self.0.open() {
            let _ = self.0.show_modal();
        }
        self.focus();
    }

    fn waits_for(&self, path: &str) -> bool {
        self.0.open() && self.0.has_attribute(WAITS) && self.path() == path
    }

    /// Shows a page's content.
    pub(super) fn show(&self, answer: &Page) {
        self.show_as(answer, Mode::Answer);
    }

    pub(super) fn show_as(&self, answer: &Page, mode: Mode) {
        let (Some(main), document) = (answer.main(), document()) else { return };
        let Ok(content) = document.create_element("div") else { return };
        content.set_class_name("dialog");
        while let Some(child) = main.first_child() {
            let _ = content.append_child(&child);
        }
        for still in ["leptos-island", ".crumb"] {
            if let Ok(Some(part)) = content.query_selector(still) {
                part.remove();
            }
        }
        let same = self.place() == answer.place();
        let waited = self.0.has_attribute(WAITS);
        let _ = self.0.remove_attribute(WAITS);
        let _ = self.0.set_attribute("data-path", &answer.path);
        match self.0.first_element_child() {
            Some(shown) if self.0.open() && same => {
                morph(&document, mode, &shown, &content);
            }
            shown => {
                if let Some(shown) = shown {
                    shown.remove();
                }
                let _ = self.0.append_child(&content);
            }
        }
        let title = self.0.query_selector("h1").ok().flatten();
        if let Some(title) = title {
            let _ = self.0.set_attribute("aria-label", &title.text_content().unwrap_or_default());
        }
        if !self.0.open() {
            let _ = self.0.show_modal();
            self.focus();
        } else if waited || !same {
            self.focus();
        }
        clock::set();
    }

    /// Where one would begin to type; otherwise where the browser begins.
    fn focus(&self) {
        let first = self.0.query_selector("[autofocus]").ok().flatten();
        let first = first.or_else(|| {
            self.0.query_selector("a[href], button, input:not([type=hidden])").ok().flatten()
        });
        if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
            let _ = first.focus();
        }
    }

    pub(super) fn close(&self) {
        self.0.close();
    }

    fn close_all() {
        if let Some(dialog) = Self::get() {
            dialog.close();
        }
    }
}
