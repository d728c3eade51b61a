use super::{Pair, pairs};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::error_entries;

rule! {
    /// Clients that ask by HEAD do not see why they are refused.
    ///
    /// ## What it means
    /// An answer to HEAD has no body, and the body is where registries say why. A client that stops there reports a
    /// bare status, such as "403 Forbidden", for an expired password, a rule about networks or a policy alike.
    ///
    /// ## How it is recognised
    /// The pull fails, GET says why, and the status of HEAD does not: it is another one, or 400, 403 or a failure of the
    /// server, which can mean many things.
    ///
    /// ## What to do
    /// Nothing about HEAD: look at the cause that GET names. Ask by GET wherever a client reports a bare status.
    ///
    /// ## References
    /// RFC 9110 §9.3.2; awslabs/amazon-ecr-credential-helper#679; bazel-contrib/rules_oci#720; containerd/containerd#8969
    "head-hid-the-reason" in Head
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let Pair { head, get, by_head, .. } = pairs(case).into_iter().find(|pair| hides(case, pair))?;
    let status = by_head.status;
    let finding = Finding::info("clients that ask by HEAD do not see the reason", head, format!("HEAD {status}"))
        .because(get, case.words(get))
        .cause(format!(
            "HEAD is answered with a bare {status}, because an answer to it has no body. A client that stops there \
             reports that status alone; GET is told the reason."
        ));
    Some(finding)
}

/// Whether the pull fails and GET was told what the status of HEAD does not tell.
pub(super) fn hides(case: &Case<'_>, pair: &Pair<'_>) -> bool {
    let (head, get) = (pair.by_head.status, pair.by_get.status);
    let told = || error_entries(pair.by_get).iter().any(|entry| !entry.message.as_str().is_empty());
    let says_little = head != get || matches!(head, 400 | 403 | 500..);
    case.refusal().is_some() && head >= 400 && get >= 400 && says_little && told()
}
