use super::GENERAL;
use super::successor::moved_away;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// The official image of Docker Hub is no longer made.
    ///
    /// ## What it means
    /// Some official images ended: their publisher goes on under a name of its own, or another image takes their place.
    /// Old tags mostly stay, newer ones and sometimes `latest` are not there.
    ///
    /// ## How it is recognised
    /// The image is one of those that are known to have ended and has no such tag, and the same tag is served by what
    /// took its place. Where it is not, this is only mentioned.
    ///
    /// ## What to do
    /// Use the image that took its place.
    ///
    /// ## References
    /// hashicorp/vault#26805; docker-library/official-images#14949; docker-library/openjdk#505
    "official-image-retired" in Place, instead_of: GENERAL
}

pub(super) fn examine(case: &Case<'_>) -> Option<Finding> {
    moved_away(case, RULE.name)
}
