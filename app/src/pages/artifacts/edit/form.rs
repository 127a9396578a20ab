//! The form side: every container with its image, its command, its environment, its probes and its rights.

use handover::model::ArtifactId;
use leptos::prelude::*;

use super::{
    controls::{Faults, Spot, area, choice, control, line, options_of, whole, words},
    place::dotted,
    table::field,
    typed::{TypedContainer, TypedVariable},
};
use crate::code::address;

/// What can be chosen in the form.
#[derive(Debug, Clone, Default)]
pub struct Offers {
    /// Every key of every credential that the person may use: `id key`, and what it is called.
    pub credentials: Vec<(String, String)>,
    /// Execution environments: `id version`, and what they are called.
    pub environments: Vec<(String, String)>,
    /// The draft whose code is uploaded on its own page; none while it has not been created.
    pub artifact: Option<ArtifactId>,
}

/// One container in the form.
struct Card<'a> {
    index: usize,
    one: &'a TypedContainer,
    /// From the specification on.
    path: String,
    faults: &'a Faults,
    offers: &'a Offers,
}

pub fn container(
    index: usize,
    one: &TypedContainer,
    several: bool,
    serves: bool,
    faults: &Faults,
    offers: &Offers,
) -> AnyView {
    let at = one.at.unwrap_or_default();
    let card = Card { index, one, path: dotted(at), faults, offers };
    let place = one.at.map_or_else(String::new, |(g, c)| format!("{g}.{c}"));
    let name = one.text("name").filter(|name| !name.is_empty()).unwrap_or("without a name");
    let legend = format!("Container {name}");
    let remove = format!("Remove container {name}");
    let wrong = faults.at(&card.path).map(|wrong| view! { <p class="wrong">{wrong}</p> });
    view! {
        <fieldset class="card form-card container" data-key=format!("c{index}")>
            <legend>{legend}</legend>
            <input type="hidden" name=format!("c{index}.at") value=place/>
            {wrong}
            <div class="row-fields">
                {card.control("Name", "name", "", "main")}
                {card.control("Port", "port", if serves || !several { "Where it answers; 8080 when left empty." } else { "Only the container that serves has one." }, "8080")}
            </div>
            {card.control("Image", "image", "", "registry/name:tag")}
            {several.then(|| view! {
                <label class="check"><input type="radio" name="primary" value=index.to_string() checked=serves/>" Requests go to this container"</label>
            })}
            {card.control("Entrypoint", "entrypoint", "One argument per line; empty for the image's own. A JSON list does too.", "")}
            {card.control("Description", "description", "", "")}
            {card.environment()}
            {card.probe("startup", "Startup probe", "startupProbe", "While it starts: the other probes wait until this one passes.")}
            {card.probe("readiness", "Readiness probe", "readinessProbe", "Requests come only while it passes, and a replacement waits for it.")}
            {card.probe("liveness", "Liveness probe", "livenessProbe", "The container is restarted when it fails.")}
            {card.build()}
            {card.security()}
            {several.then(|| view! { <div class="foot"><button type="submit" name="do" value=format!("remove:{index}") class="danger">{remove}</button></div> })}
        </fieldset>
    }
    .into_any()
}

