//! Where servers are, as far as it limits where they may send us: on this machine, on a private network, or elsewhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use url::{Host, Url};

use super::ask::Reach;
use super::classify;
use super::network::Network;
use super::proxy::ProxyRoute;
use crate::evidence::Failure;
use crate::oci::address::{AddressClass, Place, address_class, end_of, host_class};

/// The place of an address.
pub(super) fn place_of(address: IpAddr) -> Place {
    let class = address_class(address);
    Place { class, here: class == AddressClass::Loopback || is_own(end_of(address)) }
}

/// Whether an address is one of this machine: what goes there would come from there. That is the system's to say, which
/// knows of more than the addresses of its interfaces; it is asked for a way to the address, and nothing is sent.
fn is_own(address: IpAddr) -> bool {
    let any: IpAddr = match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let source = || {
        let socket = UdpSocket::bind((any, 0)).ok()?;
        // Any port does: the discard service's (RFC 863) has nothing to say even where somebody listens.
        socket.connect((address, 9)).ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    source() == Some(address)
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_this_machine_are_known_in_every_form() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        for here in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(place_of(address(here)).here, "{here}");
        }
        for elsewhere in ["203.0.113.77", "198.51.100.9", "10.255.255.254", "2001:db8::77", "fd12:3456::77"] {
            assert!(!place_of(address(elsewhere)).here, "{elsewhere}");
        }
        // What the machine would send from, where it has a way to anywhere.
        let socket = UdpSocket::bind("0.0.0.0:0").expect("a socket");
        if socket.connect("203.0.113.1:9").is_ok() {
            let own = socket.local_addr().expect("its address").ip();
            let IpAddr::V4(v4) = own else { panic!("{own}") };
            let [a, b, c, d] = v4.octets().map(u16::from);
            let nat64 = Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, a << 8 | b, c << 8 | d);
            for own in [own, v4.to_ipv6_mapped().into(), nat64.into()] {
                assert!(place_of(own).here, "{own}");
            }
        }
    }
}
