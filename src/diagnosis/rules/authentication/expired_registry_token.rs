use super::user_authentication;
use crate::diagnosis::case::credentials::token_refusal;
use crate::diagnosis::case::refusal::says_expired;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Password has expired
    ///
    /// ## What it means
    /// Some registries issue temporary passwords: those of Amazon ECR are valid for twelve hours. After that, the
    /// registry rejects them; ECR does so with a 403 and no challenge, which clients take for a missing permission.
    ///
    /// ## How it is recognised
    /// Credentials were sent, and the error says that they have expired, or that the token they consist of has expired.
    ///
    /// ## What to do
    /// Get a new password and log in again, or let a credential helper do that for each pull.
    ///
    /// ## References
    /// awslabs/amazon-ecr-credential-helper#118; flipt-io/flipt#3043; awslabs/soci-snapshotter#1196
    "expired-registry-token" in Authentication, instead_of: ["bad-credentials"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    user_authentication(case)?;
    let refusal = token_refusal(case).or_else(|| case.refusal());
    let (id, response) = refusal.filter(|(_, response)| says_expired(response))?;
    let host = case.reference().registry().to_string();
    let finding = Finding::error(ExitStatus::Unauthenticated, "password has expired", id, case.words(id))
        .cause(format!("{} returned status {} and says so.", case.host_of(id), response.status));
    Some(match host.split('.').collect::<Vec<_>>()[..] {
        // <account>.dkr.ecr.<region>.amazonaws.com
        [_, "dkr", "ecr", region, ..] => {
            let fetch = format!("aws ecr get-login-password --region {region}");
            finding
                .fix(format!("Log in again: {fetch} | docker login --username AWS --password-stdin {host}"))
                .fix("Or use amazon-ecr-credential-helper, which fetches a password for each pull.")
        }
        _ => finding.fix("Get a new password or token, and log in again."),
    })
}
