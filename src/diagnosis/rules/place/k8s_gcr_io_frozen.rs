use super::GENERAL;
use super::successor::{history, moved_away, place};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// k8s.gcr.io is frozen; new images are on registry.k8s.io
    ///
    /// ## What it means
    /// `k8s.gcr.io` was frozen on 3 April 2023, and so was `gcr.io/google-containers`, for which it was an alias.
    /// Existing images may still be served through a redirect. Newer versions are only on `registry.k8s.io`.
    ///
    /// ## How it is recognised
    /// The request goes to the frozen registry. It is an error only if the image is not served there and
    /// `registry.k8s.io` serves it.
    ///
    /// ## What to do
    /// Use `registry.k8s.io` with the same path.
    ///
    /// ## References
    /// kubernetes/kubernetes#109938; kubernetes-sigs/kubespray#6722; cmliu/CF-Workers-docker.io#101
    "k8s-gcr-io-frozen" in Place, instead_of: GENERAL
}

pub(super) fn examine(case: &Case<'_>) -> Option<Finding> {
    let Some((id, observation)) = case.served() else {
        return moved_away(case, RULE.name, ExitStatus::NotFound);
    };
    let place = place(case, RULE.name)?;
    let title = "the image is from a frozen registry that gets no new images";
    Some(Finding::info(title, id, format!("200 {}", observation.served.as_str())).cause(history(place)))
}
