use super::{mended, refusal};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// What was typed is not a reference.
    ///
    /// ## What it means
    /// Clients say `invalid reference format` and no more. Often a variable was empty, so that nothing stands in front of
    /// a colon or between two slashes; or quotation marks, white space or a web address came along.
    ///
    /// ## How it is recognised
    /// By what was typed, without any request. What was probably meant is asked for in its place.
    ///
    /// ## What to do
    /// Write the reference as it is suggested, and look for the variable that was empty.
    ///
    /// ## References
    /// distribution-spec, pulling manifests; moby/moby#25599; openwrt/docker#84; Azure/draft-classic#830
    "not-a-reference" in Reference
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    mended(case, refusal(case, false)?, "what was typed is not a reference")
}
