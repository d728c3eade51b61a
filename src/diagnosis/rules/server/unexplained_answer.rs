use crate::diagnosis::encoding::encoding;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{Exchange, ExchangeId, FailureKind, Method, Observation, Outcome, Response};
use crate::image::Shape;
use crate::oci::media_type;

rule! {
    /// No manifest, for a reason that no rule explains
    ///
    /// ## What it means
    /// The client was not served a manifest, for a reason that ociscope does not know. The response itself is the only
    /// evidence.
    ///
    /// ## How it is recognised
    /// The response is not a success, or contains no manifest, and no other rule found an error.
    ///
    /// ## What to do
    /// Read the server's message. If it says what is wrong, please report it, so that it can become a rule.
    ///
    /// ## References
    /// distribution-spec, pulling manifests
    "unexplained-answer" in Server
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let interrupted =
        |exchange: &Exchange| matches!(&exchange.failure, Some(failure) if failure.kind == FailureKind::Interrupted);
    if case.journal().iter().any(|(_, exchange)| interrupted(exchange)) {
        return None;
    }
    let Some((id, exchange)) = case.decisive() else {
        let (id, _) = case.journal().iter().next_back()?;
        let title = "this client's request was not sent";
        return Some(
            Finding::error(ExitStatus::Network, title, id, case.words(id))
                .likely()
                .cause("Most likely the time limit of the run was reached. Set it with --timeout SECONDS."),
        );
    };
    if is_manifest(exchange) {
        return None;
    }
    if let Some(finding) = unanswered_challenge(case, id, exchange) {
        return Some(finding);
    }
    let (title, exit) = match exchange.status() {
        Some(401) => ("the answer is 401, for an unknown reason".to_owned(), ExitStatus::Unauthenticated),
        Some(status @ 200..300) => (format!("the answer is {status}, without a manifest"), ExitStatus::ServerFailed),
        Some(status) => (format!("the answer is {status}, for an unknown reason"), ExitStatus::ServerFailed),
        None => ("there is no answer, for an unknown reason".to_owned(), ExitStatus::ServerFailed),
    };
    Some(finding(case, id, title, exit))
}

/// The finding about a challenge that the client of a log did not answer, at least not in that log. A run of this program
/// always does.
fn unanswered_challenge(case: &Case<'_>, id: ExchangeId, exchange: &Exchange) -> Option<Finding> {
    let is_challenge = |response: &Response| response.status == 401 && response.header("www-authenticate").is_some();
    // A token that was obtained and not used is no answer either.
    let story = case.authentication();
    let is_unanswered = matches!(story.outcome, Outcome::NotAsked | Outcome::Accepted) && story.granted.is_none();
    let is_open = is_unanswered && case.record().provenance.is_some();
    exchange.response.as_ref().filter(|response| is_open && is_challenge(response))?;
    let finding = Finding::error(ExitStatus::Unauthenticated, "challenge was not answered", id, case.words(id))
        .likely()
        .cause(format!(
            "{} requires authentication, and the log contains no answer to its challenge. Registries send this to every \
             client at first; whether a token for anonymous users is sufficient is not in the log.",
            case.host_of(id)
        ))
        .fix_with("Request the image with authentication:", words!["ociscope", "diagnose", Word::input(case.reference())]);
    Some(finding)
}

fn finding(case: &Case<'_>, id: ExchangeId, title: String, exit: ExitStatus) -> Finding {
    Finding::error(exit, title, id, case.words(id))
        .cause(format!("{} did not serve a manifest, and no rule explains why.", case.host_of(id)))
        .fix("Read the server's message: it is the only evidence.")
}

/// Returns whether a response serves a manifest, as far as can be seen: for HEAD and encoded bodies, by the media type.
fn is_manifest(exchange: &Exchange) -> bool {
    let Some(observation) = Observation::of(exchange).filter(|_| exchange.is_success()) else { return false };
    // A log may leave a body out.
    let is_hidden = |response: &Response| encoding(response).is_some() || response.body.truncated;
    let unseen = exchange.request.method == Method::Head || exchange.response.as_ref().is_some_and(is_hidden);
    let kind = observation.served.as_str();
    match &observation.document {
        Some(document) => document.shape() != Shape::Unknown,
        None => unseen && (media_type::CURRENT.contains(&kind) || media_type::is_schema1(kind)),
    }
}
