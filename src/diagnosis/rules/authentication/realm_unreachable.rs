use crate::diagnosis::case::credentials::story;
use crate::diagnosis::case::presented::distrust;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{CertificateFault, FailureKind, Outcome};

rule! {
    /// Registry answers, but its token service is unreachable
    ///
    /// ## What it means
    /// A registry and its token service may be on different hosts, and a firewall or proxy may allow only one of them.
    /// Without a token, nothing can be pulled.
    ///
    /// ## How it is recognised
    /// The registry returned 401 with a challenge, and the request for a token failed.
    ///
    /// ## What to do
    /// Depending on the failure: trust the certificate authority, make the service answer over TLS, make the name
    /// resolve, or allow the host in the firewall and proxy too. If the name is wrong or private, the realm in the
    /// registry's configuration is at fault.
    ///
    /// ## References
    /// distribution, token authentication specification; ketches/registry-proxy#3
    "realm-unreachable" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let authentication = story(case)?;
    let id = authentication.token.filter(|_| authentication.outcome == Outcome::RealmUnreachable)?;
    let failure = case.journal().get(id).failure.as_ref()?;
    let exit = match failure.kind {
        FailureKind::Interrupted => return None,
        FailureKind::Tls(_) | FailureKind::NotTls | FailureKind::Certificate(_) => ExitStatus::Tls,
        _ => ExitStatus::Network,
    };
    let service = case.host_of(id);
    let host = case.reference().registry();
    let words = failure.message.printable_within(160);
    let title = format!("token service {service} is unreachable");
    let finding = Finding::error(exit, title, id, failure.message.clone())
        .because(authentication.challenged_by?, "401")
        .cause(format!(
            "{host} answers and requires a token, but the request to its token service {service} failed: {words}."
        ));
    Some(match &failure.kind {
        FailureKind::Certificate(CertificateFault::UnknownAuthority) => {
            let distrust = distrust(case, id);
            let finding = if distrust.is_likely() { finding.likely() } else { finding };
            let cause = format!("{} {}", finding.cause, distrust.cause(case, id));
            distrust.fixes(case, id, finding.cause(cause), "probe")
        }
        FailureKind::Certificate(_) => {
            finding.fix(format!("Ask the operator of {service} to renew or correct its certificate."))
        }
        FailureKind::NotTls | FailureKind::Tls(_) => finding.fix(format!(
            "Ask the operator of {service} to make it answer over TLS, or to correct the realm of the registry."
        )),
        FailureKind::Dns => finding
            .fix(format!(
                "Check whether {service} resolves with another name server; a private name does not resolve from \
                 outside."
            ))
            .fix("If the address is wrong, ask the registry operator to correct the realm."),
        FailureKind::Refused => finding
            .fix(format!("Check whether the token service runs at {service}, and whether that is its port."))
            .fix("If the address is wrong, ask the registry operator to correct the realm."),
        _ => finding.fix(format!("Allow {service} in the firewall and proxy, in addition to the registry.")),
    })
}
