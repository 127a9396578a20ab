//! The gateway alone, for measuring it beside other proxies: one workload, one token, replicas that are
//! given. `gateway_bench 127.0.0.1:8080 127.0.0.1:9000…` serves the workload `bench` to the token `bench`.

use std::{error::Error, net::SocketAddr, sync::Arc};

use axum::Router;
use handover::{
    clock::SystemClock,
    model::ProtonId,
    random::SystemRandom,
    traffic::{Endpoint, ProtonTraffic, Routes, Target},
};
use handover_server::gateway::{Admission, Admit, Front, Gateway, Settings};
use tokio::{runtime::Handle, signal};
use tokio_util::sync::CancellationToken;

struct OneToken;

impl Admit for OneToken {
    fn bearer(&self, token: &str, endpoint: Option<&Endpoint>) -> Admission {
        match (token, endpoint) {
            ("bench", Some(_)) => Admission::Yes,
            _ => Admission::Unknown,
        }
    }

    fn session(&self, _: &str, _: Option<&Endpoint>) -> Admission {
        Admission::Unknown
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut addresses = std::env::args().skip(1).map(|text| text.parse::<SocketAddr>());
    let listen = addresses.next().ok_or("usage: gateway_bench <listen> <replica>…")??;
    let replicas = addresses.collect::<Result<Vec<_>, _>>()?;

    let proton = ProtonTraffic::new(ProtonId::from_bytes([0; 12]));
    proton.set_ready(&replicas);
    let routes = Arc::new(Routes::default());
    let endpoint = routes.put("bench".parse()?, "bench".parse()?, vec![]);
    endpoint.switch_to(Target::Serving(Arc::clone(&proton)));

    let front = Front::bind(listen, None)?;
    let clock = Arc::new(SystemClock::new());
    let random = Arc::new(SystemRandom);
    let gateway = Gateway::new(routes, Arc::new(OneToken), clock, random, Settings::default());
    let shutdown = CancellationToken::new();
    let serving =
        front.serve(Router::new(), Arc::new(gateway), Handle::current(), shutdown.clone());
    let serving = tokio::spawn(serving);
    signal::ctrl_c().await?;
    shutdown.cancel();
    serving.await??;
    let totals = proton.totals();
    println!("answered {}, failed {}", totals.answered, totals.failed());
    Ok(())
}
