//! The lab: every scenario through the real program, its registries for other clients, and how true it is to life.

pub mod documents;
mod enclosure;
mod fidelity;
mod robustness;
mod scenarios;
mod serve;
