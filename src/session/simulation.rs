//! Runs in the lab: selects the scenario, and keeps all traffic on this machine.

use crate::evidence::LabOption;
use crate::lab::{Lab, LabError, Scenario, scenario_for};
use crate::oci::Reference;
use crate::transport::{Enclosed, ResolveTo};

/// The lab scenario to use instead of the network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LabChoice {
    /// The scenario for the requested image.
    ByReference,
    /// This one.
    Named(&'static Scenario),
}

/// Why there is no suitable lab.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// No scenario has the image.
    #[error("no lab scenario has the registry {0}; `ociscope lab list` shows all, and --lab=NAME chooses one")]
    NoScenario(String),
    /// The lab could not be started.
    #[error(transparent)]
    Lab(#[from] LabError),
}

impl LabChoice {
    /// The scenario for a reference. If there is none, the previous one is used again, as long as it has the registry.
    pub(super) fn scenario(
        self,
        reference: &Reference,
        before: Option<&'static Scenario>,
    ) -> Result<&'static Scenario, SimulationError> {
        match self {
            Self::Named(scenario) => Ok(scenario),
            Self::ByReference => {
                let has_registry = |scenario: &&Scenario| scenario.has_registry(reference);
                let found = scenario_for(reference).filter(|scenario| scenario.is_about(reference));
                let found = found.or(before.filter(has_registry)).or_else(|| scenario_for(reference));
                found.ok_or_else(|| SimulationError::NoScenario(reference.registry().to_string()))
            }
        }
    }

    /// The choice as a record keeps it.
    pub(super) fn option(self) -> LabOption {
        match self {
            Self::ByReference => LabOption::ByReference,
            Self::Named(scenario) => LabOption::Named(scenario.name().to_owned()),
        }
    }
}

/// The hosts of a lab as the only existing ones.
pub(super) fn enclosed(lab: &Lab) -> Enclosed {
    // The first address is tried first.
    let hosts = lab.routes().iter().flat_map(|route| {
        let addresses = route.broken_ipv6.into_iter().chain([route.address]);
        addresses.map(|address| ResolveTo::new(&route.host, route.port, address))
    });
    Enclosed { hosts: hosts.collect(), closed: lab.closed_address(), authority: lab.authority().clone() }
}

#[cfg(all(test, feature = "lab"))]
mod tests {
    use super::*;

    /// The order in which clients try addresses is that of the resolver (RFC 6724; RFC 8305 §4).
    #[tokio::test]
    async fn an_address_at_which_nothing_listens_is_tried_first() {
        let lab = Lab::start(crate::lab::scenario("ipv6-broken").unwrap(), None).await.unwrap();
        let route = lab.routes()[0].clone();
        let broken = route.broken_ipv6.unwrap();
        assert!(broken.is_ipv6() && tokio::net::TcpStream::connect(broken).await.is_err());
        let expected = [broken, route.address].map(|address| ResolveTo::new("registry.example", 443, address));
        assert_eq!(enclosed(&lab).hosts, expected);
    }
}
