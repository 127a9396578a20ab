//! Getting an image from a registry, and telling how far it is.

use std::collections::BTreeMap;

use bollard::{
    Docker, auth::DockerCredentials, models::CreateImageInfo,
    query_parameters::CreateImageOptionsBuilder,
};
use futures::StreamExt;

use super::{
    image_name::split,
    link::{is_away, said},
};
use crate::{
    engine::{
        Login,
        supervised::{
            Unit,
            runner::{Runner, Unstarted},
        },
    },
    model::{Bytes, Millis},
};

/// The reason of a replica that waits for its image.
const PULLING: &str = "Pulling";
/// A registry that says nothing for so long is given up, and asked again.
const SILENCE: Millis = Millis::minutes(2);
/// Progress is told at most so often.
const TELL_EVERY: Millis = Millis(500);

/// Pulls an image, the unit telling how far it is.
pub(super) async fn pull<R: Runner>(
    docker: &Docker,
    unit: &Unit<R>,
    name: &str,
) -> Result<(), Unstarted> {
    let clock = &*unit.context.clock;
    let (image, tag) = split(name);
    let options = CreateImageOptionsBuilder::default().from_image(image).tag(tag).build();
    let login = unit.context.values.login(&unit.proton.workload, name).await;
    let login = login.map_err(|why| {
        let text = format!("{name} could not be pulled: {why}.");
        Unstarted::NoImage { text, hopeless: false }
    })?;
    // It says nothing before it has read what the image is made of, which is the registry's time and not its own.
    let patient = docker.clone().with_timeout(SILENCE.saturating_add(SILENCE).into());
    let mut messages =
        Box::pin(patient.create_image(Some(options), None, login.as_ref().map(shown)));
    let mut layers = Layers::default();
    let mut told: Option<Millis> = None;
    let credential = login.as_ref().map(|login| login.name.as_str());
    tracing::info!(replica = unit.label, image = name, credential, "pulling");
    unit.set_busy(Some((PULLING, format!("Pulling {name}."))));
    let mut heard = clock.monotonic();
    loop {
        let left = heard.saturating_add(SILENCE).saturating_sub(clock.monotonic());
        let message = tokio::select! {
            message = messages.next() => message,
            () = clock.sleep(left) => {
                if clock.monotonic() < heard.saturating_add(SILENCE) {
                    continue;
                }
                let text = format!("{name} could not be pulled: the registry said nothing for {SILENCE}.");
                return Err(Unstarted::NoImage { text, hopeless: false });
            }
        };
        heard = clock.monotonic();
        match message {
            None => return Ok(()),
            Some(Ok(message)) => layers.note(message),
            Some(Err(error)) if is_away(&error) => return Err(Unstarted::Away),
            Some(Err(error)) => return Err(refused(name, &said(&error), login.as_ref())),
        }
        if told.is_none_or(|last| heard >= last.saturating_add(TELL_EVERY)) {
            told = Some(heard);
            unit.set_busy(Some((PULLING, format!("Pulling {name}{layers}."))));
        }
    }
}

/// As the engine passes it on to the registry.
pub(super) fn shown(login: &Login) -> DockerCredentials {
    DockerCredentials {
        username: Some(login.user.clone()),
        password: Some(login.password.0.clone()),
        serveraddress: Some(login.host.clone()),
        ..DockerCredentials::default()
    }
}

/// What a registry, or the engine in its place, says of an image that it does not give.
fn refused(name: &str, said: &str, login: Option<&Login>) -> Unstarted {
    let lower = said.to_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| lower.contains(part));
    let shown = login.map(|login| format!("the credential '{}'", login.name));
    let (why, hopeless) = if has(&["no matching manifest", "does not match the specified platform"])
    {
        ("it has no image for this kind of machine".to_owned(), true)
    } else if has(&["manifest unknown", "not found", "name unknown", "does not exist"]) {
        let whom =
            shown.map_or_else(|| "without a credential".to_owned(), |name| format!("to {name}"));
        (format!("the registry has no such image, or does not show it {whom}"), true)
    } else if has(&["unauthorized", "denied", "no basic auth", "authentication required"]) {
        let why = match shown {
            Some(name) => format!("the registry does not give it to {name}"),
            None => "the registry wants a credential; keep one of type registry for it".to_owned(),
        };
        (why, true)
    } else if has(&["connection refused", "no such host", "timeout", "i/o timeout", "unreachable"])
    {
        ("the registry can't be reached".to_owned(), false)
    } else if has(&["no space left on device"]) {
        ("the disk of the container engine is full".to_owned(), false)
    } else {
        ("the registry did not give all of it".to_owned(), false)
    };
    Unstarted::NoImage { text: format!("{name} could not be pulled: {why} ({said})."), hopeless }
}

