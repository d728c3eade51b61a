//! Embedded registries that behave like the real ones, for `--lab`, for teaching, and for the tests.
//!
//! Nobody should need a broken registry, an account or the internet to learn what a broken pull looks like. A
//! [`Scenario`] is data: hosts, what each of them stores, and in which dialect it negotiates, challenges, refuses and
//! words its errors. A [`Lab`] serves one over real sockets and real TLS, on this machine alone.
//!
//! Nothing in here is a recorded answer played back. Content is made here, with true digests except where a scenario is
//! about a lie, and the dialects answer for it; a fault that a scenario is about is written in its file.

mod access;
mod authority;
mod building;
mod clock;
mod connections;
mod content;
mod dialect;
mod fault;
mod guest;
mod host;
mod running;
mod scenario;
mod schema1;
mod server;
mod store;
#[cfg(test)]
mod testing;
mod wire;

/// Whether the program has the lab: whatever offers it asks this.
pub const IS_HERE: bool = true;

pub use content::content;
pub use dialect::dialects;
pub use guest::{Piece, pieces};
pub use running::{HostAddress, Lab, LabError};
pub use scenario::{
    Known, NoSuchScenario, Scenario, Summary, scenario, scenario_for, scenario_names, scenarios, summaries,
};