impl Card<'_> {
    fn spot(&self, key: &str) -> Spot {
        let path = field(key).map(|field| format!("{}.{}", self.path, field.dotted()));
        Spot {
            name: format!("c{}.{key}", self.index),
            text: self.one.text(key).map(str::to_owned),
            wrong: path.and_then(|path| self.faults.at(&path)),
        }
    }

    fn control(
        &self,
        label: &'static str,
        key: &str,
        hint: &'static str,
        example: &'static str,
    ) -> AnyView {
        control(label, self.spot(key), key, hint, example)
    }

    fn choice(
        &self,
        label: &'static str,
        key: &str,
        hint: &'static str,
        options: &[(&str, &str)],
    ) -> AnyView {
        choice(label, self.spot(key), hint, words(options))
    }

    /// Fields that belong together, folded away while there is nothing in them.
    fn block(
        &self,
        key: &str,
        title: &'static str,
        path: &str,
        note: &'static str,
        inner: AnyView,
    ) -> AnyView {
        let prefix = format!("{key}.");
        let mut fields = self.one.fields.iter().filter(|(name, _)| name.starts_with(&prefix));
        let used = fields.any(|(_, text)| !text.is_empty());
        let path = format!("{}.{path}", self.path);
        let open = used || self.faults.below(&path);
        let wrong = self.faults.at(&path).map(|wrong| view! { <p class="wrong">{wrong}</p> });
        let state = if used { "set" } else { "not set" };
        let clear = format!("clear:{}:{key}", self.index);
        view! {
            <details class="block" open=open data-key=format!("c{}-{key}", self.index)>
                <summary>{title}<span class="quiet">{format!(", {state}")}</span></summary>
                <p class="hint">{note}</p>
                {wrong}
                {inner}
                {used.then(|| view! { <button type="submit" name="do" value=clear class="plain tiny">{format!("Empty the {}", title.to_lowercase())}</button> })}
            </details>
        }
        .into_any()
    }

    fn probe(
        &self,
        key: &'static str,
        title: &'static str,
        path: &str,
        note: &'static str,
    ) -> AnyView {
        let named = |name: &str| format!("{key}.{name}");
        let scheme = [("", "HTTP, as nothing else is set"), ("HTTP", "HTTP"), ("HTTPS", "HTTPS")];
        let inner = view! {
            <div class="row-fields">
                {self.control("Path", &named("path"), "With a path there is a probe.", "/healthz")}
                {self.control("Port", &named("port"), "8080 when left empty.", "8080")}
            </div>
            <div class="row-fields tight">
                {self.control("Every, seconds", &named("period"), "", "30")}
                {self.control("Answer within, seconds", &named("timeout"), "", "30")}
                {self.control("First after, seconds", &named("delay"), "", "30")}
                {self.control("Failures in a row", &named("failures"), "", "3")}
                {self.control("Passes in a row", &named("successes"), "", "1")}
            </div>
            <div class="row-fields">
                {self.choice("Scheme", &named("scheme"), "", &scheme)}
                {self.control("Host", &named("host"), "", "")}
            </div>
            {self.control("Headers", &named("headers"), "One name: value per line.", "")}
        };
        self.block(key, title, path, note, inner.into_any())
    }

    fn build(&self) -> AnyView {
        let source = [
            ("", "Not built: the image above is used"),
            ("provided", "From a Dockerfile in the code"),
            ("generated", "From an execution environment and the code"),
        ];
        let mut environments = vec![(String::new(), "None".to_owned())];
        environments.extend(self.offers.environments.iter().cloned());
        let inner = view! {
            {self.choice("How it is built", "build.source", "", &source)}
            {self.control("Dockerfile", "build.path", "In the code; ./Dockerfile when left empty.", "./Dockerfile")}
            {choice("Execution environment", self.spot("build.environment"), "When it is built from one.", environments)}
            {area("Entrypoint of the built image", self.spot("build.entrypoint"), "When it is built from an execution environment. One argument per line.", "")}
            {line("Code", self.spot("build.code"), "Catalog and version of the uploaded code, with a blank between them. Code is uploaded on a page of its own.", "")}
            {self.upload()}
        };
        let note = "The image is made from uploaded code instead of being named. A build has to complete before it can be locked.";
        self.block("build", "Image from source", "imageBuildConfig", note, inner.into_any())
    }

    /// The way to the page that takes files.
    fn upload(&self) -> Option<AnyView> {
        let id = self.offers.artifact.as_ref()?;
        let name = self.one.fields.get("name").filter(|name| !name.is_empty());
        let href = address(id, name.map_or("main", String::as_str));
        let link = view! { <p class="hint"><a href=href>"Upload code for this container"</a>", or choose another version of it. Save what you have typed here first."</p> };
        Some(link.into_any())
    }

    fn security(&self) -> AnyView {
        let flag = [("", "Not set"), ("true", "Yes"), ("false", "No")];
        let seccomp = [
            ("", "Not set"),
            ("RuntimeDefault", "The runtime's default"),
            ("Localhost", "A profile of the host"),
            ("Unconfined", "None: unconfined"),
        ];
        let inner = view! {
            <div class="row-fields">
                {self.choice("Gaining more rights", "security.escalation", "Allowed only by administrators.", &flag)}
                {self.choice("Root file system is read-only", "security.readonly", "", &flag)}
            </div>
            <div class="row-fields">
                {self.control("Capabilities added", "security.add", "With blanks between them; administrators only.", "")}
                {self.control("Capabilities dropped", "security.drop", "", "ALL")}
            </div>
            <div class="row-fields">
                {self.choice("Seccomp profile", "security.seccomp", "", &seccomp)}
                {self.control("Profile of the host", "security.profile", "With a profile of the host only.", "")}
            </div>
        };
        let note = "What the container may do on its host. Not every engine can enforce all of it.";
        self.block("security", "Security", "securityContext", note, inner.into_any())
    }

    fn environment(&self) -> AnyView {
        let Some(rows) = &self.one.variables else {
            return view! { <p class="hint">"Its environment is no list: change it in the JSON."</p> }.into_any();
        };
        let index = self.index;
        let spare = TypedVariable::spare();
        let has_spare = rows.last().is_some_and(TypedVariable::is_blank);
        let shown = rows.iter().chain((!has_spare).then_some(&spare));
        let lines = shown.enumerate().map(|(row, one)| self.variable(row, one)).collect_view();
        let path = format!("{}.environmentVars", self.path);
        let wrong = self.faults.at(&path).map(|wrong| view! { <p class="wrong">{wrong}</p> });
        view! {
            <fieldset class="variables">
                <legend>"Environment"</legend>
                <input type="hidden" name=format!("c{index}.variables") value="1"/>
                {wrong}
                {lines}
                <p class="hint">"The last line is for a new variable. A value from a credential is not shown to anybody, and is given to the container when it starts."</p>
            </fieldset>
        }
        .into_any()
    }

    fn variable(&self, row: usize, one: &TypedVariable) -> AnyView {
        let base = format!("c{}.v{row}", self.index);
        let id = base.replace('.', "-");
        let place = one.at.map(|at| at.to_string()).unwrap_or_default();
        let path = one.at.map(|at| format!("{}.environmentVars.{at}", self.path));
        let wrong = path.map(|path| {
            let inner = ["", ".name", ".value", ".source", ".drCredentialId", ".key"];
            let all = inner.iter().filter_map(|rest| self.faults.at(&format!("{path}{rest}")));
            all.collect::<Vec<_>>().join("; ")
        });
        let wrong = wrong.filter(|wrong| !wrong.is_empty());
        let source = one.source.clone().unwrap_or_default();
        let sources =
            words(&[("string", "Value"), ("dr-credential", "Credential"), ("api-key", "API key")]);
        let mut credentials = vec![(String::new(), "Choose a credential".to_owned())];
        credentials.extend(self.offers.credentials.iter().cloned());
        let chosen = one.credential.clone().unwrap_or_default();
        let value = one.value.clone().unwrap_or_default();
        let name = one.name.clone().filter(|name| !name.is_empty());
        let of = name.unwrap_or_else(|| format!("variable {}", row + 1));
        let invalid = wrong.is_some().then_some("true");
        let wrong_id = format!("{id}-wrong");
        let described = wrong.is_some().then(|| wrong_id.clone());
        let rows = value.lines().count().clamp(1, 6);
        let blank = one.is_blank();
        let closed = one.name.is_none() && one.source.is_none() && one.value.is_none();
        view! {
            <div class="variable" data-key=id data-source=source.clone()>
                <input type="hidden" name=format!("{base}.at") value=place/>
                <input type="text" name=format!("{base}.name") value=one.name.clone() disabled=one.name.is_none() aria-label=format!("Name of {of}")
                    placeholder="NAME" autocomplete="off" spellcheck="false" aria-invalid=invalid aria-describedby=described/>
                <select name=format!("{base}.source") disabled=one.source.is_none() aria-label=format!("Where {of} comes from")>{options_of(sources, &source)}</select>
                <textarea name=format!("{base}.value") rows=rows disabled=one.value.is_none() aria-label=format!("Value of {of}") class="value"
                    placeholder="value" autocomplete="off" spellcheck="false">{whole(&value)}</textarea>
                <select name=format!("{base}.credential") disabled=one.credential.is_none() aria-label=format!("Credential of {of}") class="credential">{options_of(credentials, &chosen)}</select>
                {(!blank).then(|| view! { <button type="submit" name="do" value=format!("unset:{}:{row}", self.index) class="plain tiny" aria-label=format!("Remove {of}")>"×"</button> })}
                {closed.then(|| view! { <span class="hint">"Only the JSON can show it: change it there."</span> })}
                {wrong.map(|wrong| view! { <span class="wrong" id=wrong_id>{wrong}</span> })}
            </div>
        }
        .into_any()
    }
}
