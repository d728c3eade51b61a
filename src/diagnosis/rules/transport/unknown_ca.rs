use super::{certificate, certs_folders, route_remark};
use crate::diagnosis::case::presented::{distrust, presenter};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::CertificateFault;

rule! {
    /// Server certificate is not trusted here
    ///
    /// ## What it means
    /// The certificate is self-signed or from a private authority; or the server does not send the intermediate
    /// certificate that links it to a trusted root; or a device in between, usually a company proxy, intercepts TLS and
    /// presents its own certificate. Public registries have certificates of public authorities.
    ///
    /// ## How it is recognised
    /// The presented certificates do not chain to an authority that is trusted here. The finding shows each of them and
    /// says which part is not trusted. A server that presents only its own certificate, issued by another authority,
    /// may lack an intermediate or use a private authority: the finding is then likely, and says how to distinguish the
    /// two.
    ///
    /// ## What to do
    /// Get the certificate (or that of its authority) from the operator of the registry or the network, compare its
    /// SHA-256, and trust it with `--cacert FILE`. Container engines need it too: Docker in
    /// `/etc/docker/certs.d/HOST/ca.crt`, Podman, Buildah, skopeo and CRI-O in `/etc/containers/certs.d/HOST/ca.crt`,
    /// containerd as `ca` in `/etc/containerd/certs.d/HOST/hosts.toml`. If the intermediate is missing, the operator
    /// configures the full chain on the server instead.
    ///
    /// ## References
    /// moby/moby#20912; moby/moby#36820; moby/moby#31602; moby/moby#10150; docker/for-win#3391; RFC 5280 §6
    "unknown-ca" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, failure, fault) = certificate(case)?;
    if *fault != CertificateFault::UnknownAuthority {
        return None;
    }
    let distrust = distrust(case, id);
    let store = if case.record().bundled_roots {
        " This system has no certificate store, so authorities that were added to it elsewhere are missing."
    } else {
        ""
    };
    let title = distrust.title(&presenter(case, id));
    let finding = Finding::error(ExitStatus::Tls, title, id, failure.message.clone()).cause(format!(
        "{}{store}{}{}",
        distrust.cause(case, id),
        certs_folders(case),
        route_remark(case, id)
    ));
    let finding = if distrust.is_likely() { finding.likely() } else { finding };
    Some(distrust.fixes(case, id, finding, "probe"))
}
