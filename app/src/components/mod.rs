//! What pages are made of: plain values in, HTML out.

pub mod address;
pub mod chart;
pub mod chip;
pub mod curl;
pub mod diff;
pub mod endpoint;
pub mod field;
pub mod header;
pub mod history;
pub mod notice;
pub mod pager;
pub mod person;
pub mod reasons;
pub mod replicas;
pub mod rollout;
pub mod spec;
pub mod tabs;
pub mod time;

pub use crate::{format, zone};
