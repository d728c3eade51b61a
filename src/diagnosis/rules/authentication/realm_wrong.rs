use super::story;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::Outcome;

rule! {
    /// The registry names a token service that cannot be the right one.
    ///
    /// ## What it means
    /// Without a token nobody can pull. That the token service is on another host is normal; that it is plain HTTP
    /// behind an HTTPS registry, no address at all, or nothing that gives out tokens, is a fault of the registry's
    /// set-up.
    ///
    /// ## How it is recognised
    /// The realm of the challenge was refused before anything was sent there, or what answers at it has no token
    /// service.
    ///
    /// ## What to do
    /// Whoever runs the registry has to correct the realm: `external_url` in Harbor and GitLab, `auth.token.realm` in
    /// distribution, and `X-Forwarded-Proto` where a proxy stands in front.
    ///
    /// ## References
    /// goharbor/harbor#3114; goharbor/harbor#20028; RFC 9110 §11.6.1
    "realm-wrong" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let story = story(case)?;
    let fix = "Whoever runs the registry has to correct the realm in its configuration.";
    if let Outcome::RealmRefused(reason) = &story.outcome {
        let id = story.challenged_by?;
        let title = "the registry names a token service that cannot be used";
        let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id))
            .cause(format!("Nothing was sent to it: {reason}."))
            .fix(fix);
        return Some(finding);
    }
    let absent = |status: u16| matches!(status, 404 | 405 | 410);
    let (id, response) = case.token_answer().filter(|(_, response)| absent(response.status))?;
    if story.outcome != Outcome::TokenRefused {
        return None;
    }
    let service = case.host_of(id);
    let title = format!("there is no token service at {service}, where the registry says it is");
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id))
        .likely()
        .cause(format!(
            "The request for a token was answered with {}. Most likely the realm is wrong.",
            response.status
        ))
        .fix(fix);
    Some(finding)
}
