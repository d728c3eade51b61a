use super::is_called_insufficient;
use crate::diagnosis::case::credentials::story;
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, Outcome, client_challenges};
use crate::knowledge::ChallengeGrammar;
use crate::text::Untrusted;

rule! {
    /// Token was issued for another registry
    ///
    /// ## What it means
    /// A token names its recipients (`aud`). A registry accepts only tokens that name it, as its configuration does.
    /// The token service received the registry's `service` and issued a token for something else.
    ///
    /// ## How it is recognised
    /// The registry rejects a newly issued token, and the token's audience is not the `service` of the challenge.
    ///
    /// ## What to do
    /// The operator has to configure the same service name in the registry and its token service: `auth.token.service`
    /// in distribution. Logging in does not help.
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
    let title = "token is for another registry";
    let finding = Finding::error(ExitStatus::Unauthenticated, title, refusal, case.words(refusal))
        .because(token, format!("aud: {}", named.join(", ")))
        .cause(format!(
            "{registry} gives its service name as {}, but the token that {from} issued is for {}, and {registry} \
             rejects it. Logging in does not help.",
            service.quoted_within(80),
            listed(&named, 4)
        ))
        .fix(format!(
            "Ask the operator of {registry} to configure the same service name in the registry and the token service \
             (auth.token.service in distribution)."
        ));
    Some(finding)
}

/// The audience of a rejected token, if it does not contain the registry.
fn other_audience(case: &Case<'_>) -> Option<(ExchangeId, Vec<Untrusted>)> {
    let authentication = story(case).filter(|authentication| authentication.outcome == Outcome::Rejected)?;
    case.refusal().filter(|(_, response)| response.status == 401 && !is_called_insufficient(response))?;
    let service = service_of_refusal(case)?;
    let audience = &authentication.token_claims.as_ref()?.audience;
    let differs = !audience.is_empty() && !audience.contains(&service) && !service.as_str().is_empty();
    differs.then_some((authentication.token?, audience.clone()))
}

/// The service name that the registry gives when it rejects the token, which may differ from the one before.
fn service_of_refusal(case: &Case<'_>) -> Option<Untrusted> {
    let (_, response) = case.refusal()?;
    let challenges = client_challenges(response, ChallengeGrammar::Containerd);
    let named = challenges.iter().find_map(|challenge| challenge.parameter("service").cloned());
    named.or_else(|| case.authentication().challenge.as_ref()?.service.clone())
}
