use super::{certificate, route_remark};
use crate::diagnosis::case::presented::presenter;
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::CertificateFault;

rule! {
    /// Certificate does not cover the registry's host name
    ///
    /// ## What it means
    /// The server presents a certificate that does not list the host name or address in the reference. A name in the
    /// Common Name field alone does not count.
    ///
    /// ## How it is recognised
    /// The certificate was rejected because of its names; the finding lists those that it has.
    ///
    /// ## What to do
    /// Use a name that the certificate lists, or have it reissued with the host name or address among its subject
    /// alternative names.
    ///
    /// ## References
    /// RFC 9525; distribution/distribution#948; goharbor/harbor#17502
    "certificate-name-mismatch" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, failure, fault) = certificate(case)?;
    let CertificateFault::WrongName(names) = fault else { return None };
    let host = presenter(case, id);
    let names: Vec<_> = names.iter().map(|name| name.named_within(80)).collect();
    let leaf = case.journal().get(id).connection.presented.as_ref().and_then(|chain| chain.leaf());
    let lists = if leaf.is_some_and(|leaf| leaf.names.is_empty()) {
        "It has no subject alternative names; the common name alone does not count.".to_owned()
    } else if names.is_empty() {
        "It does not list the requested name.".to_owned()
    } else {
        format!("It is for {}.", listed(&names, 6))
    };
    let title = if leaf.is_some_and(|leaf| leaf.names.is_empty()) {
        format!("the certificate of {host} has no subject alternative names")
    } else {
        format!("the certificate of {host} is for another name")
    };
    let finding = Finding::error(ExitStatus::Tls, title, id, failure.message.clone())
        .cause(format!("{lists} Clients reject it for {host}.{}", route_remark(case, id)))
        .fix("Use a name that the certificate lists, or have the certificate reissued for this name.");
    Some(finding)
}
