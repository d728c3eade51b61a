//! Restricts where the server of a request may send us, by the location of that server.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use url::{Host, Url};

use super::classify;
use super::network::Network;
use super::place::place_of;
use super::proxy::ProxyRoute;
use super::reach::Reach;
use crate::evidence::Failure;
use crate::oci::address::{AddressClass, Place, host_class};

impl Network {
    /// The place of the server that answered a request from `remote`. Through a proxy, `remote` is the proxy's address;
    /// the server's own address is looked up where it matters, because the server has named another one.
    pub(super) async fn place(
        &self,
        url: &Url,
        remote: Option<SocketAddr>,
        proxy: Option<&ProxyRoute>,
        names_another: bool,
    ) -> Option<Place> {
        match proxy {
            // The lab's listeners are on this machine, but its hosts are not.
            None if self.resolver.is_enclosed() => {
                Some(host_class(url).map_or(Place::ELSEWHERE, |class| Place { class, here: is_loopback(class) }))
            }
            None => remote.map(|remote| place_of(remote.ip())),
            Some(_) if !names_another => None,
            Some(proxy) => {
                let places = self.beyond(url, proxy).await.into_iter().map(place_of);
                places.reduce(Place::and)
            }
        }
    }

    /// Refuses a host named by a server if a request through a proxy may not reach it, as far as its addresses can be
    /// known here.
    pub(super) async fn refuse_beyond(&self, url: &Url, proxy: &ProxyRoute, reach: Reach) -> Option<Failure> {
        if reach == Reach::Anywhere {
            return None;
        }
        self.refuses(url, reach, self.beyond(url, proxy).await)
    }

    /// Refuses an IP address as a host if a server named it and the request may not reach it.
    pub(super) fn refuse_literal_address(&self, url: &Url, reach: Reach) -> Option<Failure> {
        let address = match url.host()? {
            Host::Ipv4(address) => address.into(),
            Host::Ipv6(address) => address.into(),
            Host::Domain(_) => return None,
        };
        self.refuses(url, reach, vec![address])
    }

    /// Refuses a host by its addresses, except for those that the user has agreed to.
    fn refuses(&self, url: &Url, reach: Reach, mut addresses: Vec<IpAddr>) -> Option<Failure> {
        let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(0));
        addresses.retain(|address| !self.resolver.is_agreed(host, port, *address));
        let (address, class) = reach.refuses(&addresses)?;
        Some(classify::forbidden(address, class))
    }

    /// The known addresses of a host that is reached through a proxy. The proxy does the lookup, and may well run on
    /// this machine or in its network, so the name is briefly looked up here too; but not for a proxy that is used to
    /// keep lookups from happening anywhere else.
    async fn beyond(&self, url: &Url, proxy: &ProxyRoute) -> Vec<IpAddr> {
        let port = url.port_or_known_default().unwrap_or(0);
        match url.host() {
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![address.into()],
            Some(Host::Domain(_)) if host_class(url).is_some() => vec![Ipv4Addr::LOCALHOST.into()],
            Some(Host::Domain(name)) => {
                let looks_up_itself = matches!(proxy.address.scheme_str(), Some("socks4a" | "socks5h"));
                let found = self.resolver.in_a_moment(name, port, !looks_up_itself).await;
                found.into_iter().map(|address| address.ip()).collect()
            }
            None => Vec::new(),
        }
    }
}

fn is_loopback(class: AddressClass) -> bool {
    class == AddressClass::Loopback
}
