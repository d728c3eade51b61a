//! The address at which the registry of a reference answers.

use url::Url;

use crate::knowledge::known_registry;
use crate::oci::{Reference, Scheme};

/// The reference does not form a valid address. Its grammar should prevent this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} does not form a valid address")]
pub struct NoAddress(pub String);

/// Returns the base URL of the API of a reference's registry: `https://registry-1.docker.io/` for Docker Hub.
///
/// # Errors
/// Fails if the reference does not form a valid address.
pub fn base(reference: &Reference, scheme: Scheme) -> Result<Url, NoAddress> {
    let host = reference.registry();
    let authority = match known_registry(host.name()).and_then(|known| known.endpoint()) {
        Some(endpoint) => endpoint.to_owned(),
        None => host.to_string(),
    };
    Url::parse(&format!("{}://{authority}/", scheme.as_str())).map_err(|_| NoAddress(reference.to_string()))
}
