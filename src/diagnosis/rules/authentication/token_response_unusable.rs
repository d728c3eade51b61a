use crate::diagnosis::case::credentials::{story, token_refusal};
use crate::diagnosis::case::refusal::refused_address;
use crate::diagnosis::case::retry::when_to_retry;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{BodyKind, ExchangeId, Outcome, body_kind};

rule! {
    /// The token service answered, but not with a token that can be used.
    ///
    /// ## What it means
    /// Something else answers at the address, such as a web interface, or the token service is broken, or does not
    /// understand what is asked of it. Credentials are not the matter: no login changes it.
    ///
    /// ## How it is recognised
    /// The answer is no JSON object with `token` or `access_token`, is cut off, or is a redirect; or an error that is not
    /// about whoever asks: 400 without a word about credentials, a page, 5xx.
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
    let (id, reason) = match &story.outcome {
        Outcome::TokenUnusable(reason) => (story.token?, reason.clone()),
        Outcome::TokenRefused => refused_for_something_else(case)?,
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
        Some(500..) => format!("its token service {service} failed"),
        _ => format!("its token service {service} gives no usable token"),
    };
    let later = exchange.response.as_ref().filter(|_| status >= Some(500)).map(when_to_retry).unwrap_or_default();
    let exit = if status >= Some(500) { ExitStatus::ServerFailed } else { ExitStatus::Unauthenticated };
    let finding = Finding::error(exit, title, id, quote).cause(format!(
        "The registry asks for a token. From {service} came something else: {reason}.{later} Credentials are not the \
         matter."
    ));
    Some(match status {
        Some(500..) => finding
            .fix("Try again later.")
            .fix(format!("If it lasts, whoever runs {service} has to see to the token service.")),
        _ => finding.fix("Whoever runs the registry has to see that the token service answers at this address."),
    })
}

/// A refusal of the token service that is not about whoever asks, and that no other rule explains.
fn refused_for_something_else(case: &Case<'_>) -> Option<(ExchangeId, String)> {
    let (id, response) = case.token_answer()?;
    let explained = matches!(response.status, 404 | 405 | 407 | 410 | 429)
        || token_refusal(case).is_some()
        || refused_address(response).is_some();
    let page = if body_kind(response) == BodyKind::Html { ", with a web page" } else { "" };
    (!explained).then(|| (id, format!("it answered with status {}{page} and gave no token", response.status)))
}
