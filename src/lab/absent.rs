//! The lab of a program that was built without it (`--no-default-features`): the same names, and no scenario.
//!
//! No value of these types can exist, so code elsewhere that uses a lab compiles unchanged and never runs.

use std::net::SocketAddr;

use rustls::pki_types::CertificateDer;

use crate::oci::Reference;

/// Set if the program has the lab; code that offers the lab checks it.
pub const IS_HERE: bool = false;

/// A scenario; this program does not have any.
#[derive(Debug, PartialEq)]
pub enum Scenario {}

impl Scenario {
    /// The name of the scenario.
    pub fn name(&self) -> &str {
        match *self {}
    }

    /// Returns whether the scenario is about this image.
    pub fn is_about(&self, _: &Reference) -> bool {
        match *self {}
    }

    /// Returns whether the image's registry is one of the scenario's hosts.
    pub fn has_registry(&self, _: &Reference) -> bool {
        match *self {}
    }
}

/// The address of a host in a lab.
#[derive(Debug)]
pub struct HostAddress {
    /// The name, without a port.
    pub host: String,
    /// The port that clients request.
    pub port: u16,
    /// The address where the host listens.
    pub address: SocketAddr,
    /// An IPv6 address of the name, where nothing listens.
    pub broken_ipv6: Option<SocketAddr>,
}

/// An error while starting a lab; it cannot occur.
#[derive(Debug, thiserror::Error)]
pub enum LabError {}

/// The running hosts of a scenario; this program does not have any.
pub enum Lab {}

impl Lab {
    /// Starts the hosts of a scenario.
    ///
    /// # Errors
    /// Never.
    #[expect(clippy::unused_async, reason = "the lab itself waits for its ports")]
    pub async fn start(scenario: &'static Scenario, _: Option<u16>) -> Result<Self, LabError> {
        match *scenario {}
    }

    /// The scenario that is served.
    pub fn scenario(&self) -> &'static Scenario {
        match *self {}
    }

    /// The addresses of the hosts.
    pub fn routes(&self) -> &[HostAddress] {
        match *self {}
    }

    /// The certificate of the lab's authority.
    pub fn authority(&self) -> &CertificateDer<'static> {
        match *self {}
    }

    /// An address that refuses connections.
    pub fn closed_address(&self) -> SocketAddr {
        match *self {}
    }
}

/// The error for a name without a scenario.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this program was built without the lab")]
pub struct NoSuchScenario;

/// Returns the scenario with this name.
///
/// # Errors
/// Always.
pub fn scenario(_: &str) -> Result<&'static Scenario, NoSuchScenario> {
    Err(NoSuchScenario)
}

/// Returns the scenario with this image.
pub fn scenario_for(_: &Reference) -> Option<&'static Scenario> {
    None
}

/// The names of all scenarios.
pub fn scenario_names() -> impl Iterator<Item = &'static str> {
    std::iter::empty()
}
