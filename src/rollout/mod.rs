//! How workloads are brought from what is to what is wanted, one replacement at a time.
//!
//! - [`plan`] decides: a pure function from what is seen to what comes next.
//! - [`words`] says the same to people: what it waits for, and what follows.
//! - [`status`] names what is seen, in the words of the contract.
//! - [`controller`] acts: one worker per workload observes, asks the plan, writes the step to the store,
//!   makes the world match it, and observes again.
//! - [`live`] is what the workers see, for pages and the API.
//!
//! Ground rules. Every step is stored before it is acted on. Every action may be repeated. A worker never
//! assumes that what it did has happened: it looks. So a crash between any two instructions is repaired by
//! starting again, and there is no other recovery code.

pub mod controller;
mod evidence;
pub mod live;
pub mod plan;
pub mod status;
mod transition;
pub mod words;
mod worker;

pub use controller::Controller;
pub use live::Live;
