//! The API of a registry by family. Redirects are followed here, hop by hop, each hop an exchange of its own.

mod client;
mod pages;
mod redirects;

pub use client::{Accepting, LIST_BYTES, RegistryClient, Target};
