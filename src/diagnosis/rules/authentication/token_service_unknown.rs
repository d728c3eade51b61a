use crate::diagnosis::case::credentials::story;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, Outcome, Response, error_entries};
use crate::text::Untrusted;

rule! {
    /// Token service does not know the registry's service name
    ///
    /// ## What it means
    /// A registry tells clients where to get tokens, and under which name the token service knows it (`service`). This
    /// token service serves no registry of that name, so no client gets a token, logged in or not.
    ///
    /// ## How it is recognised
    /// The token service returns 400 or another 4xx and says that it does not know or handle the service. Harbor's
    /// message is "Unable to handle service: …".
    ///
    /// ## What to do
    /// The operator has to configure the same name in the registry and its token service: `auth.token.service` in
    /// distribution, `harbor-registry` for a Harbor registry. Or the realm points to the wrong token service. Logging
    /// in does not help.
    ///
    /// ## References
    /// distribution, token authentication specification; goharbor/harbor#3369; goharbor/harbor#13045
    "token-service-unknown" in Authentication, instead_of: ["token-response-unusable"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, response) = does_not_know_service(case)?;
    let (registry, service) = (case.reference().registry(), case.host_of(id));
    let named = case.authentication().challenge.as_ref().and_then(|challenge| challenge.service.as_ref());
    let named = match named {
        Some(named) => format!("gives its own name as {}", named.quoted_within(80)),
        None => "gives no service name".to_owned(),
    };
    let title = "token service does not know the registry's service name";
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id))
        .cause(format!(
            "{registry} names {service} as its token service and {named}. {service} returns {}: it serves no registry \
             of that name. Credentials are not the cause; logging in does not help.",
            response.status
        ))
        .fix(format!(
            "Ask the operator of {registry} to configure the same service name in the registry and its token service \
             (auth.token.service in distribution, harbor-registry in Harbor), or to correct the realm."
        ));
    Some(finding)
}

/// The answer of a token service that does not know the registry's service name.
fn does_not_know_service<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    story(case).filter(|authentication| authentication.outcome == Outcome::TokenRefused)?;
    case.token_answer()
        .filter(|(_, response)| matches!(response.status, 400 | 404 | 422) && speaks_of_service(response))
}

fn speaks_of_service(response: &Response) -> bool {
    const WORDS: [&str; 7] = [
        "unable to handle service",
        "unknown service",
        "invalid service",
        "unsupported service",
        "service not found",
        "service is not known",
        "bad service",
    ];
    const LOOKED_AT: usize = 2048;
    let body = &response.body.bytes[..response.body.bytes.len().min(LOOKED_AT)];
    let entries = error_entries(response);
    let said: Vec<_> = entries.iter().flat_map(|entry| entry.sentences().cloned()).collect();
    let said = if said.is_empty() { vec![Untrusted::from_bytes(body)] } else { said };
    said.iter().any(|text| {
        let text = text.as_str().to_ascii_lowercase();
        WORDS.iter().any(|words| text.contains(words))
    })
}
