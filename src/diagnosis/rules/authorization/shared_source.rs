use super::allowance::{is_counted_by_address, nearly_used};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding, Word, words};
use crate::evidence::CredentialUse;

rule! {
    /// Docker Hub's limit on pulls is nearly used up by everybody who has the same address.
    ///
    /// ## What it means
    /// Anonymous pulls are counted by address. Behind one address there may be a whole company, the machines of a cloud
    /// or of a CI service; for IPv6 it is the network of 64 bits. So the limit may be used up by somebody else.
    ///
    /// ## How it is recognised
    /// Docker Hub serves the image, less than a tenth of the limit is left, and `docker-ratelimit-source` is an
    /// address. It is not shown: it is the address of whoever asked.
    ///
    /// ## What to do
    /// Log in: then pulls are counted for the account. Or pull through a cache or a mirror.
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
    let title = "the limit on pulls from Docker Hub is nearly used up for this address";
    let finding = Finding::warning(title, allowance.exchange, allowance.quote(case))
        .because(source, "docker-ratelimit-source is an address")
        .cause(format!(
            "{} are left for the address that you share with everybody behind it. This one succeeds; when none is left, \
             Docker Hub answers 429.",
            allowance.words()
        ));
    let finding = if anonymous {
        let command =
            words!["ociscope", "probe", "--username", "NAME", "--password-stdin", Word::input(case.reference())];
        finding.fix_with("Log in: an account has a limit of its own.", command)
    } else {
        finding
    };
    Some(finding.fix("Pull through a cache or a mirror."))
}
