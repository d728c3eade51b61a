use super::is_policy;
use crate::diagnosis::rule::rule;
use crate::diagnosis::rules::authentication::{speaks_of_expired_credentials, speaks_of_permission};
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{CredentialUse, ExchangeId, Response, error_entries};

rule! {
    /// The registry refuses access.
    ///
    /// ## What it means
    /// Most often whoever asks has no right to pull. But a 403 also comes from network rules, from filters in front of
    /// a registry, with credentials that have expired, and from some registries for what does not exist.
    ///
    /// ## How it is recognised
    /// A 403 that nothing more particular explains, or a token service that names the missing permission.
    ///
    /// ## What to do
    /// Read the registry's words. Ask the owner for the right to pull, check the spelling, and try without credentials
    /// if there were any: a public image is refused to those who bring bad ones.
    ///
    /// ## References
    /// distribution-spec, error codes (DENIED); Azure/acr#633; google/go-containerregistry#1691
    "iam-denied" in Authorization
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, response) = refused(case)?;
    let host = case.host_of(id);
    let finding = Finding::error(ExitStatus::Denied, format!("{host} refuses access"), id, case.words(id));
    if by_address(response) {
        return Some(
            finding
                .cause(format!("{host} only answers certain addresses, and yours as it sees it is not among them."))
                .fix("Have this address allowed in the registry's network rules, or ask from an allowed network."),
        );
    }
    let given = case.authentication().credential == CredentialUse::Given;
    let expired = if given { ", credentials that have expired" } else { "" };
    let finding = finding
        .likely()
        .cause(format!(
            "Most likely whoever asks has no right to pull this. It can also be a rule about networks or countries, a \
             filter in front of the registry{expired}, or a name that does not exist."
        ))
        .fix("Check the spelling, and ask the owner of the repository for the right to pull.");
    let reference = case.reference().input();
    Some(if given {
        finding.fix_with("See whether it is public:", &["ociscope", "probe", "--anonymous", reference])
    } else {
        let login = ["ociscope", "probe", "--username", "NAME", "--password-stdin", reference];
        finding.fix_with("Ask as a user who may pull it; the password is read from standard input.", &login)
    })
}

fn refused<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Response)> {
    let plain = |(_, response): &(ExchangeId, &Response)| {
        response.status == 403 && !is_policy(response) && !speaks_of_expired_credentials(response)
    };
    let given = case.authentication().credential == CredentialUse::Given && case.served().is_none();
    let by_token_service =
        || case.token_answer().filter(|answer| given && plain(answer) && speaks_of_permission(answer.1));
    case.refusal().filter(plain).or_else(by_token_service)
}

/// Whether the refusal names the address of the client, as Azure's firewall does.
fn by_address(response: &Response) -> bool {
    error_entries(response).iter().any(|entry| entry.message.as_str().contains("client with IP"))
}
