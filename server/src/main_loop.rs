//! What the binary does with its command line.

use std::{env, process::ExitCode, sync::Arc};

use clap::Parser;
use handover::{clock::SystemClock, people, random::SystemRandom};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    assets::Assets,
    audit_command,
    cli::{AdminCommand, Cli, Command, OnExit, PlaceOptions, ServeOptions},
    commands,
    start::{StartError, start},
    telemetry::Telemetry,
};

/// Starts the program that the command line asks for.
pub fn main(assets: Assets) -> ExitCode {
    if let Some(code) = commands::hidden(env::args_os()) {
        return code;
    }
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    runtime.block_on(async {
        match cli.command.unwrap_or(Command::Serve(cli.serve)) {
            Command::Serve(options) => match serve(with_environment(options), assets).await {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => failed(&error),
            },
            Command::Admin(AdminCommand::Link(place)) => link(&place).await,
            Command::Audit(command) => audit_command::run(command).await,
        }
    })
}

/// Takes the secrets that come in the environment alone.
fn with_environment(mut options: ServeOptions) -> ServeOptions {
    options.keys = options.keys.with_environment();
    options
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("handover: {error}");
    ExitCode::FAILURE
}

async fn serve(options: ServeOptions, assets: Assets) -> Result<(), StartError> {
    let telemetry = Telemetry::start(options.log_format, &options.telemetry)?;
    let served = serve_until_stopped(options, assets).await;
    telemetry.end().await;
    served
}

async fn serve_until_stopped(options: ServeOptions, assets: Assets) -> Result<(), StartError> {
    let executable = env::current_exe().map_err(StartError::Folder)?;
    let on_exit = options.on_exit;
    let running = start(options, executable, Arc::new(SystemClock::new()), assets).await?;
    greet(&running);
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    tokio::select! {
        () = received(&mut terminate) => {}
        () = received(&mut interrupt) => {}
        () = running.ended() => {}
    }
    tracing::info!("stopping: open requests may finish, for 30 s at the most");
    let kept = running.stop().await?;
    match on_exit {
        OnExit::Keep => tracing::info!(
            protons = kept,
            "stopped; what runs goes on and is adopted by the next start"
        ),
        OnExit::Stop => tracing::info!("stopped, and everything that ran with it"),
    }
    Ok(())
}

async fn received(signal: &mut std::io::Result<tokio::signal::unix::Signal>) {
    match signal {
        Ok(signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}

fn greet(running: &crate::start::Running) {
    let url = running.url();
    tracing::info!(
        address = %running.address, engine = running.house.engine.name(),
        "serving"
    );
    println!("\n  Handover is at {url}\n");
    if let Some(secret) = &running.first_start.link {
        println!("  Sign in (good for one hour, once):\n    {url}/welcome?link={secret}\n");
    }
    if let Some(token) = &running.first_start.token {
        println!("  API token of admin (shown only now):\n    {token}\n");
    }
    if running.first_start.link.is_some() {
        println!("  Lost the link? handover admin link prints a new one.\n");
    }
}

/// Prints a sign-in link, also while the server runs.
async fn link(place: &PlaceOptions) -> ExitCode {
    let made = async {
        let store = place.open_store().await?;
        people::new_link(&store, &SystemClock::new(), &SystemRandom).await
    };
    match made.await {
        Ok(secret) => {
            let url = place.public_url.as_ref().map_or_else(
                || format!("http://{}", place.listen),
                |url| url.to_string().trim_end_matches('/').to_owned(),
            );
            println!("{url}/welcome?link={secret}");
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}
