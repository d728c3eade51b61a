//! Classification of IP addresses by the network they belong to.
//!
//! A registry decides where its clients go next: with a realm, a redirect, a link. An address that means something
//! different on the user's machine than on the registry's (the machine itself, its link, the metadata service of its
//! cloud) must not be reachable that way. The check runs on the address of the connection, after name resolution,
//! because a name can resolve to anything, and to something else the next time.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// The class of an address, as far as it matters to where a server may send its clients.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressClass {
    /// `0.0.0.0/8` and `::` (RFC 1122 §3.2.1.3, RFC 4291 §2.5.2). Connecting to it reaches the machine itself.
    Unspecified,
    /// `127.0.0.0/8` and `::1`: the machine itself.
    Loopback,
    /// `169.254.0.0/16` and `fe80::/10` (RFC 3927, RFC 4291 §2.5.6): the link, and at 169.254.169.254 the metadata
    /// service of most clouds.
    LinkLocal,
    /// The address of a cloud's metadata service outside the link-local range: AWS' `fd00:ec2::254`, Google's
    /// `fd20:ce::254`, Scaleway's `fd00:42::42`, Alibaba's 100.100.100.200, Azure's 168.63.129.16, Oracle's 192.0.0.192.
    Metadata,
    /// A private network: RFC 1918, shared address space (RFC 6598), unique local addresses (RFC 4193), the site-local
    /// addresses that preceded them, and the networks for protocols and benchmarks (RFC 6890, RFC 2544). Registries run
    /// there, so the class alone is no reason to refuse.
    Private,
    /// Every other address.
    Public,
}

impl AddressClass {
    /// Returns `true` if no server elsewhere has a legitimate reason to send its clients there.
    pub fn is_forbidden(self) -> bool {
        matches!(self, Self::Unspecified | Self::Loopback | Self::LinkLocal | Self::Metadata)
    }

    /// The class in words, to follow "an address that is" or "it is".
    pub fn words(self) -> &'static str {
        match self {
            Self::Unspecified => "the unspecified address, which connects to this machine",
            Self::Loopback => "this machine itself",
            Self::LinkLocal => "link-local, the range of cloud metadata services",
            Self::Metadata => "the metadata service of a cloud",
            Self::Private => "on a private network",
            Self::Public => "a public address",
        }
    }
}

/// Suffixes of names that resolve only within one network (RFC 6762, RFC 8375, RFC 9476, and those that routers,
/// companies and clusters use).
pub const PRIVATE_SUFFIXES: [&str; 11] = [
    ".corp",
    ".home",
    ".home.arpa",
    ".internal",
    ".intra",
    ".intranet",
    ".lan",
    ".local",
    ".localdomain",
    ".private",
    ".svc",
];

/// Returns `true` if a host name has a meaning only within one network or machine: a single label, or a suffix that no
/// public name has. An IP address is not a name.
pub fn is_private_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_address = host.contains(':') || host.parse::<IpAddr>().is_ok();
    // RFC 6761 §6.2 and §6.3.
    let suffixes = PRIVATE_SUFFIXES.iter().chain([&".localhost", &".test"]);
    let is_private = || !host.contains('.') || suffixes.clone().any(|suffix| host.ends_with(suffix));
    !host.is_empty() && !is_address && is_private()
}

/// The class of an address. An IPv6 address that wraps an IPv4 address has the class of the IPv4 address.
pub fn address_class(ip: IpAddr) -> AddressClass {
    match ip {
        IpAddr::V4(ip) => class_of_v4(ip),
        IpAddr::V6(ip) => class_of_v6(ip),
    }
}

/// The class of a URL's host if it is an IP address or a name of this machine (RFC 6761 §6.3). Other names would have
/// to be resolved, which is not done here.
pub fn host_class(url: &Url) -> Option<AddressClass> {
    match url.host()? {
        Host::Ipv4(ip) => Some(class_of_v4(ip)),
        Host::Ipv6(ip) => Some(class_of_v6(ip)),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            (name == "localhost" || name.ends_with(".localhost")).then_some(AddressClass::Loopback)
        }
    }
}

/// The endpoint of packets to an address: the IPv4 address that an IPv6 address wraps, otherwise the address itself.
pub fn end_of(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(wrapping) => wrapped_v4(wrapping).map_or(ip, IpAddr::V4),
        IpAddr::V4(_) => ip,
    }
}

/// The location of a server, as far as it limits where the server may send its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The class of its address.
    pub class: AddressClass,
    /// `true` if it is on this machine, at any of its addresses.
    pub here: bool,
}

impl Place {
    /// The loopback device of this machine.
    pub const LOOPBACK: Self = Self { class: AddressClass::Loopback, here: true };
    /// Somewhere on the Internet, which is also assumed of a server about which nothing is known.
    pub const ELSEWHERE: Self = Self { class: AddressClass::Public, here: false };

