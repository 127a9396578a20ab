//! `handover audit verify`: is the audit trail whole? It runs beside a live server and changes nothing.

use std::{process::ExitCode, str::FromStr, sync::Arc};

use clap::{Args, Subcommand};
use handover::{
    audit::{Trail, Verified, verify},
    random::SystemRandom,
    secrets::Secrets,
    store::TrailHead,
};

use crate::cli::{KeyOptions, PlaceOptions};

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Look for entries that were changed, removed or put in another order; the server may be running.
    Verify(VerifyOptions),
}

#[derive(Debug, Args)]
pub struct VerifyOptions {
    #[command(flatten)]
    place: PlaceOptions,
    #[command(flatten)]
    keys: KeyOptions,
    /// A newest entry that was printed before and kept elsewhere, as <number>:<mark>. May be given repeatedly.
    #[arg(long, value_name = "NUMBER:MARK")]
    expect: Vec<Expected>,
}

/// What somebody remembered.
#[derive(Debug, Clone)]
struct Expected(TrailHead);

#[derive(Debug, thiserror::Error)]
#[error("write the number of the entry, a colon and its mark, as verify printed them")]
struct NotExpected;

impl FromStr for Expected {
    type Err = NotExpected;
    fn from_str(text: &str) -> Result<Self, NotExpected> {
        let (seq, mark) = text.split_once(':').ok_or(NotExpected)?;
        let seq = seq.parse().map_err(|_| NotExpected)?;
        Ok(Self(TrailHead { seq, mark: mark.to_owned() }))
    }
}

/// Says what was found. Succeeds when nothing was.
pub(crate) async fn run(command: AuditCommand) -> ExitCode {
    let AuditCommand::Verify(options) = command;
    match look(options).await {
        Ok(verified) => told(&verified),
        Err(error) => {
            eprintln!("handover: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn look(options: VerifyOptions) -> Result<Verified, Box<dyn std::error::Error>> {
    let store = options.place.open_store().await?;
    let in_use = store.sealing_keys().await?;
    let source = options.keys.with_environment().source(&options.place.data_dir);
    let secrets = Secrets::load(&source, &in_use, &SystemRandom)?;
    let trail = Trail::open(Arc::new(secrets), &options.place.data_dir)?;
    let expected: Vec<TrailHead> = options.expect.into_iter().map(|Expected(head)| head).collect();
    Ok(verify(&store, &trail, &expected).await?)
}

fn told(verified: &Verified) -> ExitCode {
    for finding in &verified.findings {
        println!("entry {} of {}: {}", finding.seq, finding.org, finding.what);
    }
    for (org, head) in &verified.heads {
        println!("newest entry of {org}: {}:{}", head.seq, head.mark);
    }
    if verified.findings.is_empty() {
        println!("{} entries, and nothing is wrong with them", verified.entries);
        println!("keep the newest entry elsewhere; --expect compares with it later");
        ExitCode::SUCCESS
    } else {
        println!("{} entries, {} findings", verified.entries, verified.findings.len());
        ExitCode::FAILURE
    }
}
