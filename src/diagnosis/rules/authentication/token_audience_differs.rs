use super::is_called_insufficient;
use crate::diagnosis::case::credentials::story;
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, Outcome, client_challenges};
use crate::knowledge::ChallengeGrammar;
use crate::text::Untrusted;

rule! {
    /// The token is for another registry than the one that asked for it.
    ///
    /// ## What it means
    /// A token says whom it is for (`aud`). A registry takes only those that name it, by the name of its own settings. The
    /// token service was asked for the registry's `service`, and gave a token for something else.
    ///
    /// ## How it is recognised
    /// The registry refuses a token that was just given, and the audience in it is not the `service` of the challenge.
    ///
    /// ## What to do
    /// The operator gives the registry and its token service the same name for the registry: `auth.token.service` in
    /// distribution. No login changes it.
    ///
    /// ## References
    /// RFC 7519 §4.1.3; distribution, token authentication implementation; cesanta/docker_auth
    "token-audience-differs" in Authentication, instead_of: ["existence-masked", "token-grants-nothing"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (token, audience) = other_audience(case)?;
    let (refusal, _) = case.refusal()?;
    let service = service_of_refusal(case)?;
    let named: Vec<_> = audience.iter().map(|audience| audience.quoted_within(80)).collect();
    let (registry, from) = (case.reference().registry(), case.host_of(token));
    let title = "the token is for another registry";
    let finding = Finding::error(ExitStatus::Unauthenticated, title, refusal, case.words(refusal))
        .because(token, format!("aud: {}", named.join(", ")))
        .cause(format!(
            "{registry} calls itself {} towards {from}. The token that {from} gave is for {}, and {registry} refuses it. \
             No login changes that.",
            service.quoted_within(80),
            listed(&named, 4)
        ))
        .fix(format!(
            "Tell the operator of {registry}: registry and token service have to use the same name for the registry \
             (auth.token.service in distribution)."
        ));
    Some(finding)
}

/// The audience of a token that was refused, where it is not the registry.
fn other_audience(case: &Case<'_>) -> Option<(ExchangeId, Vec<Untrusted>)> {
    let story = story(case).filter(|story| story.outcome == Outcome::Rejected)?;
    case.refusal().filter(|(_, response)| response.status == 401 && !is_called_insufficient(response))?;
    let service = service_of_refusal(case)?;
    let audience = &story.token_claims.as_ref()?.audience;
    let differs = !audience.is_empty() && !audience.contains(&service) && !service.as_str().is_empty();
    differs.then_some((story.token?, audience.clone()))
}

/// What the registry calls itself when it refuses the token, which may be another name than before.
fn service_of_refusal(case: &Case<'_>) -> Option<Untrusted> {
    let (_, response) = case.refusal()?;
    let challenges = client_challenges(response, ChallengeGrammar::Containerd);
    let named = challenges.iter().find_map(|challenge| challenge.parameter("service").cloned());
    named.or_else(|| case.authentication().challenge.as_ref()?.service.clone())
}
