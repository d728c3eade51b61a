//! Whether a request stays on this machine. What goes over plain HTTP to the loopback device is on no network on which
//! others could listen; everywhere else it can be read on the way.

use std::net::IpAddr;

use url::{Host, Url};

use super::notes::Notes;
use super::reach::Reach;
use super::send::Transport;
use crate::oci::address::{AddressClass, host_class};

impl Transport {
    /// Whether requests to this address go to the loopback device and nowhere else: no proxy is in between, and every
    /// address of the host is a loopback one. By where the name leads, not by what it is; it is looked up once for the run,
    /// so what is connected to afterwards is what was judged. `false` where that is not known.
    pub async fn stays_here(&self, url: &Url) -> bool {
        let network = &self.network;
        if !matches!(network.proxies.choose(url), Ok(None)) {
            return false;
        }
        let is_here = |address: IpAddr| address.to_canonical().is_loopback();
        match url.host() {
            Some(Host::Ipv4(address)) => is_here(address.into()),
            Some(Host::Ipv6(address)) => is_here(address.into()),
            // The hosts of the lab are elsewhere, although its listeners are here.
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
