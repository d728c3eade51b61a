//! The program against CNCF distribution 2.8, the registry that most private registries are or were.
//!
//! [`server`] and [`server_access`] show with plain requests that the registry behaves as recorded: the ground on which
//! the others stand. Those show that the program sees the same and judges it rightly.

mod cache;
mod compared;
mod connection;
mod diagnosed;
mod life_cycle;
mod lists;
mod matrix;
mod missing;
mod passwords;
mod recorded;
mod server;
mod server_access;
mod shown;
mod skopeo;
mod tokens;
mod wire;

/// Where the tests put their content.
const REPOSITORY: &str = "demo/app";
