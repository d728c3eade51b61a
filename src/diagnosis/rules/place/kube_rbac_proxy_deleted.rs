use super::GENERAL;
use super::successor::moved_away;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// The image kube-rbac-proxy of Kubebuilder was deleted.
    ///
    /// ## What it means
    /// Many operators were made from a template that names `gcr.io/kubebuilder/kube-rbac-proxy`. The repository was
    /// deleted in March 2026, after years of notice. A mirror may go on having it for a while, which does not mean that
    /// the source does.
    ///
    /// ## How it is recognised
    /// The image is that one and is not there. Its two other homes are asked for the same tag.
    ///
    /// ## What to do
    /// Use `registry.k8s.io/kubebuilder/kube-rbac-proxy` or `quay.io/brancz/kube-rbac-proxy`, or do without it:
    /// controller-runtime can protect metrics itself.
    ///
    /// ## References
    /// mercari/spanner-autoscaler#212; kubero-dev/kubero#735; openshift/release#75890
    "kube-rbac-proxy-deleted" in Place, instead_of: GENERAL
}

pub(super) fn examine(case: &Case<'_>) -> Option<Finding> {
    moved_away(case, RULE.name)
}