/// The layers of an image on their way.
#[derive(Default)]
pub(super) struct Layers(BTreeMap<String, Layer>);

#[derive(Default)]
struct Layer {
    done: bool,
    /// Of the download; unknown before it begins.
    bytes: Option<(u64, u64)>,
}

impl Layers {
    pub(super) fn note(&mut self, message: CreateImageInfo) {
        let (Some(id), Some(status)) = (message.id, message.status) else { return };
        let is_layer = id.len() >= 12 && id.chars().all(|c| c.is_ascii_hexdigit());
        if !is_layer {
            return;
        }
        let layer = self.0.entry(id).or_default();
        let number = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok()).filter(|n| *n > 0);
        match status.as_str() {
            "Downloading" => {
                let detail = message.progress_detail.unwrap_or_default();
                if let (Some(current), Some(total)) = (number(detail.current), number(detail.total))
                {
                    layer.bytes = Some((current, total));
                }
            }
            "Pull complete" | "Already exists" => {
                layer.done = true;
                layer.bytes = layer.bytes.map(|(_, total)| (total, total));
            }
            "Download complete" => layer.bytes = layer.bytes.map(|(_, total)| (total, total)),
            _ => {}
        }
    }
}

impl std::fmt::Display for Layers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        let done = self.0.values().filter(|layer| layer.done).count();
        write!(f, ": {done} of {} layers", self.0.len())?;
        let bytes = self.0.values().filter_map(|layer| layer.bytes);
        let (current, total) = bytes.fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
        if total > 0 {
            write!(f, ", {} of {}", Bytes(current), Bytes(total))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bollard::models::{CreateImageInfo, ProgressDetail};

    use super::{Layers, refused};
    use crate::engine::supervised::runner::Unstarted;

    #[test]
    fn progress_counts_layers_and_bytes() {
        let mut layers = Layers::default();
        assert_eq!(layers.to_string(), "");
        let mut note = |id: &str, status: &str, current, total| {
            layers.note(CreateImageInfo {
                id: Some(id.to_owned()),
                status: Some(status.to_owned()),
                progress_detail: Some(ProgressDetail { current, total }),
                ..CreateImageInfo::default()
            });
            layers.to_string()
        };
        note("latest", "Pulling from shop", None, None);
        note("0123456789ab", "Already exists", None, None);
        let half = note("ba9876543210", "Downloading", Some(1_000_000), Some(4_000_000));
        assert_eq!(half, ": 1 of 2 layers, 1 MB of 4 MB");
        let all = note("ba9876543210", "Pull complete", None, None);
        assert_eq!(all, ": 2 of 2 layers, 4 MB of 4 MB");
    }

    #[test]
    fn what_will_not_change_is_told_from_what_may() {
        let hopeless = |said: &str| match refused("shop:2", said, None) {
            Unstarted::NoImage { text, hopeless } => {
                assert!(text.contains("shop:2") && text.contains(said), "{text}");
                hopeless
            }
            other => panic!("{other:?}"),
        };
        assert!(hopeless("manifest for shop:2 not found: manifest unknown: manifest unknown"));
        assert!(hopeless("no matching manifest for linux/amd64 in the manifest list entries"));
        assert!(hopeless("unauthorized: authentication required"));
        assert!(!hopeless("dial tcp 127.0.0.1:5000: connect: connection refused"));
        assert!(!hopeless("unexpected EOF"));
    }
}
