use super::{corrected, refusal};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// Input is not an image reference
    ///
    /// ## What it means
    /// Clients report `invalid reference format` and nothing more. Often a variable was empty, so that a colon or two
    /// slashes have nothing before or between them; or quotation marks, whitespace or a web address were copied along.
    ///
    /// ## How it is recognised
    /// From the input alone, without a request. ociscope requests the reference that was probably meant instead.
    ///
    /// ## What to do
    /// Use the suggested reference, and look for the empty variable.
    ///
    /// ## References
    /// distribution-spec, pulling manifests; moby/moby#25599; openwrt/docker#84; Azure/draft-classic#830
    "not-a-reference" in Reference
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    corrected(case, refusal(case, false)?, "the input is not an image reference")
}
