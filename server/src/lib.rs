//! What Handover shows to the network: REST, gateway, sessions, streams, pages and their assets.

mod admit;
pub mod api;
pub mod assets;
mod audit_command;
pub mod cli;
mod code_upload;
pub mod commands;
pub mod csrf;
mod demo;
mod download;
mod engines;
pub mod gateway;
mod health;
mod invoke;
mod lock;
mod main_loop;
mod metrics;
pub mod pages;
pub mod request_id;
pub mod session;
pub mod start;
mod stopwatch;
pub mod stream;
pub mod telemetry;
mod workshop;

pub use main_loop::main;
