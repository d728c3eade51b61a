use super::{Pair, pairs};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::error_entries;

rule! {
    /// HEAD response hides the reason for the refusal
    ///
    /// ## What it means
    /// A HEAD response has no body, and the body is where registries give the reason. A client that stops there reports
    /// a bare status, such as "403 Forbidden", whether the reason is an expired password, a network rule or a policy.
    ///
    /// ## How it is recognised
    /// The pull fails, the GET response gives the reason, and the status of HEAD does not: it differs from that of GET,
    /// or it is 400, 403 or a server error, which can mean many things.
    ///
    /// ## What to do
    /// Nothing about HEAD: follow the reason in the GET response. If a client reports a bare status, send a GET to see
    /// the reason.
    ///
    /// ## References
    /// RFC 9110 §9.3.2; awslabs/amazon-ecr-credential-helper#679; bazel-contrib/rules_oci#720;
    /// containerd/containerd#8969
    "head-hid-the-reason" in Head
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let Pair { head, get, by_head, .. } = pairs(case).into_iter().find(|pair| hides(case, pair))?;
    let status = by_head.status;
    let finding = Finding::info("clients that use HEAD do not see the reason", head, status.to_string())
        .because(get, case.words(get))
        .cause(format!(
            "HEAD returns a bare {status}, because a HEAD response has no body. A client that stops there reports only \
             that status; the GET response gives the reason."
        ));
    Some(finding)
}

/// Returns `true` if the pull fails for a reason that only the GET response gives.
pub(super) fn hides(case: &Case<'_>, pair: &Pair<'_>) -> bool {
    let (head, get) = (pair.by_head.status, pair.by_get.status);
    let has_reason = || error_entries(pair.by_get).iter().any(|entry| !entry.message.as_str().is_empty());
    let is_vague = head != get || matches!(head, 400 | 403 | 500..);
    case.refusal().is_some() && head >= 400 && get >= 400 && is_vague && has_reason()
}
