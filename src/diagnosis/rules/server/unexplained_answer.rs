use crate::diagnosis::encoding::encoding;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Exchange, ExchangeId, FailureKind, Method, Observation};
use crate::image::Shape;
use crate::oci::media_type;

rule! {
    /// There is no manifest, and no rule knows why.
    ///
    /// ## What it means
    /// The client that asks was not served a manifest, in a way that this program has not met. The answer itself is all
    /// there is to go by.
    ///
    /// ## How it is recognised
    /// The answer is no success, or has no manifest in it, and no other rule found an error.
    ///
    /// ## What to do
    /// Read the server's words. If they say what is wrong, please report it, so that a rule can be made of it.
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
        let title = "the request of this client was not sent";
        return Some(Finding::error(ExitStatus::Network, title, id, case.words(id)).likely().cause(
            "Most likely the time for the whole run was used up. --timeout SECONDS sets how long it may take.",
        ));
    };
    if is_manifest(exchange) {
        return None;
    }
    let (title, exit) = match exchange.status() {
        Some(401) => ("it is refused with 401, for reasons unknown".to_owned(), ExitStatus::Unauthenticated),
        Some(status @ 200..300) => (format!("the answer is {status}, without a manifest"), ExitStatus::ServerFailed),
        Some(status) => (format!("the answer is {status}, for reasons unknown"), ExitStatus::ServerFailed),
        None => ("there is no answer, for reasons unknown".to_owned(), ExitStatus::ServerFailed),
    };
    Some(finding(case, id, title, exit))
}

fn finding(case: &Case<'_>, id: ExchangeId, title: String, exit: ExitStatus) -> Finding {
    Finding::error(exit, title, id, case.words(id))
        .cause(format!("{} did not serve a manifest, and no rule knows why.", case.host_of(id)))
        .fix("Read the server's words, which are all there is to go by.")
}

/// Whether an answer serves a manifest, as far as it can be seen: by HEAD and where it is encoded, its type has to do.
fn is_manifest(exchange: &Exchange) -> bool {
    let Some(observation) = Observation::of(exchange).filter(|_| exchange.is_success()) else { return false };
    let unseen =
        exchange.request.method == Method::Head || exchange.response.as_ref().is_some_and(|r| encoding(r).is_some());
    let kind = observation.served.as_str();
    match &observation.document {
        Some(document) => document.shape() != Shape::Unknown,
        None => unseen && (media_type::CURRENT.contains(&kind) || media_type::is_schema1(kind)),
    }
}
