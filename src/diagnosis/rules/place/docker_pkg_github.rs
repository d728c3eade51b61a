use super::GENERAL;
use super::successor::moved_away;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// GitHub has another registry by now.
    ///
    /// ## What it means
    /// `docker.pkg.github.com` was the first registry of GitHub, and `ghcr.io` took its place. Images were moved there,
    /// most of them under the same path.
    ///
    /// ## How it is recognised
    /// The image is not there, and `ghcr.io` serves the same path and tag.
    ///
    /// ## What to do
    /// Use `ghcr.io`, and log in there: it is another host to credential stores.
    ///
    /// ## References
    /// containerd/containerd#3291; containerd/containerd#4521
    "docker-pkg-github" in Place, instead_of: GENERAL
}

pub(super) fn examine(case: &Case<'_>) -> Option<Finding> {
    moved_away(case, RULE.name)
}
