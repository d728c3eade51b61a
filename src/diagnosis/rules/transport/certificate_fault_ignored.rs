use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::text::Untrusted;

rule! {
    /// Invalid certificate accepted because of `--insecure`
    ///
    /// ## What it means
    /// Because of `--insecure`, ociscope accepted a certificate in spite of its fault. The server may not be the
    /// registry, and clients without such an option fail here.
    ///
    /// ## How it is recognised
    /// The certificate has a fault, and the connection was used anyway.
    ///
    /// ## What to do
    /// Fix the certificate, or trust its authority with `--cacert FILE`, and leave out `--insecure`.
    ///
    /// ## References
    /// RFC 9525
    "certificate-fault-ignored" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let mut faults = case.journal().iter();
    let (id, fault) = faults.find_map(|(id, exchange)| Some((id, exchange.connection.tls_fault_ignored.as_ref()?)))?;
    let host = case.host_of(id);
    let fault = Untrusted::from(fault.as_str());
    let finding = Finding::warning(format!("the certificate of {host} is invalid and was accepted"), id, fault.clone())
        .cause(format!("Other clients reject it: {}.", fault.printable_within(160)))
        .fix("Fix the certificate, or trust its authority with --cacert FILE, and leave out --insecure.");
    Some(finding)
}
