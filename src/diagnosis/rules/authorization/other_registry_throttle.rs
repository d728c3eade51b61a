use super::throttled;
use crate::diagnosis::case::retry::when_to_retry;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{CredentialUse, error_entries};
use crate::knowledge::{Behind, backend_error};
use crate::oci::Origin;

rule! {
    /// The registry answers that there were too many requests.
    ///
    /// ## What it means
    /// The registry, its token service or something in front of them limits how often it may be asked. A mirror may
    /// pass on the limit of the registry behind it.
    ///
    /// ## How it is recognised
    /// A 429 from any registry but Docker Hub, which has rules of its own: for the manifest, a token, the image of an index,
    /// its configuration or a layer.
    ///
    /// ## What to do
    /// Wait as long as it asks for, send fewer requests at the same time, log in, or pull through a cache.
    ///
    /// ## References
    /// RFC 6585 §4; distribution-spec, error codes (TOOMANYREQUESTS)
    "other-registry-throttle" in Authorization
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, response) = throttled(case).filter(|_| !case.reference().registry().is_docker_hub())?;
    let host = case.host_of(id);
    let mut finding =
        Finding::error(ExitStatus::RateLimited, format!("{host} has had too many requests"), id, case.words(id))
            .cause(format!("{host} limits how often it may be asked.{}", when_to_retry(response)))
            .fix("Wait, and send fewer requests at the same time.");
    // A storage elsewhere knows nothing of accounts.
    let own = Origin::of(&case.journal().get(id).request.url).map(|origin| origin.host().to_owned());
    let by_registry = own.as_deref() == Some(case.reference().registry().name())
        || case.authentication().token.is_some_and(|token| token == id);
    let anonymous = case.authentication().credential == CredentialUse::Anonymous;
    // A cache passes on the limit of the registry behind it, which knows nothing of accounts here.
    let upstream = error_entries(response).iter().any(|entry| {
        entry
            .sentences()
            .any(|words| backend_error(words.as_str(), false).is_some_and(|error| error.behind == Behind::Upstream))
    });
    if upstream {
        finding.cause.push_str(" By its words the limit is that of the registry that it fetches from.");
    }
    Some(if by_registry && anonymous && !upstream {
        finding.fix("Log in: many registries have a higher limit for accounts.")
    } else {
        finding
    })
}
