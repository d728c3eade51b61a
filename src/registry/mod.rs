//! The API of a registry, and the one engine that asks it.
//!
//! A [`Dialogue`] answers every [`Query`](crate::evidence::Query); what a registry may be sent is its [`Access`]. Below
//! it, the client knows the API by family, and redirects are followed hop by hop, each hop an exchange of its own.

mod access;
mod client;
mod dialogue;
mod pages;
mod redirects;
mod source;

pub use access::Access;
use client::{RegistryClient, Target};
pub use dialogue::{Dialogue, Earlier, MOST_QUERIES, Progress, Received, Standing};
pub use pages::NextPage;
