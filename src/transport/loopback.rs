//! Whether a request stays on this machine. Plain HTTP over the loopback device cannot be observed on any network;
//! everywhere else it can be read in transit.

use std::net::IpAddr;

use url::{Host, Url};

use super::notes::Notes;
use super::reach::Reach;
use super::send::Transport;
use crate::oci::address::{AddressClass, host_class};

impl Transport {
    /// Whether requests to this address use only the loopback device: there is no proxy, and every address of the host
    /// is a loopback one. Judged by the resolved addresses, not by the name, which is looked up once for the run, so
    /// the judged address is the one that is connected to. `false` if that is unknown.
    pub async fn stays_here(&self, url: &Url) -> bool {
        let network = &self.network;
        if !matches!(network.proxies.choose(url), Ok(None)) {
            return false;
        }
        let is_here = |address: IpAddr| address.to_canonical().is_loopback();
        match url.host() {
            Some(Host::Ipv4(address)) => is_here(address.into()),
            Some(Host::Ipv6(address)) => is_here(address.into()),
            // The lab's hosts are remote, although its listeners are on this machine.
            Some(Host::Domain(_)) if network.resolver.is_enclosed() => host_class(url) == Some(AddressClass::Loopback),
            Some(Host::Domain(name)) => {
                let notes = Notes::new(url.port_or_known_default().unwrap_or(0), Reach::Anywhere);
                let mut stop = self.stop.clone();
                let found = tokio::select! {
                    biased;
                    _ = stop.wait_for(Option::is_some) => return false,
                    found = network.resolver.addresses(name, Some(&notes)) => found,
                    () = tokio::time::sleep(network.options.limits.connect) => return false,
                };
                found.is_ok_and(|all| !all.is_empty() && all.iter().all(|address| is_here(address.ip())))
            }
            None => false,
        }
    }
}
