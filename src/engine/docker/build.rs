//! Asking the engine to make an image.
//!
//! It is the builder that every engine has, without `BuildKit`: one request, which ends with the image, and
//! which the engine ends when nobody reads the answer any more, together with the container that was running in
//! it. So whoever drops what [`Workshop::build`] returns has cancelled it, and so has a server that was killed.
//!
//! What runs in a build is on the network of replicas: it reaches the world and not each other. It gets at most
//! half of the engine's memory, and gives way to what serves where the cpu is short.
//!
//! Known limitations: commands of a Dockerfile run as root of their container, with the capabilities that the
//! engine gives to everybody, as with every builder of this kind. Of two credentials for one registry, only one
//! is shown in a build.

use std::{collections::HashMap, io, sync::Arc};

use bollard::{
    BollardRequest, Docker, body_try_stream,
    query_parameters::{
        BuildImageOptionsBuilder, ListImagesOptionsBuilder, RemoveImageOptionsBuilder,
    },
};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::{Uri, uri::PathAndQuery};

use super::{
    link::{Link, State, is_away, is_missing, said, url_safe},
    progress::Progress,
    pull::shown,
    unbuilt::{Doing, Unbuilt},
};
use crate::{
    clock::Clock,
    engine::Login,
    model::{BuildId, Millis, Timestamp},
};

/// The host in the names of images that stay on the engine. No registry can ever have it (RFC 2606), so one
/// that was removed is missed, and never taken from a stranger who has registered its name.
pub const HERE: &str = "handover.invalid";
/// On images: by which server they were made, and by which of its builds. Not the label of containers: what
/// somebody else starts from such an image has its labels too.
const BUILDER: &str = "handover.builder";
const BUILD: &str = "handover.build";
/// Of the 1024 that everything else has.
const CPU_SHARES: i32 = 256;
/// A server that has just started has not reached the engine yet.
const A_MOMENT: Millis = Millis::seconds(5);

/// Makes images on the engine.
#[derive(Clone)]
pub struct Workshop {
    link: Arc<Link>,
    pub(super) clock: Arc<dyn Clock>,
}

/// An image to make.
pub struct BuildOrder<C> {
    /// What it is made from, as a tar archive.
    pub context: C,
    /// A path in the archive.
    pub dockerfile: String,
    pub name: String,
    pub build: BuildId,
    /// For the images that it stands on.
    pub logins: Vec<Login>,
    /// How long to wait for the first word of the engine, which comes when it has read the whole archive.
    pub patience: Millis,
}

/// An image that was made here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub id: String,
    /// By which build; none when its label is not one of ours.
    pub build: Option<BuildId>,
    pub at: Timestamp,
    /// With tags.
    pub names: Vec<String>,
    /// By digests, where it was pushed.
    pub digests: Vec<String>,
}

/// What the engine says while it works.
#[derive(Debug)]
pub enum Said<'a> {
    /// A piece of what the build writes.
    Output(&'a str),
    /// A line of the engine's own.
    Note(String),
}

