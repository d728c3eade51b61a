//! Where a reference leads: the address at which its registry answers.

use url::Url;

use crate::knowledge::known_registry;
use crate::oci::{Reference, Scheme};

/// The reference makes no address. Its grammar should not let this happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} does not make an address that can be asked")]
pub struct NoAddress(pub String);

/// The base of the API at which the registry of a reference answers: `https://registry-1.docker.io/` for Docker Hub.
///
/// # Errors
/// Where the reference makes no address.
pub fn base(reference: &Reference, scheme: Scheme) -> Result<Url, NoAddress> {
    let host = reference.registry();
    let authority = match known_registry(host.name()).and_then(|known| known.endpoint()) {
        Some(endpoint) => endpoint.to_owned(),
        None => host.to_string(),
    };
    Url::parse(&format!("{}://{authority}/", scheme.as_str())).map_err(|_| NoAddress(reference.to_string()))
}
