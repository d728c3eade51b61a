use super::{certificate, is_own_network, on_the_way};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::CertificateFault;
use crate::knowledge::is_public_registry;

rule! {
    /// The certificate is signed by an authority that is not trusted here.
    ///
    /// ## What it means
    /// Either the registry has a certificate of a private authority or one that it signed itself, or something on the
    /// way opens the TLS connection and puts its own certificate in place: the proxy of a company, as a rule. Public
    /// registries have certificates of public authorities, so there it is the latter.
    ///
    /// ## How it is recognised
    /// The certificate was refused because none of the authorities that are trusted here has signed it.
    ///
    /// ## What to do
    /// Get the authority's certificate from whoever runs the registry or the network, and give it with `--cacert FILE`.
    /// Container engines need it too: Docker in `/etc/docker/certs.d/HOST/ca.crt`, others in the system's store.
    ///
    /// ## References
    /// moby/moby#20912; moby/moby#36820; docker/for-win#3391
    "unknown-ca" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, failure, fault) = certificate(case)?;
    if *fault != CertificateFault::UnknownAuthority {
        return None;
    }
    let host = case.host_of(id);
    let public = is_public_registry(case.journal().get(id).request.url.host_str().unwrap_or_default());
    let reading = if public {
        "A public registry has a certificate of a public authority, so this is not its own. Most likely a proxy or a \
         filter on the way opens TLS connections and shows its own certificate."
    } else if is_own_network(case, id) {
        "Most likely the registry has a certificate of a private authority."
    } else {
        "Either the registry has a certificate of a private authority, or a proxy on the way opens TLS \
         connections and shows its own certificate. For a public registry it is most likely the proxy."
    };
    let store = if case.circumstances().bundled_roots {
        " This system has no certificate store, so authorities that were added to it elsewhere are missing."
    } else {
        ""
    };
    let from_whom = if public { "whoever runs the network" } else { "whoever runs the registry or the network" };
    let command = ["ociscope", "probe", "--cacert", "FILE", case.reference().input()];
    let title = format!("the certificate of {host} is signed by an authority that is not trusted here");
    let finding = Finding::error(ExitStatus::Tls, title, id, failure.message.clone())
        .cause(format!("{reading}{store}{}", on_the_way(case, id)))
        .fix_with(format!("Get that authority's certificate from {from_whom}."), &command);
    Some(finding)
}
