//! The rules: one file each, one folder for each family.

pub(crate) mod artifact;
pub(crate) mod authentication;
pub(crate) mod authorization;
pub(crate) mod backend;
pub(crate) mod config;
pub(crate) mod head;
pub(crate) mod integrity;
pub(crate) mod name;
pub(crate) mod negotiation;
pub(crate) mod place;
pub(crate) mod reference;
pub(crate) mod registry;
pub(crate) mod server;
pub(crate) mod transport;
pub(crate) mod tree;

#[cfg(test)]
mod tests;
