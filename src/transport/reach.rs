//! How far a request may go.

use std::net::IpAddr;

use super::place::place_of;
use crate::evidence::Exchange;
use crate::oci::{AddressClass, Place};

/// Which addresses a request may go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Any address: the user named the host.
    Anywhere,
    /// Any address, if all of the host's are of one class: a server named another port of the host that the user named.
    /// A name with addresses of several classes could resolve to a different one there than here.
    SameHost,
    /// The addresses that a server at this place may name.
    NamedFrom(Place),
}

impl Reach {
    /// How far a server may send us, by the origin of its own answer.
    pub fn after(exchange: &Exchange) -> Self {
        Self::NamedFrom(exchange.connection.place.unwrap_or(Place::ELSEWHERE))
    }

    /// How far the next server in a chain of redirects may send us: no further than the ones before it.
    #[must_use]
    pub fn and_after(self, exchange: &Exchange) -> Self {
        match (self, Self::after(exchange)) {
            (Self::NamedFrom(before), Self::NamedFrom(place)) => Self::NamedFrom(before.and(place)),
            (_, after) => after,
        }
    }

    /// The first of a host's addresses that may not be connected to, with its class; `None` if all are allowed.
    pub(crate) fn refuses(self, addresses: &[IpAddr]) -> Option<(IpAddr, AddressClass)> {
        match self {
            Self::Anywhere => None,
            Self::SameHost => {
                let classes = addresses.iter().map(|&address| (address, place_of(address).class));
                let (first, mut rest) = (classes.clone().next()?, classes.clone());
                let is_mixed = rest.any(|(_, class)| class != first.1);
                classes.filter(|_| is_mixed).find(|(_, class)| *class != AddressClass::Public)
            }
            Self::NamedFrom(place) => {
                let refused = |&address: &IpAddr| Some((address, place.refuses(place_of(address))?));
                addresses.iter().find_map(refused)
            }
        }
    }
}
