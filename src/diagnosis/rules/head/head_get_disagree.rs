use super::head_hid_the_reason::hides;
use super::head_not_supported::refuses_head;
use super::{Pair, pairs};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::Response;

rule! {
    /// HEAD and GET are answered differently.
    ///
    /// ## What it means
    /// The two should differ in nothing but the body. Docker, containerd and others find out by HEAD which digest a tag
    /// has, and fetch it by GET; where HEAD fails, some stop, and where it names something else, they fetch that.
    ///
    /// ## How it is recognised
    /// The same address and `Accept` by both methods: another status, type or digest, and it is not that HEAD alone is
    /// refused or hides a reason. Limits on requests, missing logins and connections that failed are left out, because
    /// they may change from one request to the next.
    ///
    /// ## What to do
    /// Whoever runs the registry, or the proxy in front of it, has to see that HEAD is answered as GET is.
    ///
    /// ## References
    /// RFC 9110 §9.3.2; distribution-spec, checking if content exists; containerd/containerd#5860
    "head-get-disagree" in Head
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let disagrees = |pair: Pair<'_>| Some((pair.head, pair.get, difference(case, &pair)?));
    let (head, get, (by_head, by_get)) = pairs(case).into_iter().find_map(disagrees)?;
    let finding = Finding::warning("HEAD and GET are answered differently", head, format!("HEAD {by_head}"))
        .because(get, format!("GET {by_get}"))
        .cause(format!(
            "HEAD is answered with {by_head}, GET with {by_get}. Docker and containerd find out the digest of a \
             tag by HEAD; where it fails, some clients stop."
        ))
        .fix("Whoever runs the registry, or the proxy in front of it, has to see that HEAD is answered as GET is.");
    Some(finding)
}

/// What differs, by each method, where no other rule of this family has a word for it.
fn difference(case: &Case<'_>, pair: &Pair<'_>) -> Option<(String, String)> {
    let &Pair { head, get, by_head, by_get } = pair;
    if refuses_head(pair) || hides(case, pair) {
        return None;
    }
    if by_head.status != by_get.status {
        return Some((by_head.status.to_string(), by_get.status.to_string()));
    }
    let observed = |id| case.journal().observation(id);
    let (head, get) = (observed(head)?, observed(get)?);
    let served = |response: &Response| response.served_type().map(|served| served.named_within(100));
    let (head_type, get_type) = (served(by_head)?, served(by_get)?);
    if head_type != get_type {
        return Some((head_type, get_type));
    }
    let (head_digest, get_digest) = (head.announced.as_ref()?, get.announced.as_ref()?);
    (head_digest != get_digest).then(|| (head_digest.to_string(), get_digest.to_string()))
}
