use super::story;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{FailureKind, Outcome};

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
    /// Let this host through firewall and proxy too. If the name is wrong or private, the realm in the registry's
    /// configuration is at fault.
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
        FailureKind::Tls | FailureKind::NotTls | FailureKind::Certificate(_) => ExitStatus::Tls,
        _ => ExitStatus::Network,
    };
    let service = case.host_of(id);
    let host = case.reference().registry();
    let words = failure.message.printable_within(160);
    let title = format!("its token service {service} cannot be reached");
    let finding = Finding::error(exit, title, id, failure.message.clone())
        .because(story.challenged_by?, "401")
        .cause(format!(
            "{host} answers and asks for a token. The request to {service}, which gives them out, failed: {words}."
        ))
        .fix(format!("Let {service} through firewall and proxy, as well as the registry."));
    Some(finding)
}
