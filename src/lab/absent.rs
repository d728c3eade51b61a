//! The lab of a program that was built without it (`--no-default-features`): the same names, and no scenario.
//!
//! No value of these types can exist, so what other rooms do with a lab compiles as it is and never runs.

use std::net::SocketAddr;

use rustls::pki_types::CertificateDer;

use crate::oci::Reference;

/// Whether the program has the lab: whatever offers it asks this.
pub const IS_HERE: bool = false;

/// A scenario; this program has not one.
#[derive(Debug, PartialEq)]
pub enum Scenario {}

impl Scenario {
    /// What it is called.
    pub fn name(&self) -> &str {
        match *self {}
    }

    /// Whether this is the image that it is about.
    pub fn is_about(&self, _: &Reference) -> bool {
        match *self {}
    }

    /// Whether the registry of an image is one of its hosts.
    pub fn has_registry(&self, _: &Reference) -> bool {
        match *self {}
    }
}

/// Where a host of a lab is.
#[derive(Debug)]
pub struct HostAddress {
    /// Its name, without a port.
    pub host: String,
    /// The port that clients ask.
    pub port: u16,
    /// Where it really listens.
    pub address: SocketAddr,
    /// An IPv6 address of its name at which nothing listens.
    pub broken_ipv6: Option<SocketAddr>,
}

/// Why a lab could not be started: never.
#[derive(Debug, thiserror::Error)]
pub enum LabError {}

/// The hosts of a scenario, listening; this program has not one.
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

    /// What is served.
    pub fn scenario(&self) -> &'static Scenario {
        match *self {}
    }

    /// Where its hosts are.
    pub fn routes(&self) -> &[HostAddress] {
        match *self {}
    }

    /// The certificate of its authority.
    pub fn authority(&self) -> &CertificateDer<'static> {
        match *self {}
    }

    /// An address where connections are refused.
    pub fn closed_address(&self) -> SocketAddr {
        match *self {}
    }
}

/// There is no scenario of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this program was built without the lab")]
pub struct NoSuchScenario;

/// The scenario of this name.
///
/// # Errors
/// Always.
pub fn scenario(_: &str) -> Result<&'static Scenario, NoSuchScenario> {
    Err(NoSuchScenario)
}

/// The scenario that an image is in.
pub fn scenario_for(_: &Reference) -> Option<&'static Scenario> {
    None
}

/// The names of all scenarios.
pub fn scenario_names() -> impl Iterator<Item = &'static str> {
    std::iter::empty()
}
