use super::GENERAL;
use super::successor::moved_away;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// Bitnami took the versions of its images away from where they were.
    ///
    /// ## What it means
    /// Since the end of September 2025, `bitnami/…` on Docker Hub has few tags left, mostly `latest`. The versions were
    /// put under `bitnamilegacy/…`, where they get no updates any more; the oldest were not copied.
    ///
    /// ## How it is recognised
    /// The image is below `bitnami/` on Docker Hub and is not there, and the same tag is served below `bitnamilegacy/`.
    /// Where it is not, this is only mentioned.
    ///
    /// ## What to do
    /// Use `bitnamilegacy/…` to go on for now, and plan for another image: nobody mends faults in it.
    ///
    /// ## References
    /// bitnami/charts#35164; bitnami/charts#36229; bitnami/containers#83267
    "bitnami-moved" in Place, instead_of: GENERAL
}

pub(super) fn examine(case: &Case<'_>) -> Option<Finding> {
    moved_away(case, RULE.name)
}
