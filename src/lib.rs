//! Find out why a container image will not pull.

#![forbid(unsafe_code)]

pub mod auth;
pub mod cli;
pub mod commands;
pub mod diagnosis;
pub mod endpoint;
pub mod evidence;
pub mod explanation;
pub mod image;
pub mod knowledge;
pub mod lab;
pub mod oci;
pub mod probe;
pub mod registry;
pub mod report;
pub mod session;
pub mod shell;
pub mod text;
pub mod transport;
