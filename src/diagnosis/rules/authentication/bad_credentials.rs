use super::{story_of_user, with_anonymous_check};
use crate::diagnosis::case::credentials::token_refusal;
use crate::diagnosis::case::refusal::{
    speaks_of_expired_credentials, speaks_of_narrow_scope, speaks_of_permission, speaks_of_wrong_credentials,
};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, Outcome};

rule! {
    /// The user name and password were refused.
    ///
    /// ## What it means
    /// They are wrong, have expired or were revoked. Clients do not fall back to asking anonymously, so even a public
    /// image cannot be pulled with them.
    ///
    /// ## How it is recognised
    /// The token service refused them; or the registry, sent them in answer to a Basic challenge, answered 401 again;
    /// or a refusal says that they are wrong.
    ///
    /// ## What to do
    /// Log in again. Accounts with two-factor authentication need an access token instead of the password; on Docker
    /// Hub the name is the Docker ID, not the e-mail address; ECR's passwords live for 12 hours. For a public image,
    /// asking anonymously helps.
    ///
    /// ## References
    /// RFC 7617; dexidp/dex#2672; docker/hub-feedback#1981; awslabs/amazon-ecr-credential-helper#679
    "bad-credentials" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, certain) = refused(case)?;
    let host = case.host_of(id);
    let finding =
        Finding::error(ExitStatus::Unauthenticated, "the user name and password are refused", id, case.words(id));
    let reading = if certain {
        "They are wrong, have expired, or were revoked."
    } else {
        "Most likely they are wrong or have expired; it may also be that this user may not pull this repository."
    };
    let finding = finding
        .cause(format!("{host} did not take them. {reading}"))
        .fix("Log in again. With two-factor authentication, an access token takes the place of the password.");
    let finding = with_anonymous_check(case, finding);
    Some(if certain { finding } else { finding.likely() })
}

/// The exchange that shows the refusal, and whether it can mean nothing else.
fn refused(case: &Case<'_>) -> Option<(ExchangeId, bool)> {
    let story = story_of_user(case)?;
    if let Some((id, response)) = token_refusal(case) {
        let elsewhere = speaks_of_permission(response) || speaks_of_narrow_scope(response);
        let says_so = speaks_of_expired_credentials(response) || speaks_of_wrong_credentials(response);
        return (!elsewhere).then_some((id, response.status == 401 || says_so));
    }
    let (id, response) = case.refusal()?;
    let basic = story.challenge.as_ref().is_some_and(|seen| seen.scheme.as_str().eq_ignore_ascii_case("basic"));
    let rejected = story.outcome == Outcome::Rejected && basic && response.status == 401;
    let expired = matches!(response.status, 400 | 403) && speaks_of_expired_credentials(response);
    (rejected || expired).then_some((id, true))
}
