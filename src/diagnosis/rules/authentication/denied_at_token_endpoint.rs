use super::{user_authentication, with_anonymous_check, with_both_checks};
use crate::diagnosis::case::credentials::token_refusal;
use crate::diagnosis::case::refusal::{self, speaks_of_permission};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ErrorEntry, ExchangeId, Response, error_entries};

rule! {
    /// Token service, not the registry, denied access
    ///
    /// ## What it means
    /// Clients first fetch a token, often from another host than the registry. Here, that request fails with 403
    /// although credentials were sent: they are invalid, or their owner may not pull this repository, or the repository
    /// does not exist. The credentials never got as far as the registry.
    ///
    /// ## How it is recognised
    /// The token service returns 403 for a request with credentials, and its message fits more than one of these
    /// causes.
    ///
    /// ## What to do
    /// Try the same credentials with a repository that they can certainly pull. If that works, ask for pull access to
    /// this one; if not, log in again.
    ///
    /// ## References
    /// distribution, token authentication specification; containerd/containerd#7321; argoproj/argo-cd#26260
    "denied-at-token-endpoint" in Authentication, instead_of: ["bad-credentials"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    user_authentication(case)?;
    let (id, _) = unexplained_refusal(case)?;
    let (host, service) = (case.reference().registry(), case.host_of(id));
    let finding =
        Finding::error(ExitStatus::Denied, format!("token service {service} denied access"), id, case.words(id))
            .likely()
            .cause(format!(
                "{service}, the token service for {host}, denied access. Either these credentials are invalid, or \
                 they are valid and do not allow this pull."
            ))
            .fix(
                "Try the credentials with a repository that they can certainly pull. If that fails too, log in again.",
            );
    Some(with_anonymous_check(case, with_both_checks(case, finding)))
}

/// A 403 of the token service that does not say whether the credentials or the permissions are at fault.
fn unexplained_refusal<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    let (id, response) = token_refusal(case).filter(|(_, response)| response.status == 403)?;
    let reason = speaks_of_permission(response)
        || refusal::speaks_of_expired_credentials(response)
        || refusal::speaks_of_wrong_credentials(response)
        || refusal::speaks_of_narrow_scope(response)
        || refusal::says_expired(response)
        // GHCR's message for an invalid personal access token.
        || error_entries(response).iter().any(|ErrorEntry { message, .. }| message.as_str() == "denied");
    (!reason).then_some((id, response))
}
