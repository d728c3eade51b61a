use super::allowance::is_counted_by_address;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{CredentialUse, Outcome};

rule! {
    /// Credentials were sent, and Docker Hub counts the pull as an anonymous one.
    ///
    /// ## What it means
    /// With a login, pulls are counted for the account, which has a limit of its own. Here they are counted for the
    /// address, as if nobody had logged in: the login does not help against the limit.
    ///
    /// ## How it is recognised
    /// Credentials were given and taken, and `docker-ratelimit-source` is an address all the same. Of an account it is
    /// the id.
    ///
    /// ## What to do
    /// See whether something between here and Docker Hub asks in your place without them: a mirror, a cache, a proxy.
    /// Container engines and builders have settings of their own for that.
    ///
    /// ## References
    /// docker/hub-feedback#2505; docker/docs#13499; containerd/containerd#7064
    "credential-not-counted" in Authorization
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let story = case.authentication();
    if story.credential == CredentialUse::Anonymous || story.outcome != Outcome::Accepted {
        return None;
    }
    let (id, _) = is_counted_by_address(case).filter(|&(_, by_address)| by_address)?;
    let title = "Docker Hub counts this pull for the address, and not for the account";
    let finding = Finding::warning(title, id, "docker-ratelimit-source is an address")
        .cause(
            "The credentials were taken, but the pull is counted as an anonymous one, in a limit that everybody behind \
             this address shares.",
        )
        .fix("See whether a mirror, cache or proxy asks in your place without the credentials, and give them to it.");
    Some(finding)
}
