use super::{rejected_credentials, user_authentication};
use crate::diagnosis::case::refusal::speaks_of_narrow_scope;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, Outcome};
use crate::oci::Origin;

rule! {
    /// Credentials are valid, but do not allow this pull
    ///
    /// ## What it means
    /// A substitute for a password, such as a personal access token, a deploy token or a job token, is made for a
    /// purpose. This one was accepted, but pulling this repository is not part of its purpose.
    ///
    /// ## How it is recognised
    /// The registry says that the token's scopes are insufficient; or the token from the token service allows other
    /// actions on this repository, but not pulling. On ghcr.io, likely, if a token was issued and the registry then
    /// returns 403.
    ///
    /// ## What to do
    /// On GitHub, give the token the scope `read:packages` and authorize it for the organization's single sign-on; for
    /// workflows, add the repository under "Manage Actions access" in the package settings. On GitLab, use a token with
    /// `read_registry`; for jobs, check the project's job token allowlist.
    ///
    /// ## References
    /// getwud/wud#600; cirruslabs/gitlab-tart-executor#101; microsoft/vscode-docker#3199
    "token-scope-too-narrow" in Authentication, instead_of: ["token-grants-nothing", "iam-denied"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let authentication = user_authentication(case).filter(|_| is_granted_too_little(case))?;
    let (id, response) = rejected_credentials(case)?;
    let host = case.reference().registry();
    let title = "credentials are valid, but do not allow this pull";
    let finding = Finding::error(ExitStatus::Denied, title, id, case.words(id));
    let finding = if speaks_of_narrow_scope(response) {
        finding.cause(format!("{} says that the given password does not have the scope for this.", case.host_of(id)))
    } else if let Some((token, actions)) = granted_instead(case) {
        finding
            .because(token, authentication.token_shape.clone().unwrap_or_default())
            .cause(format!("The token service issued a token for this repository that allows {actions}, but not pull."))
    } else {
        finding.likely().cause(format!(
            "{host} accepted the credentials and issued a token, but returns {} for this repository. Most likely \
             their scope does not include it, or this user may not see it.",
            response.status
        ))
    };
    Some(match host.name() {
        "ghcr.io" => finding
            .fix("Give the personal access token the scope read:packages, and authorize it for the organization (SSO).")
            .fix("In a workflow, add the repository under Manage Actions access in the package settings."),
        _ => finding
            .fix("Use a token with pull access to this repository; on GitLab, one with the scope read_registry.")
            .fix("Ask the owner of the repository for pull access."),
    })
}

/// Returns `true` if the credentials appear to be accepted, but not to include this repository.
fn is_granted_too_little(case: &Case<'_>) -> bool {
    let Some((id, response)) = rejected_credentials(case) else { return false };
    let is_issued = matches!(case.authentication().outcome, Outcome::Accepted | Outcome::Rejected);
    let by_ghcr = || {
        let own = Origin::of(&case.journal().get(id).request.url).is_some_and(|origin| origin.host() == "ghcr.io");
        is_issued && own && response.status == 403 && case.authentication().token.is_some()
    };
    speaks_of_narrow_scope(response) || granted_instead(case).is_some() || by_ghcr()
}

/// The actions that the token allows in this repository, if there are any and pulling is not among them.
fn granted_instead(case: &Case<'_>) -> Option<(ExchangeId, String)> {
    let authentication = case.authentication();
    let actions = authentication.token_claims.as_ref()?.actions.as_ref()?;
    let pulls = actions.iter().any(|action| matches!(action.as_str(), "pull" | "*"));
    let listed = actions.iter().take(4).map(|action| action.quoted_within(20)).collect::<Vec<_>>().join(", ");
    (!actions.is_empty() && !pulls && authentication.outcome == Outcome::Rejected)
        .then_some((authentication.token?, listed))
}