    /// The reason why a server at this place may not send its clients to `other`; `None` if it may. A server may name
    /// hosts of its own class, and public ones: a server on a private network names others there; one on the loopback
    /// device names others on this machine and in private networks, which are reachable from this machine. No server
    /// may name a link-local address or the metadata service of a cloud (CWE-918).
    pub fn refuses(self, other: Self) -> Option<AddressClass> {
        match other.class {
            AddressClass::Loopback => (self.class != AddressClass::Loopback).then_some(other.class),
            class if class.is_forbidden() => Some(class),
            AddressClass::Private if self.rank() == 0 => Some(AddressClass::Private),
            // An address of this machine that is not a loopback one.
            _ => (other.here && !self.here).then_some(AddressClass::Loopback),
        }
    }

    /// The more restricted of two places: a server that another server named may name no more than that one.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let class = if other.rank() < self.rank() { other.class } else { self.class };
        Self { class, here: self.here && other.here }
    }

    fn rank(self) -> u8 {
        match self.class {
            AddressClass::Loopback => 2,
            AddressClass::Private => 1,
            _ => 0,
        }
    }
}

fn class_of_v4(ip: Ipv4Addr) -> AddressClass {
    match ip.octets() {
        [0, ..] => AddressClass::Unspecified,
        [127, ..] => AddressClass::Loopback,
        [169, 254, ..] => AddressClass::LinkLocal,
        [100, 100, 100, 200] | [168, 63, 129, 16] | [192, 0, 0, 192] => AddressClass::Metadata,
        // Protocol assignments (RFC 6890 §2.2.2) and benchmarking networks (RFC 2544) are not routed on the Internet.
        [192, 0, 0, _] | [198, 18 | 19, _, _] => AddressClass::Private,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => AddressClass::Private,
        _ => AddressClass::Public,
    }
}

fn class_of_v6(ip: Ipv6Addr) -> AddressClass {
    if ip == Ipv6Addr::LOCALHOST {
        return AddressClass::Loopback;
    }
    if ip == Ipv6Addr::UNSPECIFIED {
        return AddressClass::Unspecified;
    }
    if let Some(wrapped) = wrapped_v4(ip) {
        return class_of_v4(wrapped);
    }
    match ip.segments() {
        [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254]
        | [0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254]
        | [0xfd00, 0x0042, 0, 0, 0, 0, 0, 0x0042] => AddressClass::Metadata,
        [0xfe80..=0xfebf, ..] => AddressClass::LinkLocal,
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => AddressClass::Private,
        _ => AddressClass::Public,
    }
}

