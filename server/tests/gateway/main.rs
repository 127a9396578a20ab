//! The gateway over real sockets: a front on a free port, replicas that are small servers in this process,
//! and clients that see only bytes.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod forwarding;
mod front;
mod hold;
mod hostile;
mod lost;
mod open_work;
mod replica;
mod request_id;
mod stage;
mod streaming;
mod switching;
mod upgrades;
mod wire;
