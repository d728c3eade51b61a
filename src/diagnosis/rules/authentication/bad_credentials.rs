use super::{user_authentication, with_anonymous_check};
use crate::diagnosis::case::credentials::token_refusal;
use crate::diagnosis::case::refusal::{
    speaks_of_expired_credentials, speaks_of_narrow_scope, speaks_of_permission, speaks_of_wrong_credentials,
};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, Outcome};

rule! {
    /// User name and password were rejected
    ///
    /// ## What it means
    /// The credentials are wrong, have expired or were revoked. Clients do not fall back to anonymous access, so even a
    /// public image cannot be pulled with them.
    ///
    /// ## How it is recognised
    /// The token service rejected the credentials; or the registry, given them in answer to a Basic challenge, returned
    /// 401 again; or an error says that they are wrong.
    ///
    /// ## What to do
    /// Log in again. Accounts with two-factor authentication need an access token instead of the password; on Docker
    /// Hub, the user name is the Docker ID, not the email address; ECR passwords are valid for 12 hours. A public image
    /// can be pulled anonymously.
    ///
    /// ## References
    /// RFC 7617; dexidp/dex#2672; docker/hub-feedback#1981; awslabs/amazon-ecr-credential-helper#679
    "bad-credentials" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, certain) = rejected(case)?;
    let host = case.host_of(id);
    let finding =
        Finding::error(ExitStatus::Unauthenticated, "user name and password were rejected", id, case.words(id));
    let reading = if certain {
        "They are wrong, have expired or were revoked."
    } else {
        "Most likely they are wrong or have expired; this user may also lack pull access to this repository."
    };
    let finding = finding
        .cause(format!("{host} rejected the credentials. {reading}"))
        .fix("Log in again. With two-factor authentication, use an access token instead of the password.");
    let finding = with_anonymous_check(case, finding);
    Some(if certain { finding } else { finding.likely() })
}

/// The exchange with the rejection, and `true` if it has no other explanation.
fn rejected(case: &Case<'_>) -> Option<(ExchangeId, bool)> {
    let authentication = user_authentication(case)?;
    if let Some((id, response)) = token_refusal(case) {
        let other_cause = speaks_of_permission(response) || speaks_of_narrow_scope(response);
        let says_so = speaks_of_expired_credentials(response) || speaks_of_wrong_credentials(response);
        return (!other_cause).then_some((id, response.status == 401 || says_so));
    }
    let (id, response) = case.refusal()?;
    let basic =
        authentication.challenge.as_ref().is_some_and(|seen| seen.scheme.as_str().eq_ignore_ascii_case("basic"));
    let again = authentication.outcome == Outcome::Rejected && basic && response.status == 401;
    let expired = matches!(response.status, 400 | 403) && speaks_of_expired_credentials(response);
    (again || expired).then_some((id, true))
}
