use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// Tokens expire too soon for a large pull
    ///
    /// ## What it means
    /// Clients rely on a token for 60 seconds, whatever its service says, because the specification requires that
    /// minimum. If tokens expire earlier, small images can be pulled, but the later layers of large ones get 401.
    ///
    /// ## How it is recognised
    /// The image is served, and `expires_in` of the token is less than 60.
    ///
    /// ## What to do
    /// The operator has to set the token lifetime to at least one minute; five minutes are usual.
    ///
    /// ## References
    /// distribution, token authentication specification (`expires_in`); distribution/distribution#979
    "token-lifetime-short" in Authentication
}

/// The lifetime that clients rely on, in seconds (distribution token specification; distribution,
/// registry/client/auth).
const RELIED_ON: u64 = 60;

fn examine(case: &Case<'_>) -> Option<Finding> {
    let authentication = case.authentication();
    let token = authentication.token.filter(|_| case.served().is_some())?;
    let seconds = authentication.token_lifetime.filter(|&seconds| seconds < RELIED_ON)?;
    let service = case.host_of(token);
    let finding = Finding::warning(format!("tokens expire after {seconds} s"), token, format!("expires_in: {seconds}"))
        .cause(format!(
            "{service} issues tokens for {seconds} s. Docker relies on {RELIED_ON} s, so a pull that takes longer \
             than {seconds} s gets 401 for its later layers."
        ))
        .fix(format!("Ask the operator of {service} to issue tokens for at least {RELIED_ON} s; 300 s are usual."));
    Some(finding)
}
