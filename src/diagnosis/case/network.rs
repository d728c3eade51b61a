//! The network that an exchange went to, as far as name and addresses tell.

use super::Case;
use crate::evidence::ExchangeId;
use crate::knowledge::is_public_registry;
use crate::oci::address::{AddressClass, address_class, is_private_name};

/// Whether an exchange went to this machine or to somebody's own network, as far as name and address tell. A registry
/// that is known as a public one never is one's own: sign-in pages of networks are where any name leads to.
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
