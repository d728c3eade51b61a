//! Sets up a run's access to the network from the user's settings.

use std::sync::Arc;

use url::Url;

use super::{RegistrySettings, Session, simulation};
use crate::endpoint::base;
use crate::lab::Lab;
use crate::oci::{Origin, Reference, Scheme};
use crate::transport::{Limits, Network, Options, Transport, TransportError};

impl Session {
    /// The transport of a run, whose time starts now.
    pub(super) fn transport(&self, reference: &Reference, lab: Option<&Lab>) -> Result<Transport, TransportError> {
        self.began.now();
        let network = self.network(self.transport_options(reference, lab))?;
        Ok(Transport::new(network, self.stop.clone(), self.ended.clone()))
    }

    /// The network for these options. The references of one command share it if their options are the same:
    /// connections, trusted authorities, and resolved names.
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
        // Approving a realm for passwords, in a file or in the shell, does not approve it for the certificate.
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

/// The origins to which the client certificate for the registry of a reference may be presented: its own, and the
/// realms named with `--trust-realm`.
fn identified_to(reference: &Reference, trusted_realms: &[String]) -> Vec<Origin> {
    let realms = trusted_realms.iter().filter_map(|host| Url::parse(&format!("https://{host}/")).ok());
    let own = base(reference, Scheme::Https).ok();
    own.into_iter().chain(realms).filter_map(|url| Origin::of(&url)).collect()
}