/// Takes what is said.
pub type Tell<'a> = &'a (dyn Fn(Said<'_>) + Send + Sync);

/// Whether only a build on this engine can have made what bears this name.
pub(super) fn is_from_here(image: &str) -> bool {
    image.strip_prefix(HERE).is_some_and(|rest| rest.starts_with('/'))
}

impl Workshop {
    pub(super) fn new(link: Arc<Link>, clock: Arc<dyn Clock>) -> Self {
        Self { link, clock }
    }

    /// What tells this server from others on the same engine.
    pub fn instance(&self) -> &str {
        &self.link.names.instance
    }

    /// Makes an image. An engine that does not answer is waited for.
    ///
    /// # Errors
    /// When there is none afterwards.
    pub async fn build<C>(&self, order: BuildOrder<C>, tell: Tell<'_>) -> Result<(), Unbuilt>
    where
        C: Stream<Item = io::Result<Bytes>> + Send + 'static,
    {
        let docker = self.docker(tell).await;
        // What is found under this name afterwards is what was made.
        self.remove(&docker, &order.name).await;
        let memory = self.link.capacity().memory_bytes / 2;
        // Whoever tidies an engine up takes away a network that nothing is on.
        if let Err(error) = self.link.names.ensure_network(&docker).await {
            return Err(self.unbuilt(&error, Doing::Building { memory }).await);
        }
        let asking = docker
            .clone()
            .with_timeout(order.patience.into())
            .with_request_modifier(move |request| mended(request, memory));
        let labels = HashMap::from([(BUILDER, self.instance()), (BUILD, order.build.as_str())]);
        let options = BuildImageOptionsBuilder::default()
            .dockerfile(&order.dockerfile)
            .t(&order.name)
            .labels(&labels)
            .rm(true)
            .forcerm(true)
            .cpushares(CPU_SHARES)
            .networkmode(&self.link.names.network())
            .build();
        let logins = order.logins.iter().map(|login| (key(login), shown(login))).collect();
        let mut words = Box::pin(asking.build_image(
            options,
            Some(logins),
            Some(body_try_stream(order.context)),
        ));
        let mut progress = Progress::new(&*self.clock);
        while let Some(word) = words.next().await {
            let word = match word {
                Ok(word) => word,
                Err(error) => return Err(self.unbuilt(&error, Doing::Building { memory }).await),
            };
            if let Some(text) = &word.stream {
                tell(Said::Output(text));
            }
            if let Some(line) = progress.of_pull(word) {
                tell(Said::Note(line));
            }
        }
        match docker.inspect_image(&order.name).await {
            Ok(_) => Ok(()),
            Err(error) if is_missing(&error) => {
                Err(Unbuilt::Away("the container engine ended the build without a word".to_owned()))
            }
            Err(error) => Err(self.unbuilt(&error, Doing::Building { memory }).await),
        }
    }

    /// Takes a name from an image, and the image away when that was its last. It need not be there.
    pub async fn discard(&self, name: &str) {
        if let Some(docker) = self.link.now() {
            self.remove(&docker, name).await;
        }
    }

    /// All that was made here; none while the engine is away.
    pub async fn made(&self) -> Vec<Made> {
        let docker = tokio::select! {
            docker = self.link.docker() => docker,
            () = self.clock.sleep(A_MOMENT) => return Vec::new(),
        };
        let label = format!("{BUILDER}={}", self.instance());
        let filters = HashMap::from([("label", vec![label.as_str()])]);
        let options = ListImagesOptionsBuilder::default().filters(&filters).build();
        let found = docker.list_images(Some(options)).await.unwrap_or_default();
        let made = found.into_iter().map(|image| Made {
            id: image.id,
            build: image.labels.get(BUILD).and_then(|id| id.parse().ok()),
            at: Timestamp::from_micros(image.created.saturating_mul(1_000_000)),
            names: image.repo_tags,
            digests: image.repo_digests,
        });
        made.collect()
    }

    async fn remove(&self, docker: &Docker, name: &str) {
        let options = RemoveImageOptionsBuilder::default().build();
        if let Err(error) = docker.remove_image(name, Some(options), None).await
            && !is_missing(&error)
            && !is_away(&error)
        {
            tracing::warn!(image = name, error = said(&error), "could not be removed");
        }
    }

    pub(super) async fn docker(&self, tell: Tell<'_>) -> Docker {
        if let State::Away(why) = &*self.link.state().borrow() {
            tell(Said::Note(why.clone()));
        }
        self.link.docker().await
    }

    pub(super) async fn unbuilt(
        &self,
        error: &bollard::errors::Error,
        doing: Doing<'_>,
    ) -> Unbuilt {
        let unbuilt = Unbuilt::because(error, doing);
        if unbuilt.may_be_the_engines_end() {
            // On its way out an engine first ends what it runs, and then refuses requests.
            self.link.pause().await;
            let there = match self.link.now() {
                Some(docker) => docker.ping().await.is_ok(),
                None => false,
            };
            if !there {
                return Unbuilt::Away("the container engine ended while it built".to_owned());
            }
        }
        unbuilt
    }
}

/// The name that an engine looks for the credential of a registry by.
fn key(login: &Login) -> String {
    match login.host.as_str() {
        "docker.io" => "https://index.docker.io/v1/".to_owned(),
        host => host.to_owned(),
    }
}

/// The client's options hold memory in 32 bits, which is less than half of most machines.
fn mended(request: BollardRequest, memory: u64) -> BollardRequest {
    let mut request = url_safe(request);
    let limited = request.uri().path_and_query().filter(|path| path.path().ends_with("/build"));
    // Without swap: what is killed for its memory is to be known soon.
    let limited = limited.map(|path| format!("{path}&memory={memory}&memswap={memory}"));
    if let Some(path) = limited.and_then(|path| path.parse::<PathAndQuery>().ok()) {
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = Some(path);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}
