//! Simulated registries that behave like the real ones, for `--lab`, for teaching, and for the tests.
//!
//! Learning what a broken pull looks like should not require a broken registry, an account or the internet. A
//! [`Scenario`] is data: hosts, the content of each, and the dialect that defines its negotiation, challenges, refusals
//! and error messages. A [`Lab`] serves one over real sockets and real TLS, on this machine alone.
//!
//! The lab replays no recorded answers. It generates content, with true digests except where a scenario is about a
//! false one, and the dialects answer from it; the fault that a scenario is about is in its file.

mod access;
mod authority;
mod building;
mod clock;
mod connections;
mod content;
mod dialect;
mod fault;
mod host;
mod running;
mod scenario;
mod schema1;
mod seed;
mod server;
mod store;
#[cfg(test)]
mod testing;
mod wire;

/// Set if the program has the lab; code that offers the lab checks it.
pub const IS_HERE: bool = true;

pub use content::content;
pub use dialect::dialects;
pub use running::{HostAddress, Lab, LabError};
pub use scenario::{
    Known, NoSuchScenario, Scenario, Summary, scenario, scenario_for, scenario_names, scenarios, summaries,
};
pub use seed::{Piece, pieces};
