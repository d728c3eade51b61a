//! How a run reaches the network, by what the user said.

use std::sync::Arc;

use url::Url;

use super::{RegistrySettings, Session, simulation};
use crate::endpoint::base;
use crate::lab::Lab;
use crate::oci::{Origin, Reference, Scheme};
use crate::transport::{Limits, Network, Options, Transport, TransportError};

impl Session {
    /// The network for a run, whose time begins with it.
    pub(super) fn transport(&self, reference: &Reference, lab: Option<&Lab>) -> Result<Transport, TransportError> {
        self.began.now();
        let network = self.network(self.transport_options(reference, lab))?;
        Ok(Transport::new(network, self.stop.clone(), self.ended.clone()))
    }

    /// The way to the network by these options. References of one command share it, as far as they are asked in the same
    /// way: connections, trusted authorities, and what names lead to.
    fn network(&self, options: Options) -> Result<Arc<Network>, TransportError> {
        let mut networks = self.networks.borrow_mut();
        if let Some(network) = networks.iter().find(|network| network.is_by(&options)) {
            return Ok(Arc::clone(network));
        }
        let network = Arc::new(Network::new(options)?);
        networks.push(Arc::clone(&network));
        Ok(network)
    }

    fn transport_options(&self, reference: &Reference, lab: Option<&Lab>) -> Options {
        let settings = &self.settings;
        let RegistrySettings { identity, .. } = RegistrySettings::new(settings, reference);
        // Who lets a realm have a password, in a file or at a question of the shell, has not said that of a certificate.
        let bound = settings.bound_to(reference.registry()).flat_map(|bound| &bound.trusted_realms);
        let named: Vec<_> = settings.trusted_realms.iter().chain(bound).cloned().collect();
        Options {
            resolve: settings.resolve.clone(),
            enclosed: lab.map(simulation::enclosed),
            authority_file: settings.authority_file.clone(),
            insecure_host: settings
                .is_insecure_for(reference.registry())
                .then(|| reference.registry().name().to_owned()),
            identity: identity.map(|identity| (identity, identified_to(reference, &named))),
            limits: settings.timeout.map_or(Limits::DEFAULT, Limits::within),
        }
    }
}

/// The origins that may be shown the client certificate for the registry of a reference: its own, and the realms that
/// `--trust-realm` names.
fn identified_to(reference: &Reference, trusted_realms: &[String]) -> Vec<Origin> {
    let realms = trusted_realms.iter().filter_map(|host| Url::parse(&format!("https://{host}/")).ok());
    let own = base(reference, Scheme::Https).ok();
    own.into_iter().chain(realms).filter_map(|url| Origin::of(&url)).collect()
}
