use super::{story_of_user, with_anonymous_check, with_both_checks};
use crate::diagnosis::case::credentials::token_refusal;
use crate::diagnosis::case::refusal::{self, speaks_of_permission};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ErrorEntry, ExchangeId, Response, error_entries};

rule! {
    /// The token service refuses, and not the registry.
    ///
    /// ## What it means
    /// Clients first fetch a token, often from another host than the registry. Here this fails with 403 although
    /// credentials were sent: they are no good, or their owner may not pull this repository, or there is no such
    /// repository. The registry itself was not even asked with them.
    ///
    /// ## How it is recognised
    /// The token service answers 403 to credentials, in words that fit more than one of these.
    ///
    /// ## What to do
    /// Try the same credentials with a repository that they can surely pull. If that works, ask for the right to pull
    /// this one; if not, log in again.
    ///
    /// ## References
    /// distribution, token authentication specification; containerd/containerd#7321; argoproj/argo-cd#26260
    "denied-at-token-endpoint" in Authentication, instead_of: ["bad-credentials"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    story_of_user(case)?;
    let (id, _) = refused_without_a_reason(case)?;
    let (host, service) = (case.reference().registry(), case.host_of(id));
    let finding =
        Finding::error(ExitStatus::Denied, format!("its token service {service} refuses access"), id, case.words(id))
            .likely()
            .cause(format!(
                "It is {service} that refuses, where tokens for {host} are given out. Either these credentials are not \
                 good, or they are and give no right to pull this."
            ))
            .fix("Try them with a repository that they can surely pull. If that fails too, log in again.");
    Some(with_anonymous_check(case, with_both_checks(case, finding)))
}

/// A 403 of the token service that does not say whether it is about the credentials or about a right.
fn refused_without_a_reason<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    let (id, response) = token_refusal(case).filter(|(_, response)| response.status == 403)?;
    let reason = speaks_of_permission(response)
        || refusal::speaks_of_expired_credentials(response)
        || refusal::speaks_of_wrong_credentials(response)
        || refusal::speaks_of_narrow_scope(response)
        || refusal::says_expired(response)
        // What GHCR says to a personal access token that is no good.
        || error_entries(response).iter().any(|ErrorEntry { message, .. }| message.as_str() == "denied");
    (!reason).then_some((id, response))
}
