//! The network of an exchange, as far as name and addresses show.

use super::Case;
use crate::evidence::ExchangeId;
use crate::knowledge::is_public_registry;
use crate::oci::address::{AddressClass, address_class, is_private_name};

/// Returns whether an exchange went to this machine or to a private network, as far as name and address show. A
/// well-known public registry never counts as private: a network with a sign-in page resolves any name to its own
/// address.
pub(crate) fn is_own_network(case: &Case<'_>, id: ExchangeId) -> bool {
    let exchange = case.journal().get(id);
    let host = exchange.request.url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    if case.record().known().is_some() || is_public_registry(&host) {
        return false;
    }
    let own = |ip| matches!(address_class(ip), AddressClass::Loopback | AddressClass::Private);
    if let Ok(address) = host.parse() {
        return own(address);
    }
    let addresses = &exchange.connection.addresses;
    is_private_name(&host) || (!addresses.is_empty() && addresses.iter().all(|address| own(address.ip())))
}
