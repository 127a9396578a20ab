//! Chooses the engine, and says which and why.

use std::{path::PathBuf, sync::Arc};

use handover::{
    clock::Clock,
    engine::{
        EngineError, Engines, Prefer, Values,
        docker::{
            Choice, DockerConfig, DockerEngine, Held, ImageLimits, Workshop, choose, former_socket,
        },
        process::{ProcessConfig, ProcessEngine},
    },
    random::Random,
};

use crate::cli::{EngineChoice, ServeOptions};

/// Starts what is to be had, and gives what builds images for it: where new protons do not become containers,
/// nothing does. Protons that are with Docker stay with it, whatever is chosen for new ones.
///
/// # Errors
/// When Docker was asked for by name and can't be used, and when the data folder can't be.
pub(crate) async fn engines(
    options: &ServeOptions,
    executable: PathBuf,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
    values: &Arc<dyn Values>,
) -> Result<(Engines, Option<Workshop>), EngineError> {
    let data_dir = &options.place.data_dir;
    let process = ProcessConfig {
        data_dir: data_dir.clone(),
        replica_ports: options.replica_ports.0.clone(),
        executable,
        stop_grace: options.stop_grace.0,
    };
    let process =
        ProcessEngine::start(process, clock.clone(), random.clone(), values.clone()).await?;
    let held = Held::by(data_dir);
    if options.engine == EngineChoice::Process && held == Held::Nothing {
        let why = told("process", "because the server was told to use no container engine");
        return Ok((Engines::new(process, None, Prefer::Process, why), None));
    }
    // What runs stays with the engine that made it, also when that is away and another one answers.
    let former = (held == Held::Running).then(|| former_socket(data_dir)).flatten();
    let former = former.map(|socket| socket.to_string_lossy().into_owned());
    let choice = choose(options.docker_host.as_deref().or(former.as_deref())).await;
    let (socket, prefer, why) = match (choice, options.engine) {
        (Choice::Usable { socket, .. }, EngineChoice::Process) => {
            let why = "because the server was told so; what is with Docker stays there";
            (socket, Prefer::Process, told("process", why))
        }
        (Choice::Usable { socket, why }, _) => {
            (socket, Prefer::Docker, told("docker", &format!("because {why}")))
        }
        // The engine may come later than this server. Its replicas are waited for.
        (Choice::None { socket, why }, EngineChoice::Auto | EngineChoice::Docker)
            if held == Held::Running =>
        {
            let why = format!("which is waited for, because {why}");
            (socket, Prefer::Docker, told("docker", &why))
        }
        (Choice::None { why, .. }, EngineChoice::Docker) => {
            return Err(EngineError {
                what: "Docker was asked for and can't be used".to_owned(),
                source: why.into(),
            });
        }
        (Choice::None { why, .. }, _) if held == Held::Nothing => {
            let why = told("process", &format!("because {why}"));
            return Ok((Engines::new(process, None, Prefer::Process, why), None));
        }
        // What is over has left its logs, and what runs may be found again.
        (Choice::None { socket, why }, _) => {
            let why = format!("that of former replicas can't be used, because {why}");
            (socket, Prefer::Process, told("process", &why))
        }
    };
    let docker = DockerConfig {
        data_dir: data_dir.clone(),
        socket,
        allow_root: options.allow_root_images,
        images: ImageLimits { unused_for: options.image_unused.0, space: options.image_space },
        stop_grace: options.stop_grace.0,
    };
    let docker = DockerEngine::start(docker, clock.clone(), random.clone(), values.clone()).await?;
    let workshop = (prefer == Prefer::Docker).then(|| docker.workshop());
    Ok((Engines::new(process, Some(docker), prefer, why), workshop))
}

/// Says in the log which engine new protons go to, and gives the sentence that the console has for it.
fn told(engine: &str, why: &str) -> String {
    tracing::info!("engine: {engine}, {why}");
    format!("New replicas go to the {engine} engine, {why}.")
}
