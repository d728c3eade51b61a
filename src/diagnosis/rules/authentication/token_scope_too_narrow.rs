use super::{refused_credentials, story_of_user};
use crate::diagnosis::case::refusal::speaks_of_narrow_scope;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{ExchangeId, Outcome};
use crate::oci::Origin;

rule! {
    /// The login is good, and does not allow pulling this repository.
    ///
    /// ## What it means
    /// What takes the place of a password, such as a personal access token, a deploy token or the token of a job, is
    /// made for a purpose. This one was taken, and its purpose is not to pull this repository.
    ///
    /// ## How it is recognised
    /// The registry says that the scopes of the token do not suffice; or the token service lets its token do other things
    /// in this repository than pulling. On ghcr.io, likely, where a token was given and the registry then answers 403.
    ///
    /// ## What to do
    /// On GitHub: the scope `read:packages`, single sign-on authorised for the organisation, and for workflows the
    /// repository under "Manage Actions access" in the settings of the package. On GitLab: `read_registry`, and for jobs
    /// the project's list of who may use its job token.
    ///
    /// ## References
    /// getwud/wud#600; cirruslabs/gitlab-tart-executor#101; microsoft/vscode-docker#3199
    "token-scope-too-narrow" in Authentication, instead_of: ["token-grants-nothing", "iam-denied"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let story = story_of_user(case).filter(|_| is_granted_too_little(case))?;
    let (id, response) = refused_credentials(case)?;
    let host = case.reference().registry();
    let title = "the login is good, but does not allow pulling this repository";
    let finding = Finding::error(ExitStatus::Denied, title, id, case.words(id));
    let finding = if speaks_of_narrow_scope(response) {
        finding
            .cause(format!("{} says that what was given as the password has not the scope for this.", case.host_of(id)))
    } else if let Some((token, actions)) = granted_instead(case) {
        finding
            .because(token, story.token_shape.clone().unwrap_or_default())
            .cause(format!("A token was given for this repository. It allows {actions}, and not pull."))
    } else {
        finding.likely().cause(format!(
            "{host} took the credentials and gave a token, and answers {} for this repository. Most likely their scope \
             does not reach it, or this user may not see it.",
            response.status
        ))
    };
    Some(match host.name() {
        "ghcr.io" => finding
            .fix("Give the personal access token the scope read:packages, and authorise it for the organisation (SSO).")
            .fix("In a workflow: add the repository under Manage Actions access, in the settings of the package."),
        _ => finding
            .fix("Use a token that may pull from this repository; on GitLab, one with the scope read_registry.")
            .fix("Ask the owner of the repository for the right to pull."),
    })
}

/// Whether the credentials were taken and do not reach this repository, as far as that can be told.
fn is_granted_too_little(case: &Case<'_>) -> bool {
    let Some((id, response)) = refused_credentials(case) else { return false };
    let given = matches!(case.authentication().outcome, Outcome::Accepted | Outcome::Rejected);
    let by_ghcr = || {
        let own = Origin::of(&case.journal().get(id).request.url).is_some_and(|origin| origin.host() == "ghcr.io");
        given && own && response.status == 403 && case.authentication().token.is_some()
    };
    speaks_of_narrow_scope(response) || granted_instead(case).is_some() || by_ghcr()
}

/// What the token allows in this repository, where that is something, and not pulling.
fn granted_instead(case: &Case<'_>) -> Option<(ExchangeId, String)> {
    let story = case.authentication();
    let actions = story.token_claims.as_ref()?.actions.as_ref()?;
    let pulls = actions.iter().any(|action| matches!(action.as_str(), "pull" | "*"));
    let listed = actions.iter().take(4).map(|action| action.quoted_within(20)).collect::<Vec<_>>().join(", ");
    (!actions.is_empty() && !pulls && story.outcome == Outcome::Rejected).then_some((story.token?, listed))
}
