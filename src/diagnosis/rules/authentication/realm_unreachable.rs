use crate::diagnosis::case::credentials::story;
use crate::diagnosis::case::presented::distrust;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{CertificateFault, FailureKind, Outcome};

rule! {
    /// The registry answers, but its token service cannot be reached.
    ///
    /// ## What it means
    /// Registry and token service may be different hosts, and a firewall or proxy may know only one of them. Without a
    /// token nothing can be pulled.
    ///
    /// ## How it is recognised
    /// The registry answered 401 with a challenge, and the request for a token came to nothing.
    ///
    /// ## What to do
    /// By the way it failed: trust its authority, have it answer over TLS, have the name resolved, or let this host
    /// through firewall and proxy too. If the name is wrong or private, the realm in the registry's configuration is at
    /// fault.
    ///
    /// ## References
    /// distribution, token authentication specification; ketches/registry-proxy#3
    "realm-unreachable" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let story = story(case)?;
    let id = story.token.filter(|_| story.outcome == Outcome::RealmUnreachable)?;
    let failure = case.journal().get(id).failure.as_ref()?;
    let exit = match failure.kind {
        FailureKind::Interrupted => return None,
        FailureKind::Tls(_) | FailureKind::NotTls | FailureKind::Certificate(_) => ExitStatus::Tls,
        _ => ExitStatus::Network,
    };
    let service = case.host_of(id);
    let host = case.reference().registry();
    let words = failure.message.printable_within(160);
    let title = format!("its token service {service} cannot be reached");
    let finding =
        Finding::error(exit, title, id, failure.message.clone()).because(story.challenged_by?, "401").cause(format!(
            "{host} answers and asks for a token. The request to {service}, which gives them out, failed: {words}."
        ));
    Some(match &failure.kind {
        FailureKind::Certificate(CertificateFault::UnknownAuthority) => {
            let distrust = distrust(case, id);
            let finding = if distrust.is_likely() { finding.likely() } else { finding };
            let cause = format!("{} {}", finding.cause, distrust.cause(case, id));
            distrust.fixes(case, id, finding.cause(cause), "probe")
        }
        FailureKind::Certificate(_) => {
            finding.fix(format!("Whoever runs {service} has to renew or correct its certificate."))
        }
        FailureKind::NotTls | FailureKind::Tls(_) => finding.fix(format!(
            "Whoever runs {service} has to have it answer over TLS, or to correct the realm of the registry."
        )),
        FailureKind::Dns => finding
            .fix(format!(
                "See whether {service} resolves with another name server; a private name does not from outside."
            ))
            .fix("If it is wrong, whoever runs the registry has to correct its realm."),
        FailureKind::Refused => finding
            .fix(format!("See whether the token service runs at {service}, and whether that is its port."))
            .fix("If it is wrong, whoever runs the registry has to correct its realm."),
        _ => finding.fix(format!("Let {service} through firewall and proxy, as well as the registry.")),
    })
}
