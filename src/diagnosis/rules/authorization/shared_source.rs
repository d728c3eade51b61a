use super::allowance::{is_counted_by_address, nearly_used};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding, Word, words};
use crate::evidence::CredentialUse;

rule! {
    /// Docker Hub pull limit of a shared address is nearly used up
    ///
    /// ## What it means
    /// Anonymous pulls are counted by address. A whole company, or the machines of a cloud or CI service, may share one
    /// address; for IPv6, a network of 64 bits counts as one. So other clients may use up the limit.
    ///
    /// ## How it is recognised
    /// Docker Hub serves the image, less than a tenth of the limit is left, and `docker-ratelimit-source` is an
    /// address. The address is not shown, because it is the client's own.
    ///
    /// ## What to do
    /// Log in, so that pulls are counted by account. Or pull through a cache or a mirror.
    ///
    /// ## References
    /// https://docs.docker.com/docker-hub/usage/; docker/hub-feedback#2505; docker/docs#22134
    "shared-source" in Authorization
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let allowance = nearly_used(case)?;
    let (source, by_address) = is_counted_by_address(case)?;
    if !by_address {
        return None;
    }
    let anonymous = case.authentication().credential == CredentialUse::Anonymous;
    let title = "Docker Hub pull limit for this address is nearly used up";
    let finding = Finding::warning(title, allowance.exchange, allowance.quote(case))
        .because(source, "docker-ratelimit-source is an address")
        .cause(format!(
            "{} are left for your address and all clients that share it. This pull succeeds; once the limit is used \
             up, Docker Hub returns 429.",
            allowance.words()
        ));
    let finding = if anonymous {
        let command =
            words!["ociscope", "probe", "--username", "NAME", "--password-stdin", Word::input(case.reference())];
        finding.fix_with("Log in, because an account has its own limit:", command)
    } else {
        finding
    };
    Some(finding.fix("Pull through a cache or a mirror."))
}
