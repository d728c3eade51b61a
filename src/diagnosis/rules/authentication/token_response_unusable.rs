use super::story;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::Outcome;

rule! {
    /// The token service answered, but not with a token that can be used.
    ///
    /// ## What it means
    /// Something else answers at the address, such as a web interface, or the token service is broken.
    ///
    /// ## How it is recognised
    /// The answer is no JSON object with `token` or `access_token`, is cut off, or is a redirect.
    ///
    /// ## What to do
    /// Whoever runs the registry has to route the path of the realm to the token service.
    ///
    /// ## References
    /// distribution, token authentication specification; goharbor/harbor#19634
    "token-response-unusable" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let story = story(case)?;
    let Outcome::TokenUnusable(reason) = &story.outcome else { return None };
    let id = story.token?;
    let service = case.host_of(id);
    // The body may be a token, so only the status is quoted.
    let status = case.journal().get(id).status().map_or_else(String::new, |status| status.to_string());
    let title = format!("its token service {service} gives no usable token");
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, status)
        .cause(format!("The registry asks for a token. From {service} came something else: {reason}."))
        .fix("Whoever runs the registry has to see that the token service answers at this address.");
    Some(finding)
}
