//! Which engine of this host to work with.

use std::{
    env,
    path::{Path, PathBuf},
};

use super::link;

/// What was found, in words for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// An engine that can be worked with.
    Usable { socket: PathBuf, why: String },
    /// None; `socket` is where one was expected to be.
    None { socket: PathBuf, why: String },
}

/// Where Docker is unless somebody says otherwise.
const USUAL: &str = "/var/run/docker.sock";
const PODMAN: &str = "/run/podman/podman.sock";

/// Looks where `host` says (what `DOCKER_HOST` holds), or else at the usual places of Docker and Podman.
pub async fn choose(host: Option<&str>) -> Choice {
    if let Some(host) = host.filter(|host| !host.is_empty()) {
        let path = match (host.strip_prefix("unix://"), host.starts_with('/')) {
            (Some(path), _) => path,
            (None, true) => host,
            (None, false) => {
                let why =
                    format!("{host} is not a socket of this host; unix:///path/of/the.sock is");
                return Choice::None { socket: USUAL.into(), why };
            }
        };
        return match look(Path::new(path)).await {
            Ok(said) => Choice::Usable { socket: path.into(), why: format!("{said}, as told") },
            Err(why) => Choice::None { socket: path.into(), why: format!("{host}: {why}") },
        };
    }
    let mut refused = Vec::new();
    for socket in usual() {
        if !socket.exists() {
            continue;
        }
        match look(&socket).await {
            Ok(why) => return Choice::Usable { socket, why },
            Err(why) => refused.push(format!("{}: {why}", socket.display())),
        }
    }
    let why = if refused.is_empty() {
        "no socket of Docker or Podman is at any of the usual places".to_owned()
    } else {
        refused.join("; ")
    };
    Choice::None { socket: USUAL.into(), why }
}

fn usual() -> Vec<PathBuf> {
    let of = |variable: &str, rest: &str| {
        env::var_os(variable).filter(|v| !v.is_empty()).map(|base| PathBuf::from(base).join(rest))
    };
    let own = [
        of("XDG_RUNTIME_DIR", "docker.sock"),
        of("XDG_RUNTIME_DIR", "podman/podman.sock"),
        of("HOME", ".docker/run/docker.sock"),
    ];
    [USUAL, PODMAN].into_iter().map(PathBuf::from).chain(own.into_iter().flatten()).collect()
}

/// What answers there, or why nothing does.
async fn look(socket: &Path) -> Result<String, String> {
    let (_, info) = link::connect(socket).await.map_err(|error| link::said(&error))?;
    if info.os_type.as_deref().is_some_and(|os| os != "linux") {
        return Err("it runs no Linux containers".to_owned());
    }
    let version = info.server_version.unwrap_or_default();
    Ok(format!("an engine of version {version} answers at {}", socket.display()))
}

#[cfg(test)]
mod tests {
    use super::{Choice, choose};

    #[tokio::test]
    async fn what_can_not_be_used_says_why() {
        let why = |choice| match choice {
            Choice::None { why, .. } => why,
            Choice::Usable { .. } => panic!("there is none"),
        };
        let remote = why(choose(Some("tcp://10.0.0.1:2375")).await);
        assert!(remote.contains("is not a socket of this host"), "{remote}");
        let nowhere = why(choose(Some("unix:///nowhere/at-all.sock")).await);
        assert!(nowhere.contains("/nowhere/at-all.sock"), "{nowhere}");
    }
}
