use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::{Exchange, Observation, Response};

rule! {
    /// HEAD and GET are answered differently.
    ///
    /// ## What it means
    /// The two should differ in nothing but the body. Docker, containerd and others find out by HEAD which digest a tag
    /// has, and fetch it by GET; where HEAD fails, some stop, and where it names something else, they fetch that.
    ///
    /// ## How it is recognised
    /// The same address and `Accept` by both methods: another status, type or digest. Limits on requests, missing
    /// logins and connections that failed are left out, because they may change from one request to the next.
    ///
    /// ## What to do
    /// Whoever runs the registry, or the proxy in front of it, has to see that HEAD is answered as GET is.
    ///
    /// ## References
    /// RFC 9110 §9.3.2; distribution-spec, checking if content exists; containerd/containerd#5860
    "head-get-disagree" in Head
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let mut pairs = case.matrix().pairs.iter();
    let (head, get, by_head, by_get) = pairs.find_map(|&(head, get)| {
        let (by_head, by_get) = difference(case.journal().get(head), case.journal().get(get))?;
        Some((head, get, by_head, by_get))
    })?;
    let finding = Finding::warning("HEAD and GET are answered differently", head, format!("HEAD {by_head}"))
        .because(get, format!("GET {by_get}"))
        .cause(format!(
            "HEAD is answered with {by_head}, GET with {by_get}. Docker and containerd find out the digest of a \
             tag by HEAD; where it fails, some clients stop."
        ))
        .fix("Whoever runs the registry, or the proxy in front of it, has to see that HEAD is answered as GET is.");
    Some(finding)
}

/// What differs, by each method.
fn difference(head: &Exchange, get: &Exchange) -> Option<(String, String)> {
    let (by_head, by_get) = (head.response.as_ref()?, get.response.as_ref()?);
    let passing = |response: &Response| matches!(response.status, 401 | 407 | 429);
    if head.failure.is_some() || get.failure.is_some() || passing(by_head) || passing(by_get) {
        return None;
    }
    if by_head.status != by_get.status {
        return Some((by_head.status.to_string(), by_get.status.to_string()));
    }
    let (head, get) = (Observation::of(head)?, Observation::of(get)?);
    let served = |response: &Response| response.served_type().map(|served| served.printable_within(100));
    let (head_type, get_type) = (served(by_head)?, served(by_get)?);
    if head_type != get_type {
        return Some((head_type, get_type));
    }
    let (head_digest, get_digest) = (head.announced?, get.announced?);
    (head_digest != get_digest).then(|| (head_digest.to_string(), get_digest.to_string()))
}
