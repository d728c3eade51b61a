use super::{mended, refusal};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// The repository is written with capital letters.
    ///
    /// ## What it means
    /// Repositories are written in lower case, and every client refuses others before it asks anybody. Names of GitHub
    /// accounts and projects may have capitals, and get into references through `${{ github.repository }}`. Hosts may
    /// be in any case, and tags keep theirs: `V1` and `v1` are two tags.
    ///
    /// ## How it is recognised
    /// By what was typed. The same in lower case, with the tag as it was, is asked for in its place.
    ///
    /// ## What to do
    /// Write host and repository in lower case, and leave the tag as it is.
    ///
    /// ## References
    /// distribution-spec, pulling manifests; actions/starter-workflows#430; macbre/push-to-ghcr#24
    "uppercase-in-name" in Reference
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let finding = mended(case, refusal(case, true)?, "the repository has capital letters")?;
    Some(finding.fix(
        "In a workflow of GitHub, the shell makes lower case of it: ${GITHUB_REPOSITORY,,} or docker/metadata-action.",
    ))
}
