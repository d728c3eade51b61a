use super::allowance::is_counted_by_address;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{CredentialUse, Outcome};

rule! {
    /// Docker Hub counts an authenticated pull as anonymous
    ///
    /// ## What it means
    /// With a login, pulls count toward the account, which has its own limit. Here, they count toward the address, like
    /// anonymous pulls: the login does not help against the limit.
    ///
    /// ## How it is recognised
    /// Credentials were given and accepted, but `docker-ratelimit-source` is an address. For an account, it is the
    /// account's ID.
    ///
    /// ## What to do
    /// Check whether something between this machine and Docker Hub sends your requests without the credentials: a
    /// mirror, a cache, a proxy. Container engines and builders have their own settings for that.
    ///
    /// ## References
    /// docker/hub-feedback#2505; docker/docs#13499; containerd/containerd#7064
    "credential-not-counted" in Authorization
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let authentication = case.authentication();
    if authentication.credential == CredentialUse::Anonymous || authentication.outcome != Outcome::Accepted {
        return None;
    }
    let (id, _) = is_counted_by_address(case).filter(|&(_, by_address)| by_address)?;
    let title = "Docker Hub counts this pull by address, not by account";
    let finding = Finding::warning(title, id, "docker-ratelimit-source is an address")
        .cause(
            "The credentials were accepted, but the pull counts as anonymous, toward a limit that all clients with \
             this address share.",
        )
        .fix(
            "Check whether a mirror, cache or proxy sends your requests without the credentials, and configure them \
             there.",
        );
    Some(finding)
}
