use super::{certificate, is_own_network, on_the_way};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::CertificateFault;

rule! {
    /// The certificate is signed by an authority that is not trusted here.
    ///
    /// ## What it means
    /// Either the registry has a certificate of a private authority or one that it signed itself, or something on the
    /// way opens the TLS connection and puts its own certificate in place: the proxy of a company, as a rule.
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
    let reading = if is_own_network(case, id) {
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
    let command = ["ociscope", "probe", "--cacert", "FILE", case.reference().input()];
    let title = format!("the certificate of {host} is signed by an authority that is not trusted here");
    let finding = Finding::error(ExitStatus::Tls, title, id, failure.message.clone())
        .cause(format!("{reading}{store}{}", on_the_way(case, id)))
        .fix_with("Get that authority's certificate from whoever runs the registry or the network.", &command);
    Some(finding)
}
