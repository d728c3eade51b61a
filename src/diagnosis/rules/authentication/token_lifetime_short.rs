use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// Tokens do not last long enough for a large pull.
    ///
    /// ## What it means
    /// Clients count on a token for 60 seconds, whatever its service says, because the specification asks for that much.
    /// Where tokens end earlier, small images can be pulled, and the layers of larger ones come back 401 in the middle.
    ///
    /// ## How it is recognised
    /// The image is served, and `expires_in` of the token is less than 60.
    ///
    /// ## What to do
    /// The operator has the token service give tokens for a minute at least; five minutes are usual.
    ///
    /// ## References
    /// distribution, token authentication specification (`expires_in`); distribution/distribution#979
    "token-lifetime-short" in Authentication
}

/// What clients count on, in seconds (distribution token specification; distribution, registry/client/auth).
const COUNTED_ON: u64 = 60;

fn examine(case: &Case<'_>) -> Option<Finding> {
    let story = case.authentication();
    let token = story.token.filter(|_| case.served().is_some())?;
    let seconds = story.token_lifetime.filter(|&seconds| seconds < COUNTED_ON)?;
    let service = case.host_of(token);
    let finding = Finding::warning(format!("tokens last {seconds} s only"), token, format!("expires_in: {seconds}"))
        .cause(format!(
            "{service} gives tokens for {seconds} s. Docker counts on {COUNTED_ON} s, so a pull that takes longer than \
             {seconds} s gets 401 for its later layers."
        ))
        .fix(format!("Tell the operator of {service} to let tokens last {COUNTED_ON} s at least; 300 s are usual."));
    Some(finding)
}
