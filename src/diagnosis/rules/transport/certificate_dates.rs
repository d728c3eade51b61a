use super::{certificate, on_the_way};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::CertificateFault;

rule! {
    /// The certificate has expired, or is not valid yet.
    ///
    /// ## What it means
    /// By the clock of this machine, today is outside the dates of the certificate. The certificate was not renewed,
    /// or the clock is wrong, as after a virtual machine has slept.
    ///
    /// ## How it is recognised
    /// The certificate was refused because of its dates.
    ///
    /// ## What to do
    /// Check the clock of this machine first. If it is right, whoever runs the registry has to renew the certificate.
    ///
    /// ## References
    /// RFC 5280 §4.1.2.5; moby/moby#11534
    "certificate-dates" in Transport
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, failure, fault) = certificate(case)?;
    let host = case.host_of(id);
    let title = match fault {
        CertificateFault::Expired => format!("the certificate of {host} has expired"),
        CertificateFault::NotYetValid => format!("the certificate of {host} is not valid yet"),
        _ => return None,
    };
    let cause = "By the clock of this machine, the certificate is outside its dates. If the clock is wrong, a \
        good certificate looks the same.";
    let finding = Finding::error(ExitStatus::Tls, title, id, failure.message.clone())
        .cause(format!("{cause}{}", on_the_way(case, id)))
        .fix("Check the date and time of this machine.")
        .fix("If they are right, whoever runs the registry has to renew the certificate.");
    Some(finding)
}
