//! The API of a registry, and the only module that sends requests to it.
//!
//! A [`Dialogue`] answers every [`Query`](crate::evidence::Query); its [`Access`] says what the registry may receive.
//! Below it, the client implements the API by endpoint family, and follows redirects hop by hop, each hop an exchange
//! of its own.

mod access;
mod client;
mod dialogue;
mod pages;
mod redirects;
mod source;

pub use access::Access;
use client::{RegistryClient, Target};
pub use dialogue::{Dialogue, Earlier, MOST_QUERIES, Progress, Questions, Received, Standing};
pub use pages::NextPage;
