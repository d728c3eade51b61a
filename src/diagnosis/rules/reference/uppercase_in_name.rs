use super::{corrected, refusal};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// Repository name contains upper-case letters
    ///
    /// ## What it means
    /// Repository names are lower case, and every client rejects others before it sends a request. Names of GitHub
    /// accounts and repositories may have upper case, and get into references through `${{ github.repository }}`. Hosts
    /// may be in any case, and tags keep theirs: `V1` and `v1` are two tags.
    ///
    /// ## How it is recognised
    /// From the input. ociscope requests the lower-case name with the unchanged tag instead.
    ///
    /// ## What to do
    /// Write host and repository in lower case, and keep the tag as it is.
    ///
    /// ## References
    /// distribution-spec, pulling manifests; actions/starter-workflows#430; macbre/push-to-ghcr#24
    "uppercase-in-name" in Reference
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let finding = corrected(case, refusal(case, true)?, "the repository name contains upper-case letters")?;
    Some(
        finding.fix(
            "In a GitHub workflow, convert the name to lower case: ${GITHUB_REPOSITORY,,} or docker/metadata-action.",
        ),
    )
}
