use crate::diagnosis::case::credentials::{story, token_refusal};
use crate::diagnosis::case::refusal::refused_address;
use crate::diagnosis::case::retry::when_to_retry;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{BodyKind, ExchangeId, Outcome, body_kind};

rule! {
    /// Token service answered without a usable token
    ///
    /// ## What it means
    /// Something else answers at the address, such as a web interface, or the token service is broken, or does not
    /// understand the request. Credentials are not the cause: logging in does not help.
    ///
    /// ## How it is recognised
    /// The answer is not a JSON object with `token` or `access_token`, is cut off, or is a redirect; or it is an error
    /// that is not about the client's identity: a 400 that does not mention credentials, a web page, a 5xx.
    ///
    /// ## What to do
    /// The registry operator has to route the path of the realm to the token service.
    ///
    /// ## References
    /// distribution, token authentication specification; goharbor/harbor#19634
    "token-response-unusable" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let authentication = story(case)?;
    let (id, reason) = match &authentication.outcome {
        Outcome::TokenUnusable(reason) => (authentication.token?, reason.clone()),
        Outcome::TokenRefused => refused_for_another_reason(case)?,
        _ => return None,
    };
    let service = case.host_of(id);
    let exchange = case.journal().get(id);
    let status = exchange.status();
    // The body of a success may be a token, so only the status is quoted.
    let quote = match status {
        Some(400..) => case.words(id),
        _ => status.map_or_else(String::new, |status| status.to_string()).into(),
    };
    let title = match status {
        Some(500..) => format!("token service {service} failed"),
        _ => format!("token service {service} gives no usable token"),
    };
    let later = exchange.response.as_ref().filter(|_| status >= Some(500)).map(when_to_retry).unwrap_or_default();
    let exit = if status >= Some(500) { ExitStatus::ServerFailed } else { ExitStatus::Unauthenticated };
    let finding = Finding::error(exit, title, id, quote).cause(format!(
        "The registry requires a token, but {service} did not return a usable one: {reason}.{later} Credentials are \
         not the cause."
    ));
    Some(match status {
        Some(500..) => finding
            .fix("Try again later.")
            .fix(format!("If the failure persists, report it to the operator of {service}.")),
        _ => finding.fix("Ask the registry operator to make the token service answer at this address."),
    })
}

/// A refusal of the token service that is not about the client's identity, and that no other rule explains.
fn refused_for_another_reason(case: &Case<'_>) -> Option<(ExchangeId, String)> {
    let (id, response) = case.token_answer()?;
    let explained = matches!(response.status, 404 | 405 | 407 | 410 | 429)
        || token_refusal(case).is_some()
        || refused_address(response).is_some();
    let page = if body_kind(response) == BodyKind::Html { " with a web page" } else { "" };
    (!explained).then(|| (id, format!("it returned status {}{page} and no token", response.status)))
}
