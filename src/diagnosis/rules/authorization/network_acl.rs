use std::net::IpAddr;

use super::refused_by_registry_or_service;
use crate::diagnosis::case::refusal::refused_address;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, WordKind, words};

rule! {
    /// Registry serves only certain client addresses
    ///
    /// ## What it means
    /// A registry can be restricted to a list of networks. It checks the address that it sees, which is not this
    /// machine's if a NAT, VPN or proxy is in between. Credentials do not help.
    ///
    /// ## How it is recognised
    /// A 403 that mentions a list of addresses, or that names the client's address and says that it is not allowed, as
    /// Azure's registries do.
    ///
    /// ## What to do
    /// Have the address allowed, use a private endpoint, or pull from an allowed network.
    ///
    /// ## References
    /// Azure/acr#633; Azure/acr#627; docker/build-push-action#1214; https://aka.ms/acr/firewall
    "network-acl" in Authorization, instead_of: ["iam-denied"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, address) =
        refused_by_registry_or_service(case).and_then(|(id, response)| Some((id, refused_address(response)?)))?;
    let host = case.host_of(id);
    let seen = if address.is_empty() { String::new() } else { format!(", {address},") };
    let finding = Finding::error(
        ExitStatus::Denied,
        format!("{host} does not serve this client address"),
        id,
        case.words(id),
    )
    .cause(format!(
        "{host} serves only certain client addresses, and yours as it sees it{seen} is not among them. Credentials \
         are not the cause."
    ));
    // The name of an Azure registry is its host without the suffix.
    let azure = case.reference().registry().name().strip_suffix(".azurecr.io").zip(address.parse::<IpAddr>().ok());
    let finding = match azure {
        Some((name, address)) => finding.fix_with(
            "Allow the address:",
            words![
                "az",
                "acr",
                "network-rule",
                "add",
                "--name",
                Word::chosen(WordKind::Host, &name.into()),
                "--ip-address",
                address
            ],
        ),
        None => finding.fix("Have this address allowed in the registry's network rules."),
    };
    Some(finding.fix("Or pull from an allowed network, or through a private endpoint."))
}
