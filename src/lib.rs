//! Find out why a container image will not pull.

#![forbid(unsafe_code)]

pub mod oci;
