use super::GENERAL;
use super::successor::{moved_away, place, told};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// The old registry of Kubernetes gets nothing new.
    ///
    /// ## What it means
    /// `k8s.gcr.io` was frozen on 3 April 2023, and so was what it stood for, `gcr.io/google-containers`. What was there
    /// may still be served, by sending requests on. Versions that are newer are at `registry.k8s.io` only.
    ///
    /// ## How it is recognised
    /// The image is asked for there. It is a fault only where it is not served and `registry.k8s.io` does serve it.
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
    let title = "it is served by a registry that gets nothing new";
    Some(Finding::info(title, id, format!("200 {}", observation.served.as_str())).cause(told(place)))
}
