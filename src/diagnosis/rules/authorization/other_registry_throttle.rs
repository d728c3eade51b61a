use super::throttled;
use crate::diagnosis::case::retry::when_to_retry;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{CredentialUse, error_entries};
use crate::knowledge::{BackendPart, backend_error};
use crate::oci::Origin;

rule! {
    /// Registry received too many requests
    ///
    /// ## What it means
    /// The registry, its token service or something in front of them limits the rate of requests. A mirror may pass on
    /// the limit of its upstream registry.
    ///
    /// ## How it is recognised
    /// A 429 from any registry except Docker Hub, which has its own rules: for the manifest, a token, the image of an
    /// index, its config or a layer.
    ///
    /// ## What to do
    /// Wait as long as the registry asks for, send fewer requests at a time, log in, or pull through a cache.
    ///
    /// ## References
    /// RFC 6585 §4; distribution-spec, error codes (TOOMANYREQUESTS)
    "other-registry-throttle" in Authorization
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, response) = throttled(case).filter(|_| !case.reference().registry().is_docker_hub())?;
    let host = case.host_of(id);
    let mut finding =
        Finding::error(ExitStatus::RateLimited, format!("{host} received too many requests"), id, case.words(id))
            .cause(format!("{host} limits the rate of requests.{}", when_to_retry(response)))
            .fix("Wait, and send fewer requests at a time.");
    // Storage on another host knows no accounts.
    let own = Origin::of(&case.journal().get(id).request.url).map(|origin| origin.host().to_owned());
    let by_registry = own.as_deref() == Some(case.reference().registry().name())
        || case.authentication().token.is_some_and(|token| token == id);
    let anonymous = case.authentication().credential == CredentialUse::Anonymous;
    // A cache passes on the limit of its upstream registry, which does not know the accounts of the cache.
    let upstream = error_entries(response).iter().any(|entry| {
        entry
            .sentences()
            .any(|words| backend_error(words.as_str(), false).is_some_and(|error| error.part == BackendPart::Upstream))
    });
    if upstream {
        finding.cause.push_str(" By its message, the limit is that of its upstream registry.");
    }
    Some(if by_registry && anonymous && !upstream {
        finding.fix("Log in: many registries have a higher limit for accounts.")
    } else {
        finding
    })
}
