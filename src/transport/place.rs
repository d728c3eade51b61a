//! The location of an address: on this machine, in a private network, or elsewhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

use crate::oci::address::{AddressClass, Place, address_class, end_of};

/// The place of an address.
pub(super) fn place_of(address: IpAddr) -> Place {
    let class = address_class(address);
    Place { class, here: class == AddressClass::Loopback || is_own(end_of(address)) }
}

/// Whether an address belongs to this machine: packets to it would come from it. The system decides, since it knows
/// more than the addresses of its interfaces; it is asked for a route to the address, and nothing is sent.
fn is_own(address: IpAddr) -> bool {
    let any: IpAddr = match address {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let source = || {
        let socket = UdpSocket::bind((any, 0)).ok()?;
        // Any port will do: the discard service (RFC 863) never answers, even if it is listening.
        socket.connect((address, 9)).ok()?;
        Some(socket.local_addr().ok()?.ip())
    };
    source() == Some(address)
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
        // The machine's source address, if it has any route.
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
