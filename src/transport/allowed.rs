//! Where the server of a request is, as far as it limits where that may send us, and what it may not send us to.

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
    /// The place of the server that has answered a request, from `remote`. Where a proxy was in between, that is the
    /// proxy's address; the server's is looked for where it matters, because it has named another server.
    pub(super) async fn place(
        &self,
        url: &Url,
        remote: Option<SocketAddr>,
        proxy: Option<&ProxyRoute>,
        names_another: bool,
    ) -> Option<Place> {
        match proxy {
            // The listeners of the lab are here, and its hosts are not.
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

    /// Why a host that a server named may not be asked for through a proxy, as far as that can be known here.
    pub(super) async fn refuse_beyond(&self, url: &Url, proxy: &ProxyRoute, reach: Reach) -> Option<Failure> {
        if reach == Reach::Anywhere {
            return None;
        }
        self.refuses(url, reach, self.beyond(url, proxy).await)
    }

    /// Why a host that is an address may not be asked, where a server named it.
    pub(super) fn refuse_literal_address(&self, url: &Url, reach: Reach) -> Option<Failure> {
        let address = match url.host()? {
            Host::Ipv4(address) => address.into(),
            Host::Ipv6(address) => address.into(),
            Host::Domain(_) => return None,
        };
        self.refuses(url, reach, vec![address])
    }

    /// Why a host at these addresses may not be asked, but for those that the user has agreed to.
    fn refuses(&self, url: &Url, reach: Reach, mut addresses: Vec<IpAddr>) -> Option<Failure> {
        let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(0));
        addresses.retain(|address| !self.resolver.is_agreed(host, port, *address));
        let (address, class) = reach.refuses(&addresses)?;
        Some(classify::forbidden(address, class))
    }

    /// The addresses of a host beyond a proxy, where they are known. It is the proxy that looks the name up, and it may well
    /// run on this machine or in its network, so the name is looked up here too, for a moment; not where the proxy is one
    /// that is used so that names are looked up nowhere else.
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