/// The IPv4 address that receives packets to this IPv6 address.
fn wrapped_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let join = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match ip.segments() {
        // IPv4-mapped, and the deprecated IPv4-compatible form (RFC 4291 §2.5.5).
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] => Some(join(high, low)),
        // NAT64, with the well-known prefix (RFC 6052 §2.1) and with the local-use prefix (RFC 8215).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x64, 0xff9b, 1, _, _, _, high, low] => Some(join(high, low)),
        // 6to4 (RFC 3056 §2).
        [0x2002, high, low, ..] => Some(join(high, low)),
        // Teredo, where the client's address is inverted (RFC 4380 §4).
        [0x2001, 0, _, _, _, _, high, low] => Some(join(!high, !low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(text: &str) -> AddressClass {
        address_class(text.parse().expect("an address"))
    }

    #[test]
    fn address_of_another_meaning_on_every_machine_is_forbidden() {
        for (address, expected) in [
            ("0.0.0.0", AddressClass::Unspecified),
            ("0.1.2.3", AddressClass::Unspecified),
            ("::", AddressClass::Unspecified),
            ("127.0.0.1", AddressClass::Loopback),
            ("127.255.255.254", AddressClass::Loopback),
            ("::1", AddressClass::Loopback),
            ("169.254.169.254", AddressClass::LinkLocal),
            ("169.254.0.1", AddressClass::LinkLocal),
            ("fe80::1", AddressClass::LinkLocal),
            ("febf::1", AddressClass::LinkLocal),
            ("100.100.100.200", AddressClass::Metadata),
            ("fd00:ec2::254", AddressClass::Metadata),
            ("fd20:ce::254", AddressClass::Metadata),
            ("fd00:42::42", AddressClass::Metadata),
            ("168.63.129.16", AddressClass::Metadata),
            ("192.0.0.192", AddressClass::Metadata),
        ] {
            assert_eq!(class(address), expected, "{address}");
            let there = Place { class: expected, here: false };
            assert_eq!(Place::ELSEWHERE.refuses(there), Some(expected), "{address}");
        }
    }

    #[test]
    fn private_address_is_named_only_by_servers_on_private_networks() {
        for (address, expected) in [
            ("10.96.0.10", AddressClass::Private),
            ("192.0.0.1", AddressClass::Private),
            ("198.18.0.1", AddressClass::Private),
            ("198.19.255.254", AddressClass::Private),
            ("172.16.0.1", AddressClass::Private),
            ("172.31.255.255", AddressClass::Private),
            ("192.168.1.1", AddressClass::Private),
            ("100.64.0.1", AddressClass::Private),
            ("100.127.255.255", AddressClass::Private),
            ("fd12:3456::1", AddressClass::Private),
            ("fec0::1", AddressClass::Private),
            ("172.32.0.1", AddressClass::Public),
            ("172.15.255.255", AddressClass::Public),
            ("100.63.255.255", AddressClass::Public),
            ("100.128.0.1", AddressClass::Public),
            ("169.253.0.1", AddressClass::Public),
            ("203.0.113.5", AddressClass::Public),
            ("2606:4700::1", AddressClass::Public),
            ("fe00::1", AddressClass::Public),
            ("ff02::1", AddressClass::Public),
        ] {
            assert_eq!(class(address), expected, "{address}");
            let there = Place { class: expected, here: false };
            let private = Place { class: AddressClass::Private, here: false };
            let refused = (expected == AddressClass::Private).then_some(expected);
            assert_eq!(Place::ELSEWHERE.refuses(there), refused, "{address}");
            assert_eq!((private.refuses(there), Place::LOOPBACK.refuses(there)), (None, None), "{address}");
        }
    }

    #[test]
    fn servers_name_others_of_their_class() {
        use AddressClass::{LinkLocal, Loopback, Metadata, Private, Public, Unspecified};
        let elsewhere = |class| Place { class, here: false };
        let own = |class| Place { class, here: true };
        for (from, to, refused) in [
            (elsewhere(Public), elsewhere(Public), None),
            (elsewhere(Public), elsewhere(Private), Some(Private)),
            (elsewhere(Public), own(Public), Some(Loopback)),
            (elsewhere(Public), own(Private), Some(Private)),
            (elsewhere(Private), own(Private), Some(Loopback)),
            (elsewhere(Private), own(Public), Some(Loopback)),
            (elsewhere(Private), Place::LOOPBACK, Some(Loopback)),
            // A registry at an address of this machine and its token service at the same one.
            (own(Private), own(Private), None),
            (own(Private), elsewhere(Private), None),
            (own(Public), own(Public), None),
            (own(Public), elsewhere(Private), Some(Private)),
            (own(Private), Place::LOOPBACK, Some(Loopback)),
            (Place::LOOPBACK, Place::LOOPBACK, None),
            (Place::LOOPBACK, own(Private), None),
            (Place::LOOPBACK, elsewhere(Private), None),
        ] {
            assert_eq!(from.refuses(to), refused, "{from:?} {to:?}");
        }
        for from in [elsewhere(Public), elsewhere(Private), elsewhere(LinkLocal), Place::LOOPBACK] {
            for to in [LinkLocal, Metadata, Unspecified] {
                assert_eq!(from.refuses(elsewhere(to)), Some(to), "{from:?}");
            }
        }
    }

    /// A public storage service that one of two private servers named may not name a private one.
    #[test]
    fn named_server_may_name_no_more_than_its_referrer() {
        let private = Place { class: AddressClass::Private, here: false };
        assert_eq!(private.and(Place::ELSEWHERE), Place::ELSEWHERE);
        assert_eq!(Place::ELSEWHERE.and(private), Place::ELSEWHERE);
        assert_eq!(Place::LOOPBACK.and(private), private);
        assert_eq!(Place::LOOPBACK.and(Place::LOOPBACK), Place::LOOPBACK);
    }

    #[test]
    fn private_name_has_one_label_or_a_private_suffix() {
        for host in [
            "registry",
            "localhost",
            "registry.home",
            "nas.lan",
            "r.internal",
            "r.corp",
            "printer.local.",
            "R.INTRANET",
            "db.localdomain",
            "r.home.arpa",
            "r.private",
            "registry.kube-system.svc",
        ] {
            assert!(is_private_name(host), "{host}");
        }
        for host in
            ["registry.example", "home.example.com", "r.local.example", "myhome", "10.0.0.1", "fd00::1", "ghcr.io", ""]
        {
            assert_eq!(is_private_name(host), host == "myhome", "{host}");
        }
    }

    #[test]
    fn wrapped_ipv4_address_has_its_own_class() {
        for address in [
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::a9fe:a9fe",
            "64:ff9b:1:abcd::169.254.169.254",
            "2002:a9fe:a9fe::1",
            "2001:0:1234::5601:5601",
        ] {
            assert_eq!(class(address), AddressClass::LinkLocal, "{address}");
        }
        assert_eq!(class("::ffff:127.0.0.1"), AddressClass::Loopback);
        assert_eq!(class("64:ff9b::7f00:1"), AddressClass::Loopback);
        assert_eq!(class("::ffff:10.0.0.1"), AddressClass::Private);
        assert_eq!(class("::ffff:8.8.8.8"), AddressClass::Public);
    }

    proptest::proptest! {
        #[test]
        fn ipv4_mapped_address_keeps_its_class(bits: u32) {
            let ip = Ipv4Addr::from_bits(bits);
            proptest::prop_assert_eq!(address_class(ip.into()), address_class(ip.to_ipv6_mapped().into()));
        }
    }
}
