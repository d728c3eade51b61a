use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::text::Untrusted;

rule! {
    /// A certificate was let pass that other clients refuse.
    ///
    /// ## What it means
    /// Because of `--insecure`, the certificate was not insisted on. Whoever answers may be somebody else than the
    /// registry, and clients without such an option fail here.
    ///
    /// ## How it is recognised
    /// The certificate has a fault, and the connection was used all the same.
    ///
    /// ## What to do
    /// Repair the fault, or give the authority with `--cacert FILE`, and leave out `--insecure`.
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
    let finding = Finding::warning(format!("the certificate of {host} was let pass with a fault"), id, fault.clone())
        .cause(format!("Other clients refuse it: {}.", fault.printable_within(160)))
        .fix("Repair the certificate, or give its authority with --cacert FILE, and leave out --insecure.");
    Some(finding)
}
