//! A run in the lab: which scenario it is, and how nothing of the run leaves this machine.

use crate::evidence::LabOption;
use crate::lab::{Lab, LabError, Scenario, scenario_for};
use crate::oci::Reference;
use crate::transport::{Enclosed, ResolveTo};

/// Which scenario of the lab answers, in the place of the network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LabChoice {
    /// The one that is about the image that is asked for.
    ByReference,
    /// This one.
    Named(&'static Scenario),
}

/// Why there is no lab to ask.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// No scenario is about the image.
    #[error("no lab scenario has the registry {0}; `ociscope lab list` shows all, and --lab=NAME chooses one")]
    NoScenario(String),
    /// It could not be started.
    #[error(transparent)]
    Lab(#[from] LabError),
}

impl LabChoice {
    /// Which scenario answers for a reference. Where none is about it, the one that answered before goes on, as long as
    /// it has the registry.
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

    /// What a record keeps of it.
    pub(super) fn option(self) -> LabOption {
        match self {
            Self::ByReference => LabOption::ByReference,
            Self::Named(scenario) => LabOption::Named(scenario.name().to_owned()),
        }
    }
}

/// The hosts of a lab as the only ones there are.
pub(super) fn enclosed(lab: &Lab) -> Enclosed {
    // What is tried first stands first.
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
